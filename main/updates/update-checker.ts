import type { Clock, Log, Timer } from '../ports.ts'

/*
 * Releases are looked at when the person asks, or once a day when they have said so; nothing is fetched or installed
 * without a click. A hub is never asked for a program: whoever runs it must not be able to run code on everybody's machine.
 */

/** The part of electron-updater that is used. */
export interface Updater {
  /** The version of the newest release, or nothing when this is it. */
  findNewerVersion(): Promise<string | undefined>
  /** Fetches and installs it; the app ends. */
  install(): Promise<void>
}

export interface UpdatesOptions {
  updater: Updater
  clock: Clock
  log: Log
  isEnabled: () => boolean
  /** Asks whether to install it now. */
  confirmInstall: (version: string) => Promise<boolean>
  /** Only when the person asked: that this is the newest, or that it could not be found out. */
  showResult: (what: 'newest' | 'unreachable' | 'failed') => void
}

const dayMs = 24 * 60 * 60_000
/** Nobody who opens the app to write to somebody wants to be asked first. */
const initialDelayMs = 60_000

export class UpdateChecker {
  readonly #options: UpdatesOptions
  #timer: Timer
  #offeredVersion: string | undefined
  #isBusy = false

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  /** Begins to look by itself, as long as that is on. */
  start(): void {
    this.#scheduleCheck(initialDelayMs)
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  /** `asked`: by the person, who wants an answer in any case. */
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
    const { updater, confirmInstall, showResult, log } = this.#options
    let version: string | undefined
    try {
      version = await updater.findNewerVersion()
    } catch (error) {
      log.warn('releases could not be looked at', { error })
      if (isManual) showResult('unreachable')
      return
    }
    if (version === undefined) {
      if (isManual) showResult('newest')
      return
    }
    // "later" holds until the next version, or until the person asks
    if (!isManual && version === this.#offeredVersion) return
    this.#offeredVersion = version
    if (!(await confirmInstall(version))) return
    try {
      await updater.install()
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
