import type { Clock, Timer } from '../ports.ts'

const pingIntervalMs = 10_000
/** The disk of a hub that spins up, or a large change of its database, holds it up for some seconds. */
const maxMissedPings = 2
/** After two minutes nothing else will end it, and its user may be away. */
const maxMissedPingsBeforeKill = 12

export interface WatchdogOptions {
  clock: Clock
  ping: () => void
  /** It hangs, or responds again. */
  onChange: () => void
  /** It has not responded for so long that only its end helps. */
  onDead: () => void
}

/**
 * Notices a process that lives and does not respond. It counts the pings without a response, and not the time: after the
 * sleep of the computer every timer is late.
 */
export class Watchdog {
  readonly #options: WatchdogOptions
  #timer: Timer
  #missedPings = 0
  #isHanging = false

  constructor(options: WatchdogOptions) {
    this.#options = options
  }

  get isHanging(): boolean {
    return this.#isHanging
  }

  start(): void {
    this.stop()
    this.#tick()
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#missedPings = 0
    this.#isHanging = false
  }

  handleResponse(): void {
    this.#missedPings = 0
    this.#update()
  }

  #tick(): void {
    const { clock, ping, onDead } = this.#options
    this.#update()
    if (this.#missedPings >= maxMissedPingsBeforeKill) return onDead()
    this.#missedPings += 1
    ping()
    this.#timer = clock.setTimeout(() => this.#tick(), pingIntervalMs)
  }

  #update(): void {
    const isHanging = this.#missedPings >= maxMissedPings
    if (isHanging === this.#isHanging) return
    this.#isHanging = isHanging
    this.#options.onChange()
  }
}
