import type { QuitAnswer } from './quit.ts'

export interface LeavingOptions {
  /** Whether anything has to end in order before the app may. */
  isBusy: () => boolean
  /** Asks the person where others would be cut off. */
  ask: () => Promise<QuitAnswer>
  /** Ends what has to end in order. */
  end: () => Promise<void>
  /** The window, put away or brought back. */
  hide: () => void
  show: () => void
  quit: () => void
}

/** Between "quit" and the end of the app: one question at most, then the hub ends in order, then the app. */
export class Leaving {
  readonly #options: LeavingOptions
  #isAsking = false
  #isEnding = false
  #isOver = false
  #asks = true

  constructor(options: LeavingOptions) {
    this.#options = options
  }

  /** The system itself goes down: nobody is asked, and there is little time. */
  systemEnds(): void {
    this.#asks = false
  }

  /** Whether the app may end right now; if not, it ends by itself later, or stays. */
  mayQuit(): boolean {
    if (this.#isOver || !this.#options.isBusy()) return true
    if (!this.#isAsking && !this.#isEnding) void this.#decide()
    return false
  }

  async #decide(): Promise<void> {
    const { ask, hide, show } = this.#options
    if (this.#asks) {
      this.#isAsking = true
      const answer = await ask().finally(() => (this.#isAsking = false))
      if (answer === 'tray') return hide()
      // the window may have been the last that was closed
      if (answer === 'cancel') return show()
    }
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#isEnding = true
    try {
      await this.#options.end()
    } finally {
      this.#isOver = true
      this.#options.quit()
    }
  }
}
