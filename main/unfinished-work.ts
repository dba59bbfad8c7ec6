/** Work that the end of the app would cut off, so the user is asked first. */
export type WorkKind = 'backup' | 'restore' | 'save'

export class UnfinishedWork {
  readonly #running = new Map<Promise<unknown>, WorkKind>()
  #abort = new AbortController()

  get kinds(): WorkKind[] {
    return [...new Set(this.#running.values())]
  }

  /** `run` ends soon after its signal, and removes what is incomplete. */
  async run<T>(kind: WorkKind, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const work = run(this.#abort.signal)
    this.#running.set(work, kind)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }

  /** Resolves when nothing runs any more, with false if some of it has failed. */
  async settled(): Promise<boolean> {
    const ends = await Promise.allSettled(this.#running.keys())
    return ends.every(({ status }) => status === 'fulfilled')
  }

  /** The app ends. What runs later, because the user stays all the same, is not concerned. */
  abort(): void {
    this.#abort.abort()
    this.#abort = new AbortController()
  }
}
