import type { Input, Output } from '../../shared/contract.ts'
import { HubError } from '../../shared/errors.ts'
import { isTimeZone, ZoneCalendar, type CalendarDay } from '../../shared/text/zones.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'

interface Place {
  no: number
  at: number
}

/**
 * The days of a month with messages of a chat. Numbers follow time unless the clock was set, so a few looks find the first
 * message of a day: the cost does not depend on how many messages there are.
 */
export async function listDays(
  db: Db,
  { chatId, month, zone }: Input<'messages.days'>,
): Promise<Output<'messages.days'>> {
  if (zone !== undefined && !isTimeZone(zone)) {
    throw new HubError(
      'invalid',
      `This hub does not know the time zone “${zone.slice(0, 40)}”. Write it as Europe/Berlin or +05:30.`,
      { field: 'zone' },
    )
  }
  const calendar = new ZoneCalendar(zone)
  const [year = 0, number = 1] = month.split('-').map(Number)
  const end = calendar.startOf({ year, month: number + 1, day: 1 })
  const first = await findFirstSince(db, chatId, calendar.startOf({ year, month: number, day: 1 }))
  const [previous] = await lastBefore(db, { chatId, no: first?.no ?? Number.MAX_SAFE_INTEGER })
  const days: Output<'messages.days'>['days'] = []
  let next = first
  while (next && next.at < end) {
    const day = calendar.dayAt(next.at)
    days.push({ day: isoDay(day), no: next.no })
    next = await findFirstSince(db, chatId, calendar.startOf({ ...day, day: day.day + 1 }))
  }
  return {
    days,
    ...(previous ? { before: previous.no } : {}),
    ...(next ? { after: next.no } : {}),
  }
}

const firstFrom = prepared((db, p: { chatId: string; no: number }) =>
  db
    .selectFrom('message')
    .where('chatId', '=', p.chatId)
    .where('thread', '=', '')
    .where('no', '>=', p.no)
    .select(['no', 'at'])
    .orderBy('no')
    .limit(1),
)

const lastBefore = prepared((db, p: { chatId: string; no: number }) =>
  db
    .selectFrom('message')
    .where('chatId', '=', p.chatId)
    .where('thread', '=', '')
    .where('no', '<', p.no)
    .select('no')
    .orderBy('no', 'desc')
    .limit(1),
)

async function findFirstSince(db: Db, chatId: string, at: number): Promise<Place | undefined> {
  // two looks: one query for both ends would read every message between them
  const [oldest] = await firstFrom(db, { chatId, no: 0 })
  const [newest] = await lastBefore(db, { chatId, no: Number.MAX_SAFE_INTEGER })
  if (!oldest || !newest) return undefined
  let low = oldest.no
  let high = newest.no + 1
  let found: Place | undefined
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [row] = await firstFrom(db, { chatId, no: middle })
    if (row && row.at < at) low = row.no + 1
    else {
      found = row ?? found
      high = middle
    }
  }
  return found
}

function isoDay({ year, month, day }: CalendarDay): string {
  return [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join(
    '-',
  )
}
