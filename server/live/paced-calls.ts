/** Calls a function for each of many items, a part at a time: each call costs a read of the database. */
export class PacedCalls<T> {
  readonly #call: (item: T) => void
  readonly #perPart: number
  readonly #intervalMs: number
  #waiting: T[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(call: (item: T) => void, { perPart, intervalMs }: { perPart: number; intervalMs: number }) {
    this.#call = call
    this.#perPart = perPart
    this.#intervalMs = intervalMs
  }

  /** Begins with these, the first part at once; those that still wait from an earlier start are forgotten. */
  start(items: readonly T[]): void {
    this.#waiting = [...items]
    this.#callPart()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #callPart(): void {
    clearTimeout(this.#timer)
    for (const item of this.#waiting.splice(0, this.#perPart)) this.#call(item)
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#callPart(), this.#intervalMs).unref()
  }
}
