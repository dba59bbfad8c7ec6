import { HubError } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import { clientKey, networkPrefix } from '../addresses.ts'
import type { Caller } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { sha256 } from '../ids.ts'
import { throttleLock } from '../locks.ts'
import { type Operation, runOperation } from '../operation.ts'

/*
 * Slows guessing down by counts in the database, so that a restart forgets nothing. An attempt is charged before
 * the password is checked and refunded if it was right: a hundred guesses at once are a hundred charges. An account
 * is never locked, only slowed: with a lock, a stranger could shut its owner out.
 */

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

interface AttemptLimit {
  /** Attempts that are free. */
  freeAttempts: number
  /** They are forgotten after this, in ms. */
  windowMs: number
  /** Delay after the free attempts: until the window is over, or 1 s, 2 s, 4 s… up to 15 minutes. */
  backoff: 'window' | 'double'
}

const attemptLimits = {
  /** By username, even if no account has it. */
  login: { freeAttempts: 10, windowMs: dayMs, backoff: 'double' },
  loginAddress: { freeAttempts: 60, windowMs: 10 * minuteMs, backoff: 'window' },
  registerAddress: { freeAttempts: 200, windowMs: 60 * minuteMs, backoff: 'window' },
  /** Wrong codes only: a right one costs nothing, however many share an address. */
  inviteAddress: { freeAttempts: 60, windowMs: 10 * minuteMs, backoff: 'window' },
  setupAddress: { freeAttempts: 20, windowMs: 10 * minuteMs, backoff: 'window' },
  /** A user's own password, confirmed before the password or the recovery methods change. */
  current: { freeAttempts: 10, windowMs: dayMs, backoff: 'double' },
  /** Security answers, by username, even if no account has it. Only this recovery method closes. */
  answer: { freeAttempts: 5, windowMs: dayMs, backoff: 'window' },
  answerAddress: { freeAttempts: 20, windowMs: dayMs, backoff: 'window' },
  /** All addresses together: a botnet guesses no faster than this. */
  answerHub: { freeAttempts: 60, windowMs: 60 * minuteMs, backoff: 'window' },
  recoveryAddress: { freeAttempts: 60, windowMs: 60 * minuteMs, backoff: 'window' },
  keyAddress: { freeAttempts: 30, windowMs: 10 * minuteMs, backoff: 'window' },
  resetAddress: { freeAttempts: 60, windowMs: 10 * minuteMs, backoff: 'window' },
  /** New pictures of one user: each stays on the disk until the hub starts again. */
  avatar: { freeAttempts: 40, windowMs: 60 * minuteMs, backoff: 'window' },
} satisfies Record<string, AttemptLimit>

export interface AttemptCounter {
  limit: keyof typeof attemptLimits
  key: string
}

interface AttemptCount {
  count: number
  /** Start of the window that is counted; now, where the wait doubles. */
  since: number
  until: number
}

export function loginCounter(username: string): AttemptCounter {
  return usernameCounter('login', username)
}

/** Stores a hash of the username: users sometimes type a password into the name field. */
export function usernameCounter(limit: 'login' | 'answer', username: string): AttemptCounter {
  return { limit, key: `${limit}:${sha256(foldCase(username.trim())).toString('base64url')}` }
}

export function userCounter(limit: 'current' | 'avatar', userId: string): AttemptCounter {
  return { limit, key: `${limit}:${userId}` }
}

export function hubCounter(limit: 'answerHub'): AttemptCounter {
  return { limit, key: limit }
}

export function addressCounter(
  limit: Extract<keyof typeof attemptLimits, `${string}Address`>,
  address: string,
): AttemptCounter {
  return { limit, key: `${limit}:${networkPrefix(address)}` }
}

/** Takes an attempt from each of the budgets. @throws rate_limited, and then nothing was taken */
export async function consumeAttempts(hub: HubContext, counters: AttemptCounter[]): Promise<void> {
  if (hub.unlimited) return
  await runOperation(hub, { locks: counters.map(({ key }) => throttleLock(key)) }, async (op) => {
    for (const one of counters)
      await incrementCount(op, one, await requireAttemptsLeft(op, one, hub.time.wall()))
  })
}

/**
 * For secrets that are compared at once: charges only a wrong guess, in the operation that checks the budget. Among
 * any number of simultaneous guesses the right guess passes, as long as the wrong ones have left some budget.
 * @throws HubError `rate_limited`, for the right guess too
 */
export async function consumeAttemptIfWrong(
  hub: HubContext,
  counter: AttemptCounter,
  isRight: boolean,
): Promise<void> {
  if (hub.unlimited) return
  await runOperation(hub, { locks: [throttleLock(counter.key)] }, async (op) => {
    const before = await requireAttemptsLeft(op, counter, hub.time.wall())
    if (!isRight) await incrementCount(op, counter, before)
  })
}

/**
 * Waits for a check and charges a refusal. @throws the error of the check, or HubError `rate_limited` if nothing is left
 */
export async function chargeIfRefused(
  hub: HubContext,
  counter: AttemptCounter,
  check: Promise<unknown>,
): Promise<void> {
  const [result] = await Promise.allSettled([check])
  const isRefused = result.status === 'rejected' && result.reason instanceof HubError
  await consumeAttemptIfWrong(hub, counter, !isRefused)
  if (result.status === 'rejected') throw result.reason
}

/** The attempt was right: clears the failures of an account, and refunds this attempt to an address. */
export async function refundSuccessfulAttempts(op: Operation, counters: AttemptCounter[]): Promise<void> {
  for (const one of counters) {
    if (attemptLimits[one.limit].backoff === 'double') {
      await op.db.deleteFrom('throttle').where('key', '=', one.key).execute()
    } else {
      await decrementCount(op, one)
    }
  }
}

/** The user has proved their identity in another way: clears the earlier failures. */
export async function resetAttempts(op: Operation, username: string, userId: string): Promise<void> {
  const keys = [
    usernameCounter('login', username),
    usernameCounter('answer', username),
    userCounter('current', userId),
  ]
  await op.db
    .deleteFrom('throttle')
    .where(
      'key',
      'in',
      keys.map(({ key }) => key),
    )
    .execute()
}

/** The attempt was never checked: refunds it, but earlier attempts still count. */
export async function refundAttempts(hub: HubContext, counters: AttemptCounter[]): Promise<void> {
  if (hub.unlimited) return
  await runOperation(hub, { locks: counters.map(({ key }) => throttleLock(key)) }, async (op) => {
    for (const one of counters) await decrementCount(op, one)
  })
}

/**
 * Requires attempts left and returns the current count. Uses the current clock and not `op.now`, which does not
 * advance after the clock was set back: a delay of a second would last until the clock catches up.
 */
async function requireAttemptsLeft(
  op: Operation,
  { limit, key }: AttemptCounter,
  clock: number,
): Promise<AttemptCount> {
  const { freeAttempts, windowMs, backoff } = attemptLimits[limit]
  const row = await op.db.selectFrom('throttle').where('key', '=', key).selectAll().executeTakeFirst()
  if (!row) return { count: 0, since: clock, until: 0 }
  const isSetBack = row.since - clock > minuteMs
  // the time since then is unknown: failures of an account still count, but no attempt waits for a distant time
  if (isSetBack) return { count: backoff === 'double' ? row.count : 0, since: clock, until: 0 }
  const now = Math.max(clock, row.since)
  if (now - row.since >= windowMs) return { count: 0, since: now, until: 0 }
  if (row.until > now) throw tooManyAttempts(row.until - now)
  if (backoff === 'window' && row.count >= freeAttempts) throw tooManyAttempts(row.since + windowMs - now)
  return { ...row, since: backoff === 'double' ? now : row.since }
}

async function incrementCount(
  op: Operation,
  { limit, key }: AttemptCounter,
  before: AttemptCount,
): Promise<void> {
  const { freeAttempts, backoff } = attemptLimits[limit]
  const count = before.count + 1
  const over = count - freeAttempts
  // a doubling delay is forgotten a day after the last failure, not after the first
  const { since } = before
  const until =
    backoff === 'double' && over >= 0 ? since + Math.min(15 * minuteMs, 1000 * 2 ** Math.min(over, 20)) : 0
  if (count === 1) await deleteExpiredCounters(op)
  await op.db
    .insertInto('throttle')
    .values({ key, count, since, until })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ count, since, until }))
    .execute()
}

async function decrementCount(op: Operation, { key }: AttemptCounter): Promise<void> {
  await op.db
    .updateTable('throttle')
    .set((eb) => ({ count: eb('count', '-', 1), until: 0 }))
    .where('key', '=', key)
    .where('count', '>', 0)
    .execute()
}

/** No window is longer than a day, so what made-up names leave behind does not pile up. */
async function deleteExpiredCounters(op: Operation): Promise<void> {
  await op.db
    .deleteFrom('throttle')
    .where('since', '<=', op.now - dayMs)
    .execute()
}

/** Names a caller in the queue for hashes: users behind one address wait for their own ones only. */
export function waiterOf({ viewer, address }: Pick<Caller, 'viewer' | 'address'>): string {
  return viewer?.userId ?? clientKey(address)
}

function tooManyAttempts(ms: number): HubError {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  const wait =
    seconds === 1
      ? '1 second'
      : seconds < 90
        ? `${seconds} seconds`
        : seconds < 90 * 60
          ? `${Math.ceil(seconds / 60)} minutes`
          : `${Math.ceil(seconds / 3600)} hours`
  return new HubError('rate_limited', `Too many attempts. Wait ${wait}, then try again.`, {
    retryAfter: seconds,
  })
}
