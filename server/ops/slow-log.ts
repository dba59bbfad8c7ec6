import type { FastifyBaseLogger } from 'fastify'
import type { MeasuredKind } from '../measurements.ts'

/*
 * Logs what took too long. The log is written synchronously, so an overloaded hub must not write a line for each request:
 * each kind and name has one line per minute, which says how many more there were since the line before.
 */

const quietMs = 60_000

const texts: Record<MeasuredKind, string> = {
  request: 'a request was slow',
  commit: 'a commit was slow: the disk is busy or slow',
  loop: 'the event loop stood still: a step of the hub took too long, or the computer is overloaded',
}

interface Line {
  at: number
  /** How many were not logged since. */
  left: number
}

export class SlowLog {
  readonly #log: FastifyBaseLogger
  /** Monotonic time in ms. */
  readonly #now: () => number
  readonly #lines = new Map<string, Line>()

  constructor(log: FastifyBaseLogger, now: () => number = () => performance.now()) {
    this.#log = log
    this.#now = now
  }

  note(kind: MeasuredKind, name: string, ms: number): void {
    const key = `${kind} ${name}`
    const now = this.#now()
    const line = this.#lines.get(key)
    if (line && now - line.at < quietMs) {
      line.left += 1
      return
    }
    this.#lines.set(key, { at: now, left: 0 })
    this.#log.warn(
      {
        ms: Math.round(ms),
        ...(name !== '' && { request: name }),
        ...(line && line.left > 0 && { moreBefore: line.left }),
      },
      texts[kind],
    )
  }
}
