import { isNewerVersion } from '../../shared/app-packages.ts'
import type { Clock, Log, Timer } from '../ports.ts'

/*
 * Looks for a newer version when the user requests it and once a day: on the hubs of the user, and in the internet if the
 * user enabled that. Nothing is downloaded or installed without a click. A hub only passes on what the release key has
 * signed: its owner must not be able to run code on every user's machine.
 */

export interface UpdateOffer {
  version: string
  /** The hub that has it; otherwise it is in the internet. */
  hubName?: string
  download(): Promise<void>
  /** Installs what was downloaded, and the app ends. Resolves with false if that could not be started. */
  install(): Promise<boolean>
}

export interface UpdateSource {
  /** Returns false if only the user starts a check there. */
  isAutomatic(): boolean
  /** Returns undefined if there is nothing newer. */
  find(): Promise<UpdateOffer | undefined>
}

export interface UpdatesOptions {
  /** The first wins if two have the same version. */
  sources: readonly UpdateSource[]
  clock: Clock
  log: Log
  /** Asks the user whether to install it now. */
  confirmInstall: (offer: UpdateOffer) => Promise<boolean>
  /**
   * Ends the hub in order, after the question that quitting asks. The installer does not wait for it. Resolves with
   * false if the user stays.
   */
  prepareQuit: () => Promise<boolean>
  /** The installation did not start: what `prepareQuit` ended runs again. */
  cancelQuit: () => void
  /** The download begins, and takes a while. */
  showDownload: (version: string) => void
  /**
   * For a check by the user: this is the newest version, the check failed, or an earlier one is still at work. `failed`: the
   * update that the user wanted.
   */
  showResult: (what: 'newest' | 'unreachable' | 'failed' | 'busy') => void
  /** The version that was offered last, kept over restarts: "later" is not asked again at each start. */
  lastOffer: { get: () => string; set: (version: string) => void }
}

const dayMs = 24 * 60 * 60_000
/** A user who opens the app to write a message does not want a dialog first. */
const initialDelayMs = 60_000

export class UpdateChecker {
  readonly #options: UpdatesOptions
  #timer: Timer
  #isBusy = false

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  /** Starts the automatic checks. */
  start(): void {
    this.#scheduleCheck(initialDelayMs)
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  /** `isManual`: the user started the check and wants a result in any case. */
  async check(isManual: boolean): Promise<void> {
    if (this.#isBusy) {
      if (isManual) this.#options.showResult('busy')
      return
    }
    this.#isBusy = true
    try {
      await this.#runCheck(isManual)
    } finally {
      this.#isBusy = false
    }
  }

  async #runCheck(isManual: boolean): Promise<void> {
    const { confirmInstall, showResult, lastOffer } = this.#options
    const { offer, isComplete } = await this.#findOffer(isManual)
    if (!offer) {
      if (isManual) showResult(isComplete ? 'newest' : 'unreachable')
      return
    }
    // "later" holds until the next version, or until the user checks
    if (!isManual && offer.version === lastOffer.get()) return
    lastOffer.set(offer.version)
    if (await confirmInstall(offer)) await this.#install(offer)
  }

  async #findOffer(isManual: boolean): Promise<{ offer: UpdateOffer | undefined; isComplete: boolean }> {
    const { sources, log } = this.#options
    let newest: UpdateOffer | undefined
    let isComplete = true
    for (const source of sources) {
      if (!isManual && !source.isAutomatic()) continue
      try {
        const offer = await source.find()
        if (offer && (!newest || isNewerVersion(offer.version, newest.version))) newest = offer
      } catch (error) {
        isComplete = false
        log.warn('the check for updates failed', { error })
      }
    }
    return { offer: newest, isComplete }
  }

  async #install(offer: UpdateOffer): Promise<void> {
    const { prepareQuit, cancelQuit, showDownload, showResult, log } = this.#options
    let isQuitting = false
    try {
      showDownload(offer.version)
      await offer.download()
      isQuitting = await prepareQuit()
      if (!isQuitting || (await offer.install())) return
    } catch (error) {
      log.error('the update failed', { error })
    }
    if (isQuitting) cancelQuit()
    showResult('failed')
  }

  #scheduleCheck(delayMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#scheduleCheck(dayMs)
      void this.check(false)
    }, delayMs)
  }
}
