import type { Clock, Log, Timer } from '../ports.ts'

/*
 * Checks for releases when the user requests it, or once a day if the user enabled that. Nothing is downloaded or
 * installed without a click. A hub never supplies a program: its owner must not be able to run code on every user's
 * machine.
 */

/** The part of electron-updater that is used. */
export interface Updater {
  /** Returns the version of a newer release, or undefined if this is the newest. */
  findNewerVersion(): Promise<string | undefined>
  download(): Promise<void>
  /** Installs what was downloaded; the app ends at once. */
  quitAndInstall(): void
}

export interface UpdatesOptions {
  updater: Updater
  clock: Clock
  log: Log
  isEnabled: () => boolean
  /** Asks the user whether to install it now. */
  confirmInstall: (version: string) => Promise<boolean>
  /**
   * Ends the hub in order, after the question that quitting asks. The installer does not wait for it. Resolves with
   * false if the user stays.
   */
  prepareQuit: () => Promise<boolean>
  /** Called only for a check by the user: this is the newest version, or the check failed. */
  showResult: (what: 'newest' | 'unreachable' | 'failed') => void
}

const dayMs = 24 * 60 * 60_000
/** A user who opens the app to write a message does not want a dialog first. */
const initialDelayMs = 60_000

export class UpdateChecker {
  readonly #options: UpdatesOptions
  #timer: Timer
  #offeredVersion: string | undefined
  #isBusy = false

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  /** Starts the automatic checks, while the setting is on. */
  start(): void {
    this.#scheduleCheck(initialDelayMs)
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  /** `isManual`: the user started the check and wants a result in any case. */
  async check(isManual: boolean): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await this.#runCheck(isManual)
    } finally {
      this.#isBusy = false
    }
  }

  async #runCheck(isManual: boolean): Promise<void> {
    const { updater, confirmInstall, showResult, prepareQuit, log } = this.#options
    let version: string | undefined
    try {
      version = await updater.findNewerVersion()
    } catch (error) {
      log.warn('the check for updates failed', { error })
      if (isManual) showResult('unreachable')
      return
    }
    if (version === undefined) {
      if (isManual) showResult('newest')
      return
    }
    // "later" holds until the next version, or until the user checks
    if (!isManual && version === this.#offeredVersion) return
    this.#offeredVersion = version
    if (!(await confirmInstall(version))) return
    try {
      await updater.download()
      if (await prepareQuit()) updater.quitAndInstall()
    } catch (error) {
      log.error('the update failed', { error })
      showResult('failed')
    }
  }

  #scheduleCheck(delayMs: number): void {
    const { clock, isEnabled } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.#scheduleCheck(dayMs)
      if (isEnabled()) void this.check(false)
    }, delayMs)
  }
}
