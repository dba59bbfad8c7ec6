import { isIPv6 } from 'node:net'
import { HubError } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { sha256 } from '../ids.ts'

/*
 * Guessing is slowed down by counts in the database, so that a restart forgets nothing. An attempt is charged before
 * the password is looked at and given back when it was right: a hundred guesses at once are a hundred charges. An
 * account is never locked, only slowed: a lock would let a stranger shut its owner out.
 */

const minute = 60_000
const day = 24 * 60 * minute

interface Limit {
  /** Attempts that are free. */
  free: number
  /** They are forgotten after this, in ms. */
  window: number
  /** Beyond the free ones: wait until the window is over, or 1 s, 2 s, 4 s… up to 15 minutes. */
  beyond: 'window' | 'double'
}

const limits = {
  /** By name, whether somebody has it or not. */
  login: { free: 10, window: day, beyond: 'double' },
  loginAddress: { free: 60, window: 10 * minute, beyond: 'window' },
  registerAddress: { free: 200, window: 60 * minute, beyond: 'window' },
  setupAddress: { free: 20, window: 10 * minute, beyond: 'window' },
  /** A person's own password, asked again before it or what stands beside it is changed. */
  current: { free: 10, window: day, beyond: 'double' },
  /** Security answers, by name, whether somebody has it or not. Only this way in closes. */
  answer: { free: 5, window: day, beyond: 'window' },
  answerAddress: { free: 20, window: day, beyond: 'window' },
  /** All addresses together: a botnet guesses no faster than this. */
  answerHub: { free: 60, window: 60 * minute, beyond: 'window' },
  recoveryAddress: { free: 60, window: 60 * minute, beyond: 'window' },
  keyAddress: { free: 30, window: 10 * minute, beyond: 'window' },
  resetAddress: { free: 60, window: 10 * minute, beyond: 'window' },
  /** New pictures of one person: each stays on the disk until the hub starts again. */
  avatar: { free: 40, window: 60 * minute, beyond: 'window' },
} satisfies Record<string, Limit>

export interface Charge {
  limit: keyof typeof limits
  key: string
}

interface Count {
  count: number
  /** Start of the window that is counted; now, where the wait doubles. */
  since: number
  until: number
}

export function byAccount(username: string): Charge {
  return byName('login', username)
}

/** Kept hashed: now and then a password is typed where the name belongs. */
export function byName(limit: 'login' | 'answer', username: string): Charge {
  return { limit, key: `${limit}:${sha256(foldCase(username.trim())).toString('base64url')}` }
}

export function byUser(limit: 'current' | 'avatar', userId: string): Charge {
  return { limit, key: `${limit}:${userId}` }
}

export function forTheHub(limit: 'answerHub'): Charge {
  return { limit, key: limit }
}

export function byAddress(limit: Extract<keyof typeof limits, `${string}Address`>, address: string): Charge {
  return { limit, key: `${limit}:${networkOf(address)}` }
}

/** Takes an attempt from each of the budgets. @throws rate_limited, and then nothing was taken */
export async function charge(hub: Hub, charges: Charge[]): Promise<void> {
  if (hub.unlimited) return
  await hub.writer.write(async (tx) => {
    for (const one of charges) await add(tx, one, await requireBudget(tx, one, hub.clock()))
  })
}

/**
 * For what is compared at once: only a wrong guess is charged, in the operation that looks at the budget. So of any
 * number at once the right one passes, as long as the wrong ones have left something.
 * @throws rate_limited, for the right one too
 */
export async function chargeIfWrong(hub: Hub, one: Charge, isRight: boolean): Promise<void> {
  if (hub.unlimited) return
  await hub.writer.write(async (tx) => {
    const before = await requireBudget(tx, one, hub.clock())
    if (!isRight) await add(tx, one, before)
  })
}

/** The attempt was right: an account's failures are forgotten, an address gets this one back. */
export async function refund(tx: Tx, charges: Charge[]): Promise<void> {
  for (const one of charges) {
    if (limits[one.limit].beyond === 'double') {
      await tx.db.deleteFrom('throttle').where('key', '=', one.key).execute()
    } else {
      await takeBack(tx, one)
    }
  }
}

/** The person has proved otherwise who they are: what was tried before is of no more meaning. */
export async function forgetAttempts(tx: Tx, username: string, userId: string): Promise<void> {
  const keys = [byName('login', username), byName('answer', username), byUser('current', userId)]
  await tx.db
    .deleteFrom('throttle')
    .where(
      'key',
      'in',
      keys.map(({ key }) => key),
    )
    .execute()
}

/** Nobody looked at the attempt: it counts for nothing, but those before it still do. */
export async function giveBack(hub: Hub, charges: Charge[]): Promise<void> {
  if (hub.unlimited) return
  await hub.writer.write(async (tx) => {
    for (const one of charges) await takeBack(tx, one)
  })
}

/**
 * What was counted until now. By the clock as it is and not by `tx.now`, which stands still after the clock was set back:
 * a wait of a second would last until it is late again.
 */
async function requireBudget(tx: Tx, { limit, key }: Charge, clock: number): Promise<Count> {
  const { free, window, beyond } = limits[limit]
  const row = await tx.db.selectFrom('throttle').where('key', '=', key).selectAll().executeTakeFirst()
  if (!row) return { count: 0, since: clock, until: 0 }
  const isSetBack = row.since - clock > minute
  // nobody knows how long ago it was: failures of an account still count, but nobody waits for a time that is not near
  if (isSetBack) return { count: beyond === 'double' ? row.count : 0, since: clock, until: 0 }
  const now = Math.max(clock, row.since)
  if (now - row.since >= window) return { count: 0, since: now, until: 0 }
  if (row.until > now) throw slowDown(row.until - now)
  if (beyond === 'window' && row.count >= free) throw slowDown(row.since + window - now)
  return { ...row, since: beyond === 'double' ? now : row.since }
}

async function add(tx: Tx, { limit, key }: Charge, before: Count): Promise<void> {
  const { free, beyond } = limits[limit]
  const count = before.count + 1
  const over = count - free
  // what is slowed down by doubling is forgotten a day after the last failure, not after the first
  const { since } = before
  const until =
    beyond === 'double' && over >= 0 ? since + Math.min(15 * minute, 1000 * 2 ** Math.min(over, 20)) : 0
  if (count === 1) await forgetOld(tx)
  await tx.db
    .insertInto('throttle')
    .values({ key, count, since, until })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ count, since, until }))
    .execute()
}

async function takeBack(tx: Tx, { key }: Charge): Promise<void> {
  await tx.db
    .updateTable('throttle')
    .set((eb) => ({ count: eb('count', '-', 1), until: 0 }))
    .where('key', '=', key)
    .where('count', '>', 0)
    .execute()
}

/** No window is longer than a day, so what made-up names leave behind does not pile up. */
async function forgetOld(tx: Tx): Promise<void> {
  await tx.db
    .deleteFrom('throttle')
    .where('since', '<=', tx.now - day)
    .execute()
}

/** One household is one address: IPv6 by /64, and IPv4 without its IPv6 clothes. */
export function networkOf(address: string): string {
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

function slowDown(ms: number): HubError {
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
