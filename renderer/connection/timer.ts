import type { Clock, TimerHandle } from './platform.ts'

/** A browser fires a timer of more than 24 days at once. */
const maxWaitMs = 24 * 60 * 60_000

/** A wait that a hub asks for. */
export function readWaitMs(ms: number): number {
  return Math.min(Math.max(0, ms), maxWaitMs)
}

/** A resettable timeout: the last setting counts. */
export class Timer {
  readonly #clock: Clock
  #handle: TimerHandle

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isSet(): boolean {
    return this.#handle !== undefined
  }

  set(ms: number, run: () => void): void {
    this.clear()
    this.#handle = this.#clock.setTimeout(() => {
      this.#handle = undefined
      run()
    }, ms)
  }

  /** Does nothing if the timer is set: for "within a second", no matter how often it is called. */
  setIfUnset(ms: number, run: () => void): void {
    if (!this.isSet) this.set(ms, run)
  }

  clear(): void {
    if (this.#handle === undefined) return
    this.#clock.clearTimeout(this.#handle)
    this.#handle = undefined
  }
}
