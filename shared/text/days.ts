import { ZoneCalendar, type CalendarDay } from './zones.ts'

/** A time span in milliseconds since 1970: `from` inclusive, `to` exclusive. */
export interface DateRange {
  from: number
  to: number
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The time and the calendar that words such as `yesterday` refer to. */
interface Reader {
  now: number
  today: CalendarDay
  calendar: ZoneCalendar
}

/**
 * Parses a day, month or year as users type it: `2026-05-31`, `31.5.2026`, `31/5/2026`, `31 may`, `may 2026`, `2026`, `today`,
 * `yesterday`, `monday` (the latest), `last week`, `3 days ago`. Returns undefined otherwise. The days are those of `zone`, an
 * IANA name or an offset; without it those of this computer.
 */
export function parseDateRange(typed: string, now: number, zone?: string): DateRange | undefined {
  // programs pass milliseconds since 1970
  if (/^\d{11,14}$/.test(typed)) return { from: Number(typed), to: Number(typed) }
  const text = typed.trim().toLowerCase().replace(/\s+/g, ' ')
  const calendar = new ZoneCalendar(zone)
  const reader: Reader = { now, calendar, today: calendar.dayAt(now) }
  return (
    parseNamedRange(text, reader) ??
    parseRelativeRange(text, reader) ??
    parseNumericDate(text, reader) ??
    parseMonthDate(text, reader)
  )
}

function parseNamedRange(text: string, reader: Reader): DateRange | undefined {
  const { year, month } = reader.today
  const weekday = weekdayOf(reader.today)
  const daysSinceMonday = (weekday + 6) % 7
  switch (text) {
    case 'today':
      return daysFromToday(reader, 0)
    case 'yesterday':
      return daysFromToday(reader, -1)
    case 'this week':
      return daysFromToday(reader, -daysSinceMonday, 7)
    case 'last week':
      return daysFromToday(reader, -daysSinceMonday - 7, 7)
    case 'this month':
      return monthRange(reader, year, month)
    case 'last month':
      return monthRange(reader, year, month - 1)
    case 'this year':
      return yearRange(reader, year)
    case 'last year':
      return yearRange(reader, year - 1)
  }
  if (text.length < 3) return undefined
  const named = weekdays.findIndex((name) => name.startsWith(text) && (text.length === 3 || name === text))
  return named < 0 ? undefined : daysFromToday(reader, -((weekday - named + 7) % 7))
}

function parseRelativeRange(text: string, reader: Reader): DateRange | undefined {
  const match = /^(\d{1,4}) (day|week|month|year)s?(?: ago)?$/.exec(text)
  if (!match) return undefined
  const count = Number(match[1])
  if (match[2] === 'day') return daysFromToday(reader, -count)
  if (match[2] === 'week') return daysFromToday(reader, -7 * count)
  const day = monthsBefore(reader.today, match[2] === 'month' ? count : 12 * count)
  return rangeOf(reader, day, { ...day, day: day.day + 1 })
}

/** The same day of an earlier month, or its last day if it is shorter. */
function monthsBefore({ year, month, day }: CalendarDay, count: number): CalendarDay {
  const first = new Date(Date.UTC(year, month - 1 - count, 1))
  const target = { year: first.getUTCFullYear(), month: first.getUTCMonth() + 1 }
  const lastDay = new Date(Date.UTC(target.year, target.month, 0)).getUTCDate()
  return { ...target, day: Math.min(day, lastDay) }
}

function parseNumericDate(text: string, reader: Reader): DateRange | undefined {
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text)
  if (iso) {
    const [, year, month, day] = iso
    if (month === undefined) return yearRange(reader, Number(year))
    if (day === undefined)
      return Number(month) >= 1 && Number(month) <= 12
        ? monthRange(reader, Number(year), Number(month))
        : undefined
    return dayRange(reader, Number(year), Number(month), Number(day))
  }
  const named = /^(\d{1,2})([./])(\d{1,2})\2(\d{4})$/.exec(text)
  if (!named) return undefined
  const [a, b, year] = [Number(named[1]), Number(named[3]), Number(named[4])]
  // 5/31/2026 is unambiguous. An ambiguous date is read day first, as most of the world writes it.
  return dayRange(reader, year, b, a) ?? (named[2] === '/' ? dayRange(reader, year, a, b) : undefined)
}

/** Parses `31 may`, `may 31 2026`, `may 2026`, `may`. Without a year it is the latest such date that has begun. */
function parseMonthDate(text: string, reader: Reader): DateRange | undefined {
  const words = text.replaceAll(/[.,]/g, ' ').split(' ').filter(Boolean)
  const month = words
    .map((word) => (/^[a-z]{3,9}$/.test(word) ? months.indexOf(word.slice(0, 3)) : -1))
    .find((index) => index >= 0)
  if (month === undefined || words.length > 3) return undefined
  const numbers = words.filter((word) => /^\d{1,4}$/.test(word)).map(Number)
  if (numbers.length !== words.length - 1) return undefined
  const day = numbers.find((number) => number <= 31)
  const year = numbers.find((number) => number > 1000)
  if (numbers.length !== Number(day !== undefined) + Number(year !== undefined)) return undefined
  const toRange = (of: number) =>
    day === undefined ? monthRange(reader, of, month + 1) : dayRange(reader, of, month + 1, day)
  if (year !== undefined) return toRange(year)
  // 29 February is in every fourth year, with a gap of eight at most
  for (let of = reader.today.year; of >= reader.today.year - 8; of -= 1) {
    const range = toRange(of)
    if (range && range.from <= reader.now) return range
  }
  return undefined
}

function weekdayOf({ year, month, day }: CalendarDay): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay()
}

function daysFromToday(reader: Reader, offset: number, count = 1): DateRange {
  const { year, month, day } = reader.today
  return rangeOf(reader, { year, month, day: day + offset }, { year, month, day: day + offset + count })
}

function dayRange(reader: Reader, year: number, month: number, day: number): DateRange | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return rangeOf(reader, { year, month, day }, { year, month, day: day + 1 })
}

function monthRange(reader: Reader, year: number, month: number): DateRange {
  return rangeOf(reader, { year, month, day: 1 }, { year, month: month + 1, day: 1 })
}

function yearRange(reader: Reader, year: number): DateRange {
  return rangeOf(reader, { year, month: 1, day: 1 }, { year: year + 1, month: 1, day: 1 })
}

function rangeOf({ calendar }: Reader, first: CalendarDay, next: CalendarDay): DateRange {
  return { from: calendar.startOf(first), to: calendar.startOf(next) }
}
