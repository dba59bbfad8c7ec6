/** Runs work one after the other for each key, in the order of the calls. */
export class InSequence {
  readonly #last = new Map<string, Promise<unknown>>()

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const result = before ? before.then(work, work) : work()
    this.#last.set(key, result)
    const forget = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key)
    }
    result.then(forget, forget)
    return result
  }
}

/** Remembers the last work of each key until it has settled. */
export class LastOf {
  readonly #last = new Map<string, Promise<unknown>>()

  note<T>(key: string, work: Promise<T>): Promise<T> {
    this.#last.set(key, work)
    const forget = (): void => {
      if (this.#last.get(key) === work) this.#last.delete(key)
    }
    work.then(forget, forget)
    return work
  }

  /** Resolves once that work has settled; undefined if it has. */
  settled(key: string): Promise<void> | undefined {
    return this.#last.get(key)?.then(
      () => undefined,
      () => undefined,
    )
  }
}
