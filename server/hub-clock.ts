import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/*
 * The hub's time, which does not believe every clock of the computer. A clock can be set, by a user, a dead battery or
 * a time server, forward or back, while the hub runs or between two starts.
 *
 * 1. `now` is the wall clock, but does not decrease, and does not stop: if the wall clock is set back, it goes on
 *    by the monotonic clock. One exception: a step forward that was doubted and then reverted is forgotten.
 * 2. Windows of seconds or hours (undo, edit, purge) are measured by the monotonic clock: `elapsedSince`.
 * 3. Nothing is deleted by age while the clock is in doubt: after a step, or if it is far beyond the latest time that is
 *    known from before the start. The doubt ends when the clock is right again, or the owner says that it is right.
 */

const hourMs = 60 * 60_000
const dayMs = 24 * hourMs
/** A smaller step changes nothing that is measured in days. */
const maxStepMs = hourMs
/** A hub can be switched off for a holiday. */
const maxOffMs = 10 * dayMs

export interface HubClockOptions {
  /** Wall time in ms. */
  wall: () => number
  /** Monotonic time in ms. */
  monotonic: () => number
  /** Monotonic time in ms that also counts while the computer sleeps. */
  uptime: () => number
}

/** From `now` and `monotonic` on, both went at the same speed. */
interface Segment {
  now: number
  monotonic: number
}

export class HubClock {
  readonly #options: HubClockOptions
  readonly #segments: Segment[]
  /** A moment at which the wall clock was believed, and how far it may be ahead of the time that passed since. */
  #anchor: { wall: number; uptime: number; allowanceMs: number }
  #isDoubted = false
  /** The result of the last call. */
  #latest = 0

  /** @param latestKnown the latest time that is known from before this start, if there is any */
  constructor(options: HubClockOptions, latestKnown?: number) {
    this.#options = options
    const wall = options.wall()
    this.#segments = [{ now: wall, monotonic: options.monotonic() }]
    const isPlausible =
      latestKnown === undefined || (wall >= latestKnown - maxStepMs && wall <= latestKnown + maxOffMs)
    this.#anchor = {
      wall: isPlausible ? wall : latestKnown,
      uptime: options.uptime(),
      allowanceMs: isPlausible ? maxStepMs : maxOffMs,
    }
    this.#isDoubted = !isPlausible
  }

  /** The clock of the computer, believed or not, for what copes with its steps by itself. */
  wall(): number {
    return this.#options.wall()
  }

  /** Wall time in ms: see rule 1. */
  now = (): number => {
    const monotonic = this.#options.monotonic()
    const last = this.#segments.at(-1) as Segment
    const running = last.now + monotonic - last.monotonic
    const wall = this.#options.wall()
    const isReverted = wall < running - maxStepMs && this.isTrusted
    if (wall <= running && !isReverted) return (this.#latest = Math.max(this.#latest, Math.floor(running)))
    if (Math.abs(wall - running) > segmentToleranceMs) this.#segments.push({ now: wall, monotonic })
    if (this.#segments.length > maxSegments) this.#segments.splice(1, 1)
    return (this.#latest = isReverted ? wall : Math.max(this.#latest, wall))
  }

  /**
   * Monotonic time in ms since `now` was `at`. For a time from before this start: at least the time since the start.
   */
  elapsedSince(at: number): number {
    const monotonic = this.#options.monotonic()
    let end = monotonic
    for (const segment of this.#segments.toReversed()) {
      const then = segment.monotonic + at - segment.now
      if (then >= segment.monotonic - segmentToleranceMs && then <= end + segmentToleranceMs) {
        return Math.max(0, monotonic - then)
      }
      end = segment.monotonic
    }
    const first = this.#segments[0] as Segment
    return monotonic - first.monotonic + Math.max(0, first.now - at)
  }

  /** How far the clock is from where it should be, in ms; 0 while it is believed. */
  get doubtMs(): number {
    const { wall, uptime, allowanceMs } = this.#anchor
    const step = this.#options.wall() - (wall + this.#options.uptime() - uptime)
    return step > allowanceMs || step < -maxStepMs ? step : 0
  }

  /** False: nothing may be deleted by age. See rule 3. */
  get isTrusted(): boolean {
    const isDoubted = this.doubtMs !== 0
    if (this.#isDoubted && !isDoubted) this.#believe()
    this.#isDoubted = isDoubted
    return !isDoubted
  }

  /**
   * The time by which sessions and tokens expire. A step of the clock while the hub runs logs nobody out: until the doubt
   * ends, it goes on from where it was.
   */
  sessionNow = (): number => {
    const now = this.now()
    const { wall, uptime, allowanceMs } = this.#anchor
    // cheap first: the uptime is a read of a file
    const hasStepped = this.#segments.length > 1
    if (!hasStepped || allowanceMs > maxStepMs || this.isTrusted) return now
    return wall + this.#options.uptime() - uptime
  }

  /** The owner says that the clock is right. */
  confirm(): void {
    this.#believe()
    this.#isDoubted = false
  }

  #believe(): void {
    this.#anchor = { wall: this.#options.wall(), uptime: this.#options.uptime(), allowanceMs: maxStepMs }
  }
}

/** Clocks are read one after the other. */
const segmentToleranceMs = 1_000
/** Of a clock that is set again and again, the latest steps count. */
const maxSegments = 1_000

/** In the data directory: a time at which the clock was believed. */
const knownTimeFile = (dataDir: string): string => path.join(dataDir, 'known-time')

/** Returns nothing if it is not there, or not a time. */
export function readKnownTime(dataDir: string): number | undefined {
  try {
    const text = readFileSync(knownTimeFile(dataDir), 'utf8')
    return /^\d{12,15}\n$/.test(text) ? Number(text) : undefined
  } catch {
    return undefined
  }
}

/** Losing it costs a question to the owner at most. */
export function saveKnownTime(dataDir: string, time: HubClock): void {
  if (!time.isTrusted) return
  try {
    writeFileSync(knownTimeFile(dataDir), `${time.now()}\n`, { mode: 0o600 })
  } catch {
    // a full disk: the next hour tries again
  }
}
