import type { RequestSpec } from '../shared/contract/define.ts'
import { HubError } from '../shared/errors.ts'
import type { Transaction } from './db/store.ts'

/*
 * Limits what one user can store within a day: every row of their requests counts, with its texts. The rates alone
 * would allow 49 GiB. Invariants:
 *
 * 1. The budget refills evenly within a day. So in any 24 hours a user stores twice the budget at most, and a user
 *    who has reached it waits seconds for the next message, not a day.
 * 2. An operation that exceeds it is rolled back: nothing is stored, and it costs nothing. A retry of what is stored
 *    stores nothing, so it gets its result.
 * 3. Only what was committed stays counted. What transactions that still run have stored counts too.
 * 4. Deleting is never refused: see isFreeRequest.
 */

const mebibyte = 1024 * 1024
/** More than people write: 80,000 short messages, or 1,400 of the longest. */
const defaultBytesPerDay = 64 * mebibyte
const dayMs = 24 * 60 * 60_000
export const maxReachedShown = 100

/** What is stored of the budget of a user. */
export interface BudgetRow {
  userId: string
  /** Bytes at the time `at`; from then on it decreases. */
  used: number
  at: number
  /** When a request was last refused. */
  reachedAt: number | null
}

export class TextBudget {
  readonly #bytesPerDay: number
  readonly #rows = new Map<string, BudgetRow>()
  readonly #unsaved = new Set<string>()
  /** Bytes of transactions that are not committed yet, by user. */
  readonly #uncommitted = new Map<string, number>()

  constructor(bytesPerDay = defaultBytesPerDay) {
    this.#bytesPerDay = bytesPerDay
  }

  load(rows: readonly BudgetRow[]): void {
    for (const row of rows) this.#rows.set(row.userId, row)
  }

  /**
   * Counts what the operation has stored. Called last in it.
   * @throws HubError `rate_limited` if it is more than is left
   */
  charge(op: Pick<Transaction, 'now' | 'written' | 'after' | 'ifRolledBack'>, userId: string): void {
    const bytes = op.written()
    if (bytes <= 0) return
    const uncommitted = this.#uncommitted.get(userId) ?? 0
    const excess = this.#usedAt(userId, op.now) + uncommitted + bytes - this.#bytesPerDay
    if (excess > 0) {
      this.#rowOf(userId, op.now).reachedAt = op.now
      this.#unsaved.add(userId)
      throw this.#exhausted(excess)
    }
    this.#uncommitted.set(userId, uncommitted + bytes)
    op.ifRolledBack(() => this.#release(userId, bytes))
    op.after(() => {
      this.#release(userId, bytes)
      const row = this.#rowOf(userId, op.now)
      row.used += bytes
      this.#unsaved.add(userId)
    })
  }

  #release(userId: string, bytes: number): void {
    const left = (this.#uncommitted.get(userId) ?? 0) - bytes
    if (left > 0) this.#uncommitted.set(userId, left)
    else this.#uncommitted.delete(userId)
  }

  /** Users who were refused within a day, the latest first. */
  listReached(now: number): { userId: string; at: number }[] {
    return [...this.#rows.values()]
      .flatMap(({ userId, reachedAt }) =>
        reachedAt !== null && now - reachedAt < dayMs ? [{ userId, at: reachedAt }] : [],
      )
      .toSorted((a, b) => b.at - a.at)
      .slice(0, maxReachedShown)
  }

  /** Returns the rows worth storing that have changed since the last call, and forgets the users who matter no more. */
  takeUnsaved(now: number): BudgetRow[] {
    for (const [userId, row] of this.#rows) {
      if (row.reachedAt !== null && now - row.reachedAt >= dayMs) row.reachedAt = null
      if (row.reachedAt === null && this.#usedAt(userId, now) === 0) this.#rows.delete(userId)
    }
    const rows = [...this.#unsaved].flatMap((userId) => this.#rows.get(userId) ?? [])
    this.#unsaved.clear()
    // an ordinary day is not worth a write each minute
    const least = this.#bytesPerDay / 64
    return rows
      .filter(({ used, reachedAt }) => used >= least || reachedAt !== null)
      .map((row) => ({ ...row, used: Math.round(row.used) }))
  }

  #usedAt(userId: string, now: number): number {
    const row = this.#rows.get(userId)
    if (!row) return 0
    return Math.max(0, row.used - (Math.max(0, now - row.at) / dayMs) * this.#bytesPerDay)
  }

  #rowOf(userId: string, now: number): BudgetRow {
    const row = this.#rows.get(userId) ?? { userId, used: 0, at: now, reachedAt: null }
    row.used = this.#usedAt(userId, now)
    // also back, after a step of the clock that was reverted
    row.at = now
    this.#rows.set(userId, row)
    return row
  }

  #exhausted(excess: number): HubError {
    const seconds = Math.max(1, Math.ceil(((excess / this.#bytesPerDay) * dayMs) / 1000))
    const minutes = Math.ceil(seconds / 60)
    const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`
    return new HubError(
      'rate_limited',
      `You have written more than one user may store on this hub within a day. You can go on in ${wait}.`,
      { retryAfter: seconds },
    )
  }
}

/** They end or read something, and add no rows. */
const freeRequests = new Set([
  'accounts.logout',
  'chats.leave',
  'chats.read',
  'chats.readAll',
  'sessions.endOthers',
  'threads.read',
])

/** Returns true for a request that the budget never refuses. Hub admins must always be able to act. */
export function isFreeRequest(
  { name, method }: Pick<RequestSpec, 'name' | 'method'>,
  input: unknown,
): boolean {
  if (method === 'DELETE' || name.startsWith('admin.') || freeRequests.has(name)) return true
  const { text, bio, displayName, settings } = input as Record<string, unknown>
  if (name === 'drafts.set') return text === ''
  return name === 'me.update' && bio === '' && displayName === undefined && settings === undefined
}
