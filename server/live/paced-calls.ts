/** A part that took long rests so many times as long: what else the process does comes first. */
const restFactor = 4

/** Calls a function for each of many items, a part at a time: each call costs a read of the database. */
export class PacedCalls<T> {
  readonly #call: (item: T) => Promise<void>
  readonly #perPart: number
  readonly #intervalMs: number
  #waiting: T[] = []
  #isRunning = false

  /** @param call never rejects */
  constructor(
    call: (item: T) => Promise<void>,
    { perPart, intervalMs }: { perPart: number; intervalMs: number },
  ) {
    this.#call = call
    this.#perPart = perPart
    this.#intervalMs = intervalMs
  }

  /** Begins with these, the first part at once; those that still wait from an earlier start are forgotten. */
  start(items: readonly T[]): void {
    this.#waiting = [...items]
    if (!this.#isRunning) void this.#run()
  }

  close(): void {
    this.#waiting = []
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      const startedAt = performance.now()
      await Promise.all(this.#waiting.splice(0, this.#perPart).map((item) => this.#call(item)))
      const tookMs = performance.now() - startedAt
      const restMs = Math.max(this.#intervalMs, restFactor * tookMs)
      if (this.#waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, restMs).unref())
    }
    this.#isRunning = false
  }
}
