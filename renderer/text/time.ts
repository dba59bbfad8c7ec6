// Times as people say them. Formatters are made once: a new one per row is slow.
import { computed, signal } from '../signals/signal.ts'
import { isolateLine } from './direction.ts'
import { dateLocaleFor, firstDayOfWeekIn } from './region.ts'
import { t } from './t.ts'

/** English as in the user's region. */
export const dateLocale = dateLocaleFor({
  languages: navigator.languages,
  zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  // The tests of what only computes have no window.
  systemRegion: typeof window === 'undefined' ? undefined : window.hubbub?.region,
})

/** 1 for Monday to 7 for Sunday. */
export const firstDayOfWeek = firstDayOfWeekIn(dateLocale)

/** The clock that the user has chosen. `system`: that of the region. */
export type ClockChoice = 'system' | '12' | '24'

const clock = signal<ClockChoice>('system')

/** An element that shows a time and watches signals draws it again. */
export function setClock(choice: ClockChoice): void {
  clock.value = choice
}

const hourCycles = { system: {}, 12: { hourCycle: 'h12' }, 24: { hourCycle: 'h23' } } as const

const formats = computed(() => {
  const cycle = hourCycles[clock.value]
  return {
    time: new Intl.DateTimeFormat(dateLocale, { hour: 'numeric', minute: '2-digit', ...cycle }),
    exact: new Intl.DateTimeFormat(dateLocale, { dateStyle: 'full', timeStyle: 'short', ...cycle }),
  }
})

const weekdayFormat = new Intl.DateTimeFormat(dateLocale, { weekday: 'long' })
const weekdayShortFormat = new Intl.DateTimeFormat(dateLocale, { weekday: 'short' })
const dayMonthFormat = new Intl.DateTimeFormat(dateLocale, { day: 'numeric', month: 'short' })
const dayMonthLongFormat = new Intl.DateTimeFormat(dateLocale, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
})
const dayMonthYearFormat = new Intl.DateTimeFormat(dateLocale, {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
const monthYearFormat = new Intl.DateTimeFormat(dateLocale, { month: 'long', year: 'numeric' })
const longDayFormat = new Intl.DateTimeFormat(dateLocale, { dateStyle: 'long' })

/** `10:42` */
export function clockTime(at: number): string {
  return isolateLine(formats.value.time.format(at))
}

/** `3 March 2024` */
export function dayMonthYear(at: number): string {
  return isolateLine(dayMonthYearFormat.format(at))
}

/**
 * The clock of a zone, with the weekday if another day is there: `10:42`, `Tue 0:10`. Undefined if it shows the same as the
 * clock here, or for a zone that this browser does not know.
 */
export function localTimeIn(zone: string, now: number): string | undefined {
  try {
    const day = new Intl.DateTimeFormat(dateLocale, { timeZone: zone, weekday: 'short' }).format(now)
    const time = new Intl.DateTimeFormat(dateLocale, {
      timeZone: zone,
      hour: 'numeric',
      minute: '2-digit',
      ...hourCycles[clock.value],
    }).format(now)
    const isSameDay = day === weekdayShortFormat.format(now)
    if (isSameDay && time === formats.value.time.format(now)) return undefined
    return isolateLine(isSameDay ? time : `${day} ${time}`)
  } catch {
    return undefined
  }
}

/** For a tooltip: the whole of it. */
export function exactTime(at: number): string {
  return isolateLine(formats.value.exact.format(at))
}

/** `May 2026` */
export function monthAndYear(at: number): string {
  return isolateLine(monthYearFormat.format(at))
}

/** `Tue` and `Tuesday` */
export function weekdayNames(at: number): { short: string; long: string } {
  return { short: weekdayShortFormat.format(at), long: weekdayFormat.format(at) }
}

/** `27 November 2026`, for paper. */
export function longDay(at: number): string {
  return isolateLine(longDayFormat.format(at))
}

/** The day over a part of a conversation: `Today`, `Yesterday`, `Tuesday`, `Tuesday 3 March`, `3 March 2024`. */
export function dayTitle(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days === 0) return t('time.today')
  if (days === 1) return t('time.yesterdayTitle')
  if (days > 1 && days < 7) return weekdayFormat.format(at)
  return isolateLine((sameYear(at, now) ? dayMonthLongFormat : dayMonthYearFormat).format(at))
}

/** `Today 10:42` */
export function dayAndTime(at: number, now: number): string {
  return isolateLine(`${dayTitle(at, now)} ${formats.value.time.format(at)}`)
}

/** In a list: `10:42`, `Yesterday`, `Tue`, `3 Mar`, `3 March 2024`. */
export function listTime(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return t('time.yesterdayTitle')
  if (days < 7) return weekdayShortFormat.format(at)
  return isolateLine((sameYear(at, now) ? dayMonthFormat : dayMonthYearFormat).format(at))
}

/** `about 20 minutes ago`: rounded on purpose, since being seen is nobody's timesheet. */
export function relativeTime(at: number, now: number): string {
  const minutes = Math.max(0, now - at) / 60_000
  if (minutes < 1) return t('time.justNow')
  if (minutes < 57.5) return t('time.aboutMinutes', { count: roundMinutes(minutes) })
  const hours = Math.round(minutes / 60)
  const days = daysBetween(at, now)
  if (hours < 12 || days === 0) return t('time.aboutHours', { count: hours })
  if (days < 7) return t('time.daysAgo', { count: days })
  return t('time.onDay', {
    day: sameYear(at, now) ? dayMonthFormat.format(at) : dayMonthYearFormat.format(at),
  })
}

export function daysBetween(at: number, now: number): number {
  // Rounded, since a day has 23 or 25 hours twice a year.
  return Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000)
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

function sameYear(at: number, now: number): boolean {
  return new Date(at).getFullYear() === new Date(now).getFullYear()
}

function roundMinutes(minutes: number): number {
  return minutes < 10 ? Math.round(minutes) : Math.round(minutes / 5) * 5
}
