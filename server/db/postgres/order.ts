/**
 * The order of commits by stream. An operation that got a seq of a stream waits with its effects for the one that got the
 * seq before. That one has committed, since it held the row of the stream, but its response may come later.
 */
export class StreamOrder {
  readonly #last = new Map<string, CommitPlace>()

  /** Begins an attempt of an operation. */
  begin(): CommitPlace {
    return new CommitPlace(this.#last)
  }
}

export class CommitPlace {
  readonly #last: Map<string, CommitPlace>
  readonly #before = new Set<CommitPlace>()
  readonly #streams = new Set<string>()
  readonly #waiting: (() => void)[] = []
  #isSettled = false

  constructor(last: Map<string, CommitPlace>) {
    this.#last = last
  }

  /** The operation has got a seq of this stream. */
  note(stream: string): void {
    const before = this.#last.get(stream)
    if (before === this) return
    if (before) this.#before.add(before)
    this.#last.set(stream, this)
    this.#streams.add(stream)
  }

  /** Resolves when the effects of the operations before it have run. */
  async reached(): Promise<void> {
    for (const before of this.#before) if (!before.#isSettled) await before.#settled()
  }

  /** The effects have run, or there are none. */
  settle(): void {
    this.#isSettled = true
    for (const stream of this.#streams) if (this.#last.get(stream) === this) this.#last.delete(stream)
    for (const resolve of this.#waiting) resolve()
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
