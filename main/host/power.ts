/** Electron's powerSaveBlocker, of kind `prevent-app-suspension`. */
export interface PowerBlocker {
  start(): number
  stop(id: number): void
}

/** Keeps the computer from falling asleep while somebody else is connected, and not a moment longer. */
export class KeepAwake {
  readonly #blocker: PowerBlocker
  #id: number | undefined

  constructor(blocker: PowerBlocker) {
    this.#blocker = blocker
  }

  update({ wanted, others }: { wanted: boolean; others: number }): void {
    const keep = wanted && others > 0
    if (keep && this.#id === undefined) this.#id = this.#blocker.start()
    if (!keep && this.#id !== undefined) {
      this.#blocker.stop(this.#id)
      this.#id = undefined
    }
  }
}
