// When a status ends, and how the page says so. All days are those of the user's own clock.
import type { UserStatus } from '../../shared/contract/users.ts'
import { t } from '../text/t.ts'
import { clockTime, dateLocale, daysBetween, firstDayOfWeek } from '../text/time.ts'

const minuteMs = 60_000

export const statusEnds = ['never', 'halfHour', 'hour', 'today', 'week', 'custom'] as const
/** The choices of "Clear after". */
export type StatusEnd = (typeof statusEnds)[number]

/** The status, unless it has ended: the hub sends an ended one until its job has cleared it. */
export function currentStatus(status: UserStatus | undefined, now = Date.now()): UserStatus | undefined {
  return status?.until !== undefined && status.until <= now ? undefined : status
}

/** Milliseconds since 1970. A day ends at midnight, a week before the day that begins one in the user's region. */
export function endOf(end: Exclude<StatusEnd, 'custom' | 'never'>, now: number): number {
  switch (end) {
    case 'halfHour':
      return now + 30 * minuteMs
    case 'hour':
      return now + 60 * minuteMs
    case 'today':
      return midnightAfter(now, 1)
    case 'week':
      return midnightAfter(now, 7 - ((new Date(now).getDay() + 7 - firstDayOfWeek) % 7))
  }
}

/** Counts in days of the calendar, since a day has 23 or 25 hours twice a year. */
export function midnightAfter(now: number, days: number): number {
  return hourAfter(now, days, 0)
}

/** The time when the clock shows this hour, so many days from now. */
export function hourAfter(now: number, days: number, hour: number): number {
  const date = new Date(now)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour).getTime()
}

/** The value of an `<input type="datetime-local">`, rounded up to the minute. */
export function toLocalInput(at: number): string {
  const date = new Date(Math.ceil(at / minuteMs) * minuteMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = [String(date.getFullYear()).padStart(4, '0'), two(date.getMonth() + 1), two(date.getDate())]
  return `${day.join('-')}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** Undefined if the input is empty or incomplete. */
export function fromLocalInput(value: string): number | undefined {
  const at = new Date(value).getTime()
  return Number.isNaN(at) ? undefined : at
}

const dayFormat = new Intl.DateTimeFormat(dateLocale, { weekday: 'short', day: 'numeric', month: 'short' })
const dayYearFormat = new Intl.DateTimeFormat(dateLocale, { day: 'numeric', month: 'long', year: 'numeric' })

/** `Until 14:30`, `Until tomorrow, 14:30`, `Until Fri 12 Dec`, `Until the end of today`. */
export function untilText(until: number, now = Date.now()): string {
  const isMidnight = until === midnightAfter(until, 0)
  const days = daysBetween(now, isMidnight ? until - 1 : until)
  if (isMidnight) {
    if (days === 0) return t('status.untilEndOfToday')
    if (days === 1) return t('status.untilEndOfTomorrow')
    return t('status.until', { when: dayOf(until - 1, now) })
  }
  const time = clockTime(until)
  if (days === 0) return t('status.until', { when: time })
  const day = days === 1 ? t('status.tomorrow') : dayOf(until, now)
  return t('status.untilAt', { day, time })
}

function dayOf(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (sameYear ? dayFormat : dayYearFormat).format(at)
}
