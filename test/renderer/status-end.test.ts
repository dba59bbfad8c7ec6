import '../../renderer/text/shell-text.ts'
import { expect, test, vi } from 'vitest'
import {
  currentStatus,
  endOf,
  fromLocalInput,
  hourAfter,
  midnightAfter,
  toLocalInput,
  untilText,
} from '../../renderer/status/status-end.ts'

// The texts of times follow the user's own English.
vi.hoisted(() => Object.defineProperty(navigator, 'languages', { value: ['en-GB'] }))

const at = (...parts: [number, number, number, number?, number?, number?]): number =>
  new Date(...parts).getTime()
/** A Wednesday. */
const now = at(2026, 10, 25, 14, 30)

test('a status counts until the moment of its end', () => {
  const status = { text: 'Out', until: now }
  expect(currentStatus(status, now - 1)).toBe(status)
  expect(currentStatus(status, now)).toBeUndefined()
  expect(currentStatus({ text: 'Out' }, now)).toEqual({ text: 'Out' })
  expect(currentStatus(undefined, now)).toBeUndefined()
})

test('a day ends at midnight and a week before Monday in Britain, on every day of the week', () => {
  expect(endOf('halfHour', now)).toBe(at(2026, 10, 25, 15))
  expect(endOf('hour', now)).toBe(at(2026, 10, 25, 15, 30))
  expect(endOf('today', now)).toBe(at(2026, 10, 26))
  for (let day = 23; day <= 29; day += 1) expect(endOf('week', at(2026, 10, day, 12))).toBe(at(2026, 10, 30))
  expect(endOf('week', at(2026, 10, 30, 0))).toBe(at(2026, 11, 7))
})

test('days are those of the calendar, also across the end of a month and a change of the clock', () => {
  expect(midnightAfter(at(2026, 11, 31, 23, 59), 1)).toBe(at(2027, 0, 1))
  for (const [year, month, day] of [
    [2026, 2, 28],
    [2026, 9, 24],
    [2026, 2, 7],
    [2026, 9, 31],
  ] as const) {
    expect(midnightAfter(at(year, month, day, 12), 2)).toBe(at(year, month, day + 2))
    expect(hourAfter(at(year, month, day, 12), 2, 9)).toBe(at(year, month, day + 2, 9))
  }
})

test('an end survives the way through the input, rounded up to the minute', () => {
  expect(toLocalInput(now)).toBe('2026-11-25T14:30')
  expect(toLocalInput(now + 1)).toBe('2026-11-25T14:31')
  expect(fromLocalInput(toLocalInput(now))).toBe(now)
  expect(fromLocalInput('')).toBeUndefined()
})

test.each([
  [at(2026, 10, 25, 16, 5), 'Until 16:05'],
  [at(2026, 10, 26), 'Until the end of today'],
  [at(2026, 10, 26, 9), 'Until tomorrow, 9:00'],
  [at(2026, 10, 27), 'Until the end of tomorrow'],
  [at(2026, 10, 30), 'Until Sun 29 Nov'],
  [at(2026, 11, 2, 9), 'Until Wed 2 Dec, 9:00'],
  [at(2027, 0, 2), 'Until 1 January 2027'],
])('the end %i reads as "%s"', (until, text) => {
  expect(untilText(until, now)).toBe(text)
})
