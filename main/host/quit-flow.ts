import type { QuitAnswer } from './quit-question.ts'

export interface QuitFlowOptions {
  /** True if something has to end in order before the app may. */
  isBusy: () => boolean
  /** Asks the user, since others would be disconnected. */
  askUser: () => Promise<QuitAnswer>
  /** Ends everything that has to end in order. */
  shutDown: () => Promise<void>
  /** Hides the window, or shows it again. */
  hide: () => void
  show: () => void
  quit: () => void
}

/** From "quit" to the end of the app: at most one question, then the hub ends in order, then the app. */
export class QuitFlow {
  readonly #options: QuitFlowOptions
  #isAsking = false
  #isShuttingDown = false
  #isDone = false
  #shouldAsk = true

  constructor(options: QuitFlowOptions) {
    this.#options = options
  }

  /** The system shuts down: asks nothing, since there is little time. */
  handleSystemShutdown(): void {
    this.#shouldAsk = false
  }

  /** Returns true if the app may end now. Otherwise the app ends by itself later, or stays. */
  requestQuit(): boolean {
    if (this.#isDone || !this.#options.isBusy()) return true
    if (!this.#isAsking && !this.#isShuttingDown) void this.#confirmAndShutDown()
    return false
  }

  async #confirmAndShutDown(): Promise<void> {
    const { askUser, hide, show } = this.#options
    if (this.#shouldAsk) {
      this.#isAsking = true
      const answer = await askUser().finally(() => (this.#isAsking = false))
      if (answer === 'tray') return hide()
      // the closed window may have been the last
      if (answer === 'cancel') return show()
    }
    await this.#shutDown()
  }

  async #shutDown(): Promise<void> {
    this.#isShuttingDown = true
    try {
      await this.#options.shutDown()
    } finally {
      this.#isDone = true
      this.#options.quit()
    }
  }
}
