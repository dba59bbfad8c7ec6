// The days and positions of a query: the times and the numbers of messages between which it searches.
import { HubError, notFound } from '../../shared/errors.ts'
import { parseDateRange } from '../../shared/text/days.ts'
import type { QueryFilter } from '../../shared/text/search.ts'
import { isTimeZone } from '../../shared/text/zones.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { truncate } from './scopes.ts'

/** Document numbers follow time unless the clock was set: the bounds are widened by this much. */
export const dayMs = 24 * 60 * 60_000

/** The reader's time: what `today` is. */
export interface ReaderClock {
  now: number
  zone: string | undefined
}

export function requireZone(zone: string | undefined): string | undefined {
  if (zone === undefined || isTimeZone(zone)) return zone
  throw new HubError(
    'invalid',
    `This hub does not know the time zone “${truncate(zone)}”. Write it as Europe/Berlin or +05:30.`,
    { field: 'zone' },
  )
}

const dayFilters: readonly string[] = ['before', 'after', 'on', 'during']

export function parseTimeRange(filters: QueryFilter[], clock: ReaderClock): { from: number; to: number } {
  let from = 0
  let to = Number.MAX_SAFE_INTEGER
  for (const { key, value, isExcluded } of filters) {
    if (!dayFilters.includes(key)) continue
    if (isExcluded) {
      throw new HubError(
        'invalid',
        'Days cannot be left out. Write before:, after: or on: without the minus.',
        {
          field: 'q',
        },
      )
    }
    const span = requireDays(value, clock, 'q')
    if (key !== 'before') from = Math.max(from, key === 'after' ? span.to : span.from)
    if (key !== 'after') to = Math.min(to, key === 'before' ? span.from : span.to)
  }
  return { from, to }
}

/** A time, a day or a message. `before:` a day means before it begins, `after:` means after it has ended. */
export async function parseBound(
  db: Db,
  me: string,
  place: number | string | undefined,
  { now, zone }: ReaderClock,
) {
  if (place === undefined) return undefined
  if (typeof place === 'number' || /^\d{5,16}$/.test(place)) {
    return { n: undefined, to: Number(place), from: Number(place) + 1 }
  }
  const [found] = await findOwnNumber(db, { me, messageId: place })
  if (found) return { n: found.n, from: 0, to: Number.MAX_SAFE_INTEGER }
  const span = parseDateRange(place, now, zone)
  if (!span) throw notFound('This message')
  return { n: undefined, to: span.from, from: span.to }
}

function requireDays(value: string, { now, zone }: ReaderClock, field: string) {
  const span = parseDateRange(value, now, zone)
  if (span) return span
  throw new HubError(
    'invalid',
    `“${truncate(value)}” is not a date. Write it as 2026-05-31, yesterday or last week.`,
    { field },
  )
}

const findOwnNumber = prepared((db, p: { me: string; messageId: string }) =>
  db
    .selectFrom('message as m')
    .innerJoin('membership as s', (join) => join.onRef('s.chatId', '=', 'm.chatId').on('s.userId', '=', p.me))
    .where('m.id', '=', p.messageId)
    .select('m.n'),
)

const numberBounds = prepared((db, _: object) =>
  db.selectNoFrom((eb) => [
    eb
      .selectFrom('message')
      .select((message) => message.fn.min('n').as('n'))
      .as('low'),
    eb
      .selectFrom('message')
      .select((message) => message.fn.max('n').as('n'))
      .as('high'),
  ]),
)

const firstFrom = prepared((db, p: { n: number }) =>
  db.selectFrom('message').where('n', '>=', p.n).select(['n', 'at']).orderBy('n').limit(1),
)

/** The first message at or after a time: numbers follow time, so a few looks find it. */
export async function findNumberAt(db: Db, at: number): Promise<number> {
  if (at <= 0) return 1
  const [bounds] = await numberBounds(db, {})
  if (typeof bounds?.low !== 'number' || typeof bounds.high !== 'number') return 1
  let first = bounds.low
  let last = bounds.high + 1
  while (first < last) {
    const middle = Math.floor((first + last) / 2)
    const [row] = await firstFrom(db, { n: middle })
    if (row && row.at < at) first = row.n + 1
    else last = middle
  }
  return first
}
