import type { QuitAnswer } from './quit-question.ts'

export interface QuitFlowOptions {
  /** Whether anything has to end in order before the app may. */
  isBusy: () => boolean
  /** Asks the person where others would be cut off. */
  askUser: () => Promise<QuitAnswer>
  /** Ends what has to end in order. */
  shutDown: () => Promise<void>
  /** The window, put away or brought back. */
  hide: () => void
  show: () => void
  quit: () => void
}

/** Between "quit" and the end of the app: one question at most, then the hub ends in order, then the app. */
export class QuitFlow {
  readonly #options: QuitFlowOptions
  #isAsking = false
  #isShuttingDown = false
  #isDone = false
  #shouldAsk = true

  constructor(options: QuitFlowOptions) {
    this.#options = options
  }

  /** The system itself goes down: nobody is asked, and there is little time. */
  handleSystemShutdown(): void {
    this.#shouldAsk = false
  }

  /** Whether the app may end right now; if not, it ends by itself later, or stays. */
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
      // the window may have been the last that was closed
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
