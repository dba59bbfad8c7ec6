import type { Clock, Log, Timer } from '../ports.ts'

/*
 * Releases are looked at when the person asks, or once a day when they have said so; nothing is fetched or installed
 * without a click. A hub is never asked for a program: whoever runs it must not be able to run code on everybody's machine.
 */

/** The part of electron-updater that is used. */
export interface Updater {
  /** The version of the newest release, or nothing when this is it. */
  newest(): Promise<string | undefined>
  /** Fetches and installs it; the app ends. */
  install(): Promise<void>
}

export interface UpdatesOptions {
  updater: Updater
  clock: Clock
  log: Log
  isOn: () => boolean
  /** Asks whether to install it now. */
  offer: (version: string) => Promise<boolean>
  /** Only when the person asked: that this is the newest, or that it could not be found out. */
  tell: (what: 'newest' | 'unreachable' | 'failed') => void
}

const day = 24 * 60 * 60_000
/** Nobody who opens the app to write to somebody wants to be asked first. */
const firstAfter = 60_000

export class Updates {
  readonly #options: UpdatesOptions
  #timer: Timer
  #offered: string | undefined
  #isBusy = false

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  /** Begins to look by itself, as long as that is on. */
  start(): void {
    this.#next(firstAfter)
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  /** `asked`: by the person, who wants an answer in any case. */
  async check(asked: boolean): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await this.#check(asked)
    } finally {
      this.#isBusy = false
    }
  }

  async #check(asked: boolean): Promise<void> {
    const { updater, offer, tell, log } = this.#options
    let version: string | undefined
    try {
      version = await updater.newest()
    } catch (error) {
      log.warn('releases could not be looked at', { error })
      if (asked) tell('unreachable')
      return
    }
    if (version === undefined) {
      if (asked) tell('newest')
      return
    }
    // "later" holds until the next version, or until the person asks
    if (!asked && version === this.#offered) return
    this.#offered = version
    if (!(await offer(version))) return
    try {
      await updater.install()
    } catch (error) {
      log.error('the update failed', { error })
      tell('failed')
    }
  }

  #next(after: number): void {
    const { clock, isOn } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.#next(day)
      if (isOn()) void this.check(false)
    }, after)
  }
}
