import type { Clock, Timer } from './surroundings.ts'

/** One timer that can be set anew: the last setting counts. */
export class Alarm {
  readonly #clock: Clock
  #timer: Timer

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isSet(): boolean {
    return this.#timer !== undefined
  }

  set(ms: number, run: () => void): void {
    this.clear()
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      run()
    }, ms)
  }

  /** Leaves it alone where it is set already: for "within a second", however often it is asked. */
  setOnce(ms: number, run: () => void): void {
    if (!this.isSet) this.set(ms, run)
  }

  clear(): void {
    if (this.#timer === undefined) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
