import { performance as loopMeter } from 'node:perf_hooks'
import { HubError } from '../shared/errors.ts'

/*
 * Shares the event loop among users. Reads of the file and the messages of a socket run synchronously underneath, so a
 * user who asks for much at once would make everybody wait. Invariants:
 *
 * 1. In each turn of the loop a user has a slice of time. Work beyond it waits for a later turn. What one piece of work
 *    takes beyond the slice is a debt for the next turns.
 * 2. While others are active, a debt is paid with time: a user has at most half of the loop. A request of another user
 *    takes several turns until its response, and must not wait for a long read of this user in each of them. While
 *    nobody else asks for anything, each turn pays a slice, and turns are short.
 * 3. Users who wait go on in rotation; the work of one user starts in its order.
 * 4. Work that fits into the turn runs at once: on an idle hub nothing is delayed.
 * 5. A user pays for the time in which the loop was busy, not for that in which a read waited for a database server or the
 *    disk. Reads that run at the same time share it.
 *
 * A key is a user, or the address of a client without a session.
 */

/** Far more than a page needs in one turn, and short for the others. */
const userSliceMs = 3
/** For all users together; after it the loop looks for new input. */
const turnSliceMs = 10
/** The part of the time that a user may take while others are active. */
const maxShare = 0.5
/** A user counts as active this long after a request. */
const activeMs = 1_000
/** Work of one user that may wait; a client that asks for more has a fault. */
const maxWaitingPerUser = 1_000

export class Turns {
  readonly #used = new Map<string, number>()
  #usedInTurn = 0
  readonly #waiting = new Map<string, (() => void)[]>()
  /** Keys with a read that has not settled. */
  readonly #running = new Set<string>()
  #scheduled = false
  #turnedAt = performance.now()
  /** The last two users who were active. */
  #latest = { key: '', at: 0 }
  #second = { key: '', at: 0 }
  #granting = false
  readonly #onError: (error: unknown) => void
  readonly #busyMs: () => number
  /** The busy time of the loop, divided among the reads that ran at the same time. */
  #sharedMs = 0
  #sharedUntil = 0
  /** Called when a user has used up a slice. */
  onExhausted: ((key: string) => void) | undefined

  /** @param busyMs returns the time that the loop was busy since its start, in ms */
  constructor(onError: (error: unknown) => void, busyMs = () => loopMeter.eventLoopUtilization().active) {
    this.#onError = onError
    this.#busyMs = busyMs
  }

  /** The work that waits, of all users. */
  get waitingCount(): number {
    return [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** Returns true if this user may do more in this turn. */
  mayRun(key: string): boolean {
    return this.#hasTime(key) && !this.#waiting.has(key) && !this.#running.has(key)
  }

  /**
   * Records time that was spent for a user.
   * @param isUser false for the address of a request whose user is not known yet
   */
  charge(key: string, ms: number, isUser = true): void {
    if (isUser) this.#noteActive(key)
    const before = this.#used.get(key) ?? 0
    this.#used.set(key, before + ms)
    this.#usedInTurn += ms
    this.#schedule()
    if (before < userSliceMs && before + ms >= userSliceMs) this.onExhausted?.(key)
  }

  /** Calls `run` in a later turn. Returns false if too much waits already. */
  wait(key: string, run: () => void): boolean {
    const waiting = this.#waiting.get(key)
    if (!waiting) this.#waiting.set(key, [run])
    else if (waiting.length >= maxWaitingPerUser) return false
    else waiting.push(run)
    this.#schedule()
    return true
  }

  /** Runs a read in a turn of its user, one at a time. @throws HubError `rate_limited` if too much waits already */
  run<T>(key: string, read: () => Promise<T>): Promise<T> {
    if (this.mayRun(key)) {
      const start = this.#share()
      const result = this.#run(key, read)
      this.#chargeAfter(key, result, start)
      return result
    }
    const turn = Promise.withResolvers<T>()
    const isTaken = this.wait(key, () => {
      const result = this.#run(key, read)
      result.then(turn.resolve, turn.reject)
      // #grant charges this turn; here is what comes after it
      process.nextTick(() => this.#running.has(key) && this.#chargeAfter(key, result, this.#share()))
    })
    return isTaken ? turn.promise : Promise.reject(tooManyWaiting())
  }

  #chargeAfter(key: string, result: Promise<unknown>, start: number): void {
    const charge = (): void => this.charge(key, this.#share() - start)
    // once no promise is left to continue: the response is written as text
    result.then(
      () => process.nextTick(charge),
      () => process.nextTick(charge),
    )
  }

  #share(): number {
    const until = this.#busyMs()
    this.#sharedMs += (until - this.#sharedUntil) / Math.max(1, this.#running.size)
    this.#sharedUntil = until
    return this.#sharedMs
  }

  async #run<T>(key: string, read: () => Promise<T>): Promise<T> {
    this.#share()
    this.#running.add(key)
    try {
      return await read()
    } finally {
      this.#share()
      this.#running.delete(key)
      if (this.#waiting.has(key)) this.#schedule()
    }
  }

  #hasTime(key: string): boolean {
    return this.#usedInTurn < turnSliceMs && (this.#used.get(key) ?? 0) < userSliceMs
  }

  #noteActive(key: string): void {
    if (this.#latest.key !== key) {
      const reused = this.#second
      this.#second = this.#latest
      this.#latest = reused
      reused.key = key
    }
    this.#latest.at = performance.now()
  }

  /** True if more than one user was active within the last second. */
  #isShared(now: number): boolean {
    return this.#second.key !== '' && now - this.#second.at < activeMs
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#scheduled = false
    this.#usedInTurn = 0
    const now = performance.now()
    // a read that took longer than a slice takes the slices of the next turns too
    const paid = this.#isShared(now) ? Math.min(userSliceMs, (now - this.#turnedAt) * maxShare) : userSliceMs
    this.#turnedAt = now
    for (const [key, ms] of this.#used) {
      if (ms > paid) this.#used.set(key, ms - paid)
      else this.#used.delete(key)
    }
    if (this.#waiting.size > 0) void this.#grant()
    if (this.#used.size > 0) this.#schedule()
  }

  async #grant(): Promise<void> {
    // a read that waits for the disk lasts longer than its turn
    if (this.#granting) return
    this.#granting = true
    for (let key = this.#next(); key !== undefined; key = this.#next()) {
      const start = performance.now()
      const before = this.#used.get(key) ?? 0
      try {
        this.#takeWaiting(key)()
      } catch (error) {
        this.#onError(error)
      }
      // once no promise is left to continue: the read is done, and its response is written as text
      await new Promise<void>((resolve) => process.nextTick(resolve))
      const charged = (this.#used.get(key) ?? 0) - before
      this.charge(key, Math.max(0, performance.now() - start - charged))
    }
    this.#granting = false
    // a key with a read under way is scheduled when that read settles
    if ([...this.#waiting.keys()].some((key) => !this.#running.has(key))) this.#schedule()
  }

  #next(): string | undefined {
    if (this.#usedInTurn >= turnSliceMs) return undefined
    for (const key of this.#waiting.keys()) if (this.#hasTime(key) && !this.#running.has(key)) return key
    return undefined
  }

  /** The user goes to the end of the rotation. */
  #takeWaiting(key: string): () => void {
    const waiting = this.#waiting.get(key) ?? []
    const [first = () => {}] = waiting.splice(0, 1)
    this.#waiting.delete(key)
    if (waiting.length > 0) this.#waiting.set(key, waiting)
    return first
  }
}

export function tooManyWaiting(): HubError {
  return new HubError('rate_limited', 'Too many of your requests are waiting. Wait for their results.', {
    retryAfter: 1,
  })
}
