import { HubError } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { isIPv6 } from 'node:net'

/*
 * Guessing is slowed down by counts in the database, so that a restart forgets nothing. An attempt is charged before
 * the password is looked at and given back when it was right: a hundred guesses at once are a hundred charges. An
 * account is never locked, only slowed: a lock would let a stranger shut its owner out.
 */

const minute = 60_000

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
  login: { free: 10, window: 24 * 60 * minute, beyond: 'double' },
  loginAddress: { free: 60, window: 10 * minute, beyond: 'window' },
  registerAddress: { free: 200, window: 60 * minute, beyond: 'window' },
  setupAddress: { free: 100, window: 10 * minute, beyond: 'window' },
} satisfies Record<string, Limit>

export interface Charge {
  limit: keyof typeof limits
  key: string
}

export function byAccount(username: string): Charge {
  return { limit: 'login', key: `login:${foldCase(username).slice(0, 64)}` }
}

export function byAddress(
  limit: 'loginAddress' | 'registerAddress' | 'setupAddress',
  address: string,
): Charge {
  return { limit, key: `${limit}:${networkOf(address)}` }
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

/** Takes an attempt from each of the budgets. @throws rate_limited, and then nothing was taken */
export async function charge(hub: Hub, charges: Charge[]): Promise<void> {
  if (hub.unlimited) return
  await hub.writer.write(async (tx) => {
    for (const one of charges) await chargeOne(tx, one)
  })
}

async function chargeOne(tx: Tx, { limit, key }: Charge): Promise<void> {
  const { free, window, beyond } = limits[limit]
  const row = await tx.db.selectFrom('throttle').where('key', '=', key).selectAll().executeTakeFirst()
  const live = row && tx.now - row.since < window ? row : { count: 0, since: tx.now, until: 0 }
  if (live.until > tx.now) throw slowDown(live.until - tx.now)
  const count = live.count + 1
  const over = count - free
  // what is slowed down by doubling is forgotten a day after the last attempt, not after the first
  const since = beyond === 'double' ? tx.now : live.since
  if (beyond === 'window' && over > 0) throw slowDown(live.since + window - tx.now)
  const until =
    beyond === 'double' && over >= 0 ? tx.now + Math.min(15 * minute, 1000 * 2 ** Math.min(over, 20)) : 0
  await tx.db
    .insertInto('throttle')
    .values({ key, count, since, until })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ count, since, until }))
    .execute()
}

/** The attempt was right: an account's failures are forgotten, an address gets this one back. */
export async function refund(tx: Tx, charges: Charge[]): Promise<void> {
  for (const { limit, key } of charges) {
    if (limits[limit].beyond === 'double') {
      await tx.db.deleteFrom('throttle').where('key', '=', key).execute()
    } else {
      await tx.db
        .updateTable('throttle')
        .set((eb) => ({ count: eb('count', '-', 1) }))
        .where('key', '=', key)
        .where('count', '>', 0)
        .execute()
    }
  }
}

function slowDown(ms: number): HubError {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  const wait = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
  return new HubError('rate_limited', `Too many attempts. Wait ${wait}, then try again.`, {
    retryAfter: seconds,
  })
}
