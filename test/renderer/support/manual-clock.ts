import type { Clock, TimerHandle } from '../../../renderer/connection/platform.ts'

/** A clock that advances only when the test says so. */
export class ManualClock implements Clock {
  #now = 1_800_000_000_000
  #timers: { at: number; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return timer
  }

  clearTimeout(timer: TimerHandle): void {
    this.#timers = this.#timers.filter((each) => each !== timer)
  }

  /** Advances the time. Due timers run in order, and the effects of each finish before the next. */
  async advance(ms: number): Promise<void> {
    await settle(3)
    const end = this.#now + ms
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#now = Math.max(this.#now, next.at)
      this.clearTimeout(next)
      next.run()
      await settle(3)
    }
    this.#now = end
  }

  /** The machine sleeps: time passes, and timers run only after it. */
  sleep(ms: number): void {
    this.#now += ms
  }

  #nextUntil(end: number) {
    return this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
  }
}

/** Runs pending promises and database work without advancing the clock. */
export async function settle(rounds = 30): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise((done) => setImmediate(done))
}

/** Waits for a condition while work is still pending. */
export async function waitUntil(condition: () => boolean, description = 'the condition'): Promise<void> {
  for (let round = 0; round < 3000; round += 1) {
    if (condition()) return
    await new Promise((done) => setImmediate(done))
  }
  throw new Error(`timed out waiting for: ${description}`)
}
