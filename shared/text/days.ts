/** A span of time: `from` is in it, `to` is the first moment after it. */
export interface Span {
  from: number
  to: number
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * A day, month or year as people type it: `2026-05-31`, `31.5.2026`, `31/5/2026`, `31 may`, `may 2026`, `2026`, `today`,
 * `yesterday`, `monday` (the latest), `last week`, `3 days ago`. In the time zone of this computer; nothing when it is none of them.
 */
export function readDays(typed: string, now: number): Span | undefined {
  // a moment in milliseconds, as programs write it
  if (/^\d{11,14}$/.test(typed)) return { from: Number(typed), to: Number(typed) }
  const text = typed.trim().toLowerCase().replace(/\s+/g, ' ')
  return byName(text, now) ?? agoOf(text, now) ?? byNumbers(text) ?? byMonth(text, now)
}

function byName(text: string, now: number): Span | undefined {
  if (text === 'today') return dayFrom(now, 0)
  if (text === 'yesterday') return dayFrom(now, -1)
  const back = (new Date(now).getDay() + 6) % 7
  if (text === 'this week') return { from: dayFrom(now, -back).from, to: dayFrom(now, 7 - back).from }
  if (text === 'last week') return { from: dayFrom(now, -back - 7).from, to: dayFrom(now, -back).from }
  const today = new Date(now)
  if (text === 'this month') return monthOf(today.getFullYear(), today.getMonth())
  if (text === 'last month') return monthOf(today.getFullYear(), today.getMonth() - 1)
  if (text === 'this year') return yearOf(today.getFullYear())
  if (text === 'last year') return yearOf(today.getFullYear() - 1)
  if (text.length < 3) return undefined
  const weekday = weekdays.findIndex((name) => name.startsWith(text) && (text.length === 3 || name === text))
  if (weekday < 0) return undefined
  return dayFrom(now, -((today.getDay() - weekday + 7) % 7))
}

function agoOf(text: string, now: number): Span | undefined {
  const match = /^(\d{1,4}) (day|week|month|year)s?(?: ago)?$/.exec(text)
  if (!match) return undefined
  const count = Number(match[1])
  const day = new Date(now)
  if (match[2] === 'day') return dayFrom(now, -count)
  if (match[2] === 'week') return dayFrom(now, -7 * count)
  if (match[2] === 'month') day.setMonth(day.getMonth() - count)
  else day.setFullYear(day.getFullYear() - count)
  return dayFrom(day.getTime(), 0)
}

function byNumbers(text: string): Span | undefined {
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text)
  if (iso) {
    const [, year, month, day] = iso
    if (month === undefined) return yearOf(Number(year))
    if (day === undefined)
      return Number(month) >= 1 && Number(month) <= 12 ? monthOf(Number(year), Number(month) - 1) : undefined
    return dayOf(Number(year), Number(month), Number(day))
  }
  const named = /^(\d{1,2})([./])(\d{1,2})\2(\d{4})$/.exec(text)
  if (!named) return undefined
  const [a, b, year] = [Number(named[1]), Number(named[3]), Number(named[4])]
  // 5/31/2026 can only be meant one way; what can be meant both ways is the day first, as most of the world writes
  return dayOf(year, b, a) ?? (named[2] === '/' ? dayOf(year, a, b) : undefined)
}

/** `31 may`, `may 31 2026`, `may 2026`, `may`; without a year the latest that has begun. */
function byMonth(text: string, now: number): Span | undefined {
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
  const make = (of: number) => (day === undefined ? monthOf(of, month) : dayOf(of, month + 1, day))
  if (year !== undefined) return make(year)
  const thisYear = new Date(now).getFullYear()
  const here = make(thisYear)
  return here && here.from > now ? make(thisYear - 1) : here
}

function dayFrom(at: number, days: number): Span {
  const day = new Date(at)
  day.setHours(0, 0, 0, 0)
  day.setDate(day.getDate() + days)
  const from = day.getTime()
  day.setDate(day.getDate() + 1)
  return { from, to: day.getTime() }
}

function dayOf(year: number, month: number, day: number): Span | undefined {
  const date = new Date(year, month - 1, day)
  return date.getMonth() === month - 1 && date.getDate() === day ? dayFrom(date.getTime(), 0) : undefined
}

function monthOf(year: number, month: number): Span {
  return { from: new Date(year, month, 1).getTime(), to: new Date(year, month + 1, 1).getTime() }
}

function yearOf(year: number): Span {
  return { from: new Date(year, 0, 1).getTime(), to: new Date(year + 1, 0, 1).getTime() }
}
