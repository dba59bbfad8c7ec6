interface Waiting {
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Lends a number of places in the order of the calls. A long queue is no error: thousands of clients that come back at once
 * wait for their reads. Only if no place was given back for `stallMs` are those refused that wait.
 */
export class Places {
  readonly #stallMs: number
  readonly #createError: () => Error
  #free: number
  #waiting: Waiting[] = []
  #next = 0
  #stallTimer: ReturnType<typeof setTimeout> | undefined

  constructor(count: number, stallMs: number, createError: () => Error) {
    this.#free = count
    this.#stallMs = stallMs
    this.#createError = createError
  }

  take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ resolve, reject })
    if (!this.#stallTimer) this.#watch()
    return promise
  }

  giveBack(): void {
    const first = this.#waiting[this.#next]
    this.#stallTimer?.refresh()
    if (!first) {
      this.#free += 1
      return
    }
    this.#next += 1
    if (this.#next === this.#waiting.length) this.#clear()
    first.resolve()
  }

  /** Refuses all that wait now. */
  refuseWaiting(error: unknown): void {
    const waiting = this.#waiting.slice(this.#next)
    this.#clear()
    for (const { reject } of waiting) reject(error)
  }

  #watch(): void {
    this.#stallTimer = setTimeout(() => this.refuseWaiting(this.#createError()), this.#stallMs)
    this.#stallTimer.unref()
  }

  #clear(): void {
    this.#waiting = []
    this.#next = 0
    clearTimeout(this.#stallTimer)
    this.#stallTimer = undefined
  }
}
