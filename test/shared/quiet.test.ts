import { expect, test } from 'vitest'
import { quietUntil } from '../../shared/quiet.ts'

const at = (day: number, hour: number) => new Date(2026, 2, day, hour).getTime()

test('an hour, tomorrow morning, or no longer', () => {
  expect(quietUntil('hour', at(4, 14))).toBe(at(4, 15))
  expect(quietUntil('morning', at(4, 14))).toBe(at(5, 8))
  // in the night the morning that comes is meant
  expect(quietUntil('morning', at(5, 2))).toBe(at(5, 8))
  expect(quietUntil('off', at(4, 14))).toBe(0)
})
