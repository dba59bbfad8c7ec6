import type { Clock, TimerHandle } from '../../../renderer/connection/platform.ts'

/** Time that goes on only when the test says so. */
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

  /** Lets time pass; what is due runs in its order, and what each sets off is done before the next. */
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

  /** The machine sleeps: time passes and no timer runs before it is over. */
  sleep(ms: number): void {
    this.#now += ms
  }

  #nextUntil(end: number) {
    return this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
  }
}

/** Lets promises and the fake database do what they can do without time passing. */
export async function settle(rounds = 30): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise((done) => setImmediate(done))
}

/** Waits for what is expected, as long as something still moves. */
export async function waitUntil(condition: () => boolean, description = 'what was expected'): Promise<void> {
  for (let round = 0; round < 3000; round += 1) {
    if (condition()) return
    await new Promise((done) => setImmediate(done))
  }
  throw new Error(`it did not come to ${description}`)
}
