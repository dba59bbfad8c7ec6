/** Electron's powerSaveBlocker, of kind `prevent-app-suspension`. */
export interface PowerSaveBlocker {
  start(): number
  stop(id: number): void
}

/** Prevents sleep of the computer exactly as long as another user is connected. */
export class SleepBlocker {
  readonly #blocker: PowerSaveBlocker
  #id: number | undefined

  constructor(blocker: PowerSaveBlocker) {
    this.#blocker = blocker
  }

  update({ wanted, others }: { wanted: boolean; others: number }): void {
    const shouldBlock = wanted && others > 0
    if (shouldBlock && this.#id === undefined) this.#id = this.#blocker.start()
    if (!shouldBlock && this.#id !== undefined) {
      this.#blocker.stop(this.#id)
      this.#id = undefined
    }
  }
}
