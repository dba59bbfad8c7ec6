import { describe, expect, test } from 'vitest'
import { parseDateRange } from '../../shared/text/days.ts'
import { ZoneCalendar, isTimeZone } from '../../shared/text/zones.ts'

const hourMs = 60 * 60 * 1000

/** The range of a text in a zone, as UTC times to the minute; `now` is a local time of UTC. */
function range(typed: string, now: string, zone: string): string | undefined {
  const found = parseDateRange(typed, Date.parse(`${now}Z`), zone)
  return found && [found.from, found.to].map((at) => new Date(at).toISOString().slice(0, 16)).join(' ')
}

describe('the days of a zone', () => {
  test.each([
    // typed, moment (UTC), zone, from, to
    ['2026-11-29', '2026-11-29T12:00', 'UTC', '2026-11-29T00:00 2026-11-30T00:00'],
    ['2026-11-29', '2026-11-29T12:00', 'America/Los_Angeles', '2026-11-29T08:00 2026-11-30T08:00'],
    ['2026-11-29', '2026-11-29T12:00', 'Pacific/Auckland', '2026-11-28T11:00 2026-11-29T11:00'],
    ['2026-11-29', '2026-11-29T12:00', 'Asia/Kolkata', '2026-11-28T18:30 2026-11-29T18:30'],
    ['2026-11-29', '2026-11-29T12:00', 'Asia/Kathmandu', '2026-11-28T18:15 2026-11-29T18:15'],
    ['2026-11-29', '2026-11-29T12:00', 'America/St_Johns', '2026-11-29T03:30 2026-11-30T03:30'],
    ['2026-11-29', '2026-11-29T12:00', '+05:30', '2026-11-28T18:30 2026-11-29T18:30'],
    ['2026-11-29', '2026-11-29T12:00', '-03:30', '2026-11-29T03:30 2026-11-30T03:30'],
    // the date differs between the zones at this moment
    ['today', '2026-11-29T23:30', 'Asia/Tokyo', '2026-11-29T15:00 2026-11-30T15:00'],
    ['today', '2026-11-29T23:30', 'America/New_York', '2026-11-29T05:00 2026-11-30T05:00'],
    ['yesterday', '2026-11-29T23:30', 'Asia/Tokyo', '2026-11-28T15:00 2026-11-29T15:00'],
    ['this month', '2026-11-30T23:30', 'Asia/Tokyo', '2026-11-30T15:00 2026-12-31T15:00'],
    ['this year', '2026-12-31T23:30', 'Asia/Tokyo', '2026-12-31T15:00 2027-12-31T15:00'],
    // a Sunday in UTC, a Monday in Tokyo
    ['monday', '2026-11-29T23:30', 'Asia/Tokyo', '2026-11-29T15:00 2026-11-30T15:00'],
    ['this week', '2026-11-29T23:30', 'Asia/Tokyo', '2026-11-29T15:00 2026-12-06T15:00'],
    ['last week', '2026-11-29T23:30', 'America/New_York', '2026-11-16T05:00 2026-11-23T05:00'],
    ['29.11.2026', '2026-11-29T12:00', 'Asia/Kolkata', '2026-11-28T18:30 2026-11-29T18:30'],
    ['29 nov', '2026-11-29T12:00', 'Asia/Kolkata', '2026-11-28T18:30 2026-11-29T18:30'],
    ['nov 2026', '2026-11-29T12:00', 'Europe/Berlin', '2026-10-31T23:00 2026-11-30T23:00'],
    ['29 feb', '2026-11-29T12:00', 'UTC', '2024-02-29T00:00 2024-03-01T00:00'],
    ['29 feb', '2103-11-29T12:00', 'UTC', '2096-02-29T00:00 2096-03-01T00:00'],
    ['2026', '2026-11-29T12:00', 'Europe/Berlin', '2025-12-31T23:00 2026-12-31T23:00'],
  ] as const)('“%s” at %s in %s', (typed, now, zone, expected) => {
    expect(range(typed, now, zone)).toBe(expected)
  })

  test('a day of a change of the clocks has 23, 25 or 24½ hours', () => {
    const hours = (typed: string, zone: string) => {
      const found = parseDateRange(typed, Date.UTC(2026, 11, 1), zone)
      return found && (found.to - found.from) / hourMs
    }
    expect(hours('2026-03-29', 'Europe/Berlin')).toBe(23)
    expect(hours('2026-10-25', 'Europe/Berlin')).toBe(25)
    expect(hours('2026-10-26', 'Europe/Berlin')).toBe(24)
    expect(hours('2026-04-05', 'Australia/Lord_Howe')).toBe(24.5)
    // the clocks change at midnight: the day begins at one o'clock, or an hour of the day before repeats
    expect(range('2024-04-26', '2024-05-01T00:00', 'Africa/Cairo')).toBe('2024-04-25T22:00 2024-04-26T21:00')
    expect(range('2018-11-04', '2018-12-01T00:00', 'America/Sao_Paulo')).toBe(
      '2018-11-04T03:00 2018-11-05T02:00',
    )
    expect(range('2018-02-17', '2018-12-01T00:00', 'America/Sao_Paulo')).toBe(
      '2018-02-17T02:00 2018-02-18T03:00',
    )
    // Samoa left out this day
    expect(range('2011-12-30', '2012-01-10T00:00', 'Pacific/Apia')).toBe('2011-12-30T10:00 2011-12-30T10:00')
  })

  test('relative days cross a change of the clocks by the calendar', () => {
    expect(range('1 day ago', '2026-03-30T00:30', 'Europe/Berlin')).toBe('2026-03-28T23:00 2026-03-29T22:00')
    expect(range('2 weeks ago', '2026-04-01T12:00', 'Europe/Berlin')).toBe(
      '2026-03-17T23:00 2026-03-18T23:00',
    )
  })
})

test.each([
  ['1 month ago', '2026-03-31', '2026-02-28'],
  ['1 month ago', '2028-03-31', '2028-02-29'],
  ['1 month ago', '2026-03-28', '2026-02-28'],
  ['1 month ago', '2026-01-31', '2025-12-31'],
  ['3 months ago', '2026-05-31', '2026-02-28'],
  ['1 month ago', '2026-07-31', '2026-06-30'],
  ['13 months ago', '2026-03-31', '2025-02-28'],
  ['1 year ago', '2028-02-29', '2027-02-28'],
  ['4 years ago', '2028-02-29', '2024-02-29'],
] as const)('“%s” on %s is %s', (typed, today, expected) => {
  expect(range(typed, `${today}T12:00`, 'UTC')?.slice(0, 10)).toBe(expected)
})

test('each day of a year begins where the day before ends, in every zone', () => {
  for (const zone of [
    'UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Africa/Cairo',
    'Pacific/Chatham',
    'America/Havana',
  ]) {
    const calendar = new ZoneCalendar(zone)
    for (let day = 1; day <= 366; day += 1) {
      const from = calendar.startOf({ year: 2026, month: 1, day })
      const expected = new Date(Date.UTC(2026, 0, day))
      expect(calendar.dayAt(from).day, `${zone} ${day}`).toBe(expected.getUTCDate())
      expect(calendar.dayAt(from - 1).day, `${zone} ${day}`).not.toBe(expected.getUTCDate())
    }
  }
})

test('never fails on a day far away', () => {
  for (const typed of [
    '9999 years ago',
    '2100 years ago',
    '9999-12-31',
    '0001-01-01',
    '0000',
    '9999 months',
  ]) {
    for (const zone of ['UTC', 'Asia/Kolkata', 'America/Lima']) {
      const found = parseDateRange(typed, Date.UTC(2026, 10, 29), zone)
      if (found) expect(found.to, `${typed} ${zone}`).toBeGreaterThan(found.from)
    }
  }
})

test('knows names and offsets of zones', () => {
  for (const zone of ['Europe/Berlin', 'europe/berlin', 'UTC', '+05:30', '-0330'])
    expect(isTimeZone(zone)).toBe(true)
  for (const zone of ['', 'Berlin', 'Etc/Unknown', '+25:00', 'a'.repeat(64)])
    expect(isTimeZone(zone)).toBe(false)
})
