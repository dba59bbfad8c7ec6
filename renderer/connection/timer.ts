import type { Clock, TimerHandle } from './platform.ts'

/** One timer that can be set anew: the last setting counts. */
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

  /** Leaves it alone where it is set already: for "within a second", however often it is asked. */
  setIfUnset(ms: number, run: () => void): void {
    if (!this.isSet) this.set(ms, run)
  }

  clear(): void {
    if (this.#handle === undefined) return
    this.#clock.clearTimeout(this.#handle)
    this.#handle = undefined
  }
}
