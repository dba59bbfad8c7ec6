/** A time span in milliseconds since 1970: `from` inclusive, `to` exclusive. */
export interface DateRange {
  from: number
  to: number
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * Parses a day, month or year as users type it: `2026-05-31`, `31.5.2026`, `31/5/2026`, `31 may`, `may 2026`, `2026`, `today`,
 * `yesterday`, `monday` (the latest), `last week`, `3 days ago`. Uses the time zone of this computer. Returns undefined otherwise.
 */
export function parseDateRange(typed: string, now: number): DateRange | undefined {
  // programs pass milliseconds since 1970
  if (/^\d{11,14}$/.test(typed)) return { from: Number(typed), to: Number(typed) }
  const text = typed.trim().toLowerCase().replace(/\s+/g, ' ')
  return (
    parseNamedRange(text, now) ??
    parseRelativeRange(text, now) ??
    parseNumericDate(text) ??
    parseMonthDate(text, now)
  )
}

function parseNamedRange(text: string, now: number): DateRange | undefined {
  if (text === 'today') return dayRangeAt(now, 0)
  if (text === 'yesterday') return dayRangeAt(now, -1)
  const daysSinceMonday = (new Date(now).getDay() + 6) % 7
  if (text === 'this week')
    return { from: dayRangeAt(now, -daysSinceMonday).from, to: dayRangeAt(now, 7 - daysSinceMonday).from }
  if (text === 'last week')
    return { from: dayRangeAt(now, -daysSinceMonday - 7).from, to: dayRangeAt(now, -daysSinceMonday).from }
  const today = new Date(now)
  if (text === 'this month') return monthRange(today.getFullYear(), today.getMonth())
  if (text === 'last month') return monthRange(today.getFullYear(), today.getMonth() - 1)
  if (text === 'this year') return yearRange(today.getFullYear())
  if (text === 'last year') return yearRange(today.getFullYear() - 1)
  if (text.length < 3) return undefined
  const weekday = weekdays.findIndex((name) => name.startsWith(text) && (text.length === 3 || name === text))
  if (weekday < 0) return undefined
  return dayRangeAt(now, -((today.getDay() - weekday + 7) % 7))
}

function parseRelativeRange(text: string, now: number): DateRange | undefined {
  const match = /^(\d{1,4}) (day|week|month|year)s?(?: ago)?$/.exec(text)
  if (!match) return undefined
  const count = Number(match[1])
  const day = new Date(now)
  if (match[2] === 'day') return dayRangeAt(now, -count)
  if (match[2] === 'week') return dayRangeAt(now, -7 * count)
  if (match[2] === 'month') day.setMonth(day.getMonth() - count)
  else day.setFullYear(day.getFullYear() - count)
  return dayRangeAt(day.getTime(), 0)
}

function parseNumericDate(text: string): DateRange | undefined {
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text)
  if (iso) {
    const [, year, month, day] = iso
    if (month === undefined) return yearRange(Number(year))
    if (day === undefined)
      return Number(month) >= 1 && Number(month) <= 12
        ? monthRange(Number(year), Number(month) - 1)
        : undefined
    return dayRange(Number(year), Number(month), Number(day))
  }
  const named = /^(\d{1,2})([./])(\d{1,2})\2(\d{4})$/.exec(text)
  if (!named) return undefined
  const [a, b, year] = [Number(named[1]), Number(named[3]), Number(named[4])]
  // 5/31/2026 is unambiguous. An ambiguous date is read day first, as most of the world writes it.
  return dayRange(year, b, a) ?? (named[2] === '/' ? dayRange(year, a, b) : undefined)
}

/** Parses `31 may`, `may 31 2026`, `may 2026`, `may`. Without a year it is the latest such date that has begun. */
function parseMonthDate(text: string, now: number): DateRange | undefined {
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
  const toRange = (of: number) => (day === undefined ? monthRange(of, month) : dayRange(of, month + 1, day))
  if (year !== undefined) return toRange(year)
  const thisYear = new Date(now).getFullYear()
  const range = toRange(thisYear)
  return range && range.from > now ? toRange(thisYear - 1) : range
}

function dayRangeAt(at: number, days: number): DateRange {
  const day = new Date(at)
  day.setHours(0, 0, 0, 0)
  day.setDate(day.getDate() + days)
  const from = day.getTime()
  day.setDate(day.getDate() + 1)
  return { from, to: day.getTime() }
}

function dayRange(year: number, month: number, day: number): DateRange | undefined {
  const date = new Date(year, month - 1, day)
  return date.getMonth() === month - 1 && date.getDate() === day ? dayRangeAt(date.getTime(), 0) : undefined
}

function monthRange(year: number, month: number): DateRange {
  return { from: new Date(year, month, 1).getTime(), to: new Date(year, month + 1, 1).getTime() }
}

function yearRange(year: number): DateRange {
  return { from: new Date(year, 0, 1).getTime(), to: new Date(year + 1, 0, 1).getTime() }
}
