import { expect, test } from 'vitest'
import { dayForKey, sameDayOf, weeksOf } from '../../renderer/messages/calendar-month.ts'
import { isoDay, numberOnDay } from '../../renderer/state/message-days.ts'

const rows = (year: number, month: number, firstDay: number) =>
  weeksOf(year, month, firstDay).map((week) => week.map((day) => day.getDate()).join(' '))

test('a month is rows of weeks from the first day of the week on', () => {
  expect(rows(2026, 4, 1)).toEqual([
    '27 28 29 30 1 2 3',
    '4 5 6 7 8 9 10',
    '11 12 13 14 15 16 17',
    '18 19 20 21 22 23 24',
    '25 26 27 28 29 30 31',
  ])
  expect(rows(2026, 4, 7)[0]).toBe('26 27 28 29 30 1 2')
  expect(rows(2026, 4, 6)[0]).toBe('25 26 27 28 29 30 1')
  // four full weeks
  expect(rows(2027, 1, 1)).toHaveLength(4)
  expect(rows(2024, 1, 1).at(-1)).toBe('26 27 28 29 1 2 3')
})

test('keys lead from day to day, by week, month and year, and to the edges of the week', () => {
  const from = new Date(2026, 4, 31)
  const to = (key: string, options = {}, shiftKey = false) => {
    const day = dayForKey({ key, shiftKey }, from, { firstDayOfWeek: 1, ...options })
    return day && isoDay(day)
  }
  expect(to('ArrowRight')).toBe('2026-06-01')
  expect(to('ArrowRight', { isRightToLeft: true })).toBe('2026-05-30')
  expect(to('ArrowUp')).toBe('2026-05-24')
  expect(to('ArrowDown')).toBe('2026-06-07')
  expect(to('Home')).toBe('2026-05-25')
  expect(to('Home', { firstDayOfWeek: 7 })).toBe('2026-05-31')
  expect(to('End', { firstDayOfWeek: 7 })).toBe('2026-06-06')
  expect(to('PageDown')).toBe('2026-06-30')
  expect(to('PageUp')).toBe('2026-04-30')
  expect(to('PageUp', {}, true)).toBe('2025-05-31')
  expect(to('x')).toBeUndefined()
  expect(isoDay(sameDayOf(new Date(2024, 1, 29), 12))).toBe('2025-02-28')
})

test('a day leads to its first message, to the next later one, or to the last before it', () => {
  const page = {
    days: [
      { day: '2026-05-03', no: 12 },
      { day: '2026-05-09', no: 40 },
    ],
    before: 11,
    after: 60,
  }
  expect(numberOnDay(page, '2026-05-03')).toBe(12)
  expect(numberOnDay(page, '2026-05-04')).toBe(40)
  expect(numberOnDay(page, '2026-05-10')).toBe(60)
  expect(numberOnDay({ days: page.days, before: 11 }, '2026-05-10')).toBe(40)
  expect(numberOnDay({ days: [], before: 11 }, '2026-05-10')).toBe(11)
  expect(numberOnDay({ days: [] }, '2026-05-10')).toBeUndefined()
})
