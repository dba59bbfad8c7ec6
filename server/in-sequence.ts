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
