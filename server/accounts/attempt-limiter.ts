import { isIPv6 } from 'node:net'
import { HubError } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { HubContext } from '../context.ts'
import { sha256 } from '../ids.ts'
import { throttleLock } from '../locks.ts'
import { type Operation, runOperation } from '../operation.ts'

/*
 * Guessing is slowed down by counts in the database, so that a restart forgets nothing. An attempt is charged before
 * the password is looked at and given back when it was right: a hundred guesses at once are a hundred charges. An
 * account is never locked, only slowed: a lock would let a stranger shut its owner out.
 */

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

interface AttemptLimit {
  /** Attempts that are free. */
  freeAttempts: number
  /** They are forgotten after this, in ms. */
  windowMs: number
  /** Beyond the free ones: wait until the window is over, or 1 s, 2 s, 4 s… up to 15 minutes. */
  backoff: 'window' | 'double'
}

const attemptLimits = {
  /** By name, whether somebody has it or not. */
  login: { freeAttempts: 10, windowMs: dayMs, backoff: 'double' },
  loginAddress: { freeAttempts: 60, windowMs: 10 * minuteMs, backoff: 'window' },
  registerAddress: { freeAttempts: 200, windowMs: 60 * minuteMs, backoff: 'window' },
  setupAddress: { freeAttempts: 20, windowMs: 10 * minuteMs, backoff: 'window' },
  /** A person's own password, asked again before it or what stands beside it is changed. */
  current: { freeAttempts: 10, windowMs: dayMs, backoff: 'double' },
  /** Security answers, by name, whether somebody has it or not. Only this way in closes. */
  answer: { freeAttempts: 5, windowMs: dayMs, backoff: 'window' },
  answerAddress: { freeAttempts: 20, windowMs: dayMs, backoff: 'window' },
  /** All addresses together: a botnet guesses no faster than this. */
  answerHub: { freeAttempts: 60, windowMs: 60 * minuteMs, backoff: 'window' },
  recoveryAddress: { freeAttempts: 60, windowMs: 60 * minuteMs, backoff: 'window' },
  keyAddress: { freeAttempts: 30, windowMs: 10 * minuteMs, backoff: 'window' },
  resetAddress: { freeAttempts: 60, windowMs: 10 * minuteMs, backoff: 'window' },
  /** New pictures of one person: each stays on the disk until the hub starts again. */
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

/** Kept hashed: now and then a password is typed where the name belongs. */
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
    for (const one of counters) await incrementCount(op, one, await requireAttemptsLeft(op, one, hub.clock()))
  })
}

/**
 * For what is compared at once: only a wrong guess is charged, in the operation that looks at the budget. So of any
 * number at once the right one passes, as long as the wrong ones have left something.
 * @throws rate_limited, for the right one too
 */
export async function consumeAttemptIfWrong(
  hub: HubContext,
  counter: AttemptCounter,
  isRight: boolean,
): Promise<void> {
  if (hub.unlimited) return
  await runOperation(hub, { locks: [throttleLock(counter.key)] }, async (op) => {
    const before = await requireAttemptsLeft(op, counter, hub.clock())
    if (!isRight) await incrementCount(op, counter, before)
  })
}

/** The attempt was right: an account's failures are forgotten, an address gets this one back. */
export async function refundSuccessfulAttempts(op: Operation, counters: AttemptCounter[]): Promise<void> {
  for (const one of counters) {
    if (attemptLimits[one.limit].backoff === 'double') {
      await op.db.deleteFrom('throttle').where('key', '=', one.key).execute()
    } else {
      await decrementCount(op, one)
    }
  }
}

/** The person has proved otherwise who they are: what was tried before is of no more meaning. */
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

/** Nobody looked at the attempt: it counts for nothing, but those before it still do. */
export async function refundAttempts(hub: HubContext, counters: AttemptCounter[]): Promise<void> {
  if (hub.unlimited) return
  await runOperation(hub, { locks: counters.map(({ key }) => throttleLock(key)) }, async (op) => {
    for (const one of counters) await decrementCount(op, one)
  })
}

/**
 * What was counted until now. By the clock as it is and not by `op.now`, which stands still after the clock was set back:
 * a wait of a second would last until it is late again.
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
  // nobody knows how long ago it was: failures of an account still count, but nobody waits for a time that is not near
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
  // what is slowed down by doubling is forgotten a day after the last failure, not after the first
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

/** One household is one address: IPv6 by /64, and IPv4 without its IPv6 clothes. */
export function networkPrefix(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  const plain = address.split('%')[0] ?? ''
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - front.length - back.length
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
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
