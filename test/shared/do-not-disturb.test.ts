import { expect, test } from 'vitest'
import { doNotDisturbUntil } from '../../shared/do-not-disturb.ts'

const localTime = (day: number, hour: number) => new Date(2026, 2, day, hour).getTime()

test('do-not-disturb ends after an hour, tomorrow morning or never', () => {
  expect(doNotDisturbUntil('hour', localTime(4, 14))).toBe(localTime(4, 15))
  expect(doNotDisturbUntil('morning', localTime(4, 14))).toBe(localTime(5, 8))
  // at night, “tomorrow morning” is the coming morning
  expect(doNotDisturbUntil('morning', localTime(5, 2))).toBe(localTime(5, 8))
  expect(doNotDisturbUntil('off', localTime(4, 14))).toBe(0)
})
