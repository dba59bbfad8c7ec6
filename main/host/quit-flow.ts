import type { QuitAnswer } from './quit-question.ts'

export interface QuitFlowOptions {
  /** True if something has to end in order before the app may. */
  isBusy: () => boolean
  /** Asks the user, since others would be disconnected. */
  askUser: () => Promise<QuitAnswer>
  /** Ends everything that has to end in order. Never rejects. */
  shutDown: () => Promise<void>
  /** Starts again what `shutDown` ended. */
  resume: () => void
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

  /** True once the system shuts down or the user logs out. */
  get isSystemEnding(): boolean {
    return !this.#shouldAsk
  }

  /** The user has agreed to the end: what runs is ended, and then the app. */
  get isEnding(): boolean {
    return this.#isShuttingDown || this.#isDone
  }

  /** The system shuts down: asks nothing, since there is little time. */
  handleSystemShutdown(): void {
    this.#shouldAsk = false
  }

  /** Returns true if the app may end now. Otherwise the app ends by itself later, or stays. */
  requestQuit(): boolean {
    if (this.#isDone || !this.#options.isBusy()) return true
    if (!this.#isAsking && !this.#isShuttingDown) {
      void this.prepare().then((isReady) => {
        if (isReady) this.#options.quit()
      })
    }
    return false
  }

  /** Asks the user and ends what has to end in order. Resolves with false if the app stays. */
  async prepare(): Promise<boolean> {
    if (this.#isDone || !this.#options.isBusy()) return true
    if (this.#isAsking || this.#isShuttingDown || !(await this.#mayQuit())) return false
    this.#isShuttingDown = true
    await this.#options.shutDown()
    this.#isShuttingDown = false
    this.#isDone = true
    return true
  }

  /** The page stays although the app was about to end: everything runs again. */
  cancel(): void {
    if (!this.#isDone) return
    this.#isDone = false
    this.#options.resume()
  }

  async #mayQuit(): Promise<boolean> {
    if (!this.#shouldAsk) return true
    const { askUser, hide, show } = this.#options
    this.#isAsking = true
    const answer = await askUser().finally(() => (this.#isAsking = false))
    if (answer === 'tray') hide()
    // the closed window may have been the last
    if (answer === 'cancel') show()
    return answer === 'quit'
  }
}
