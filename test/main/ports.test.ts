import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../main/ports.ts'

test('measures spans by a clock that does not jump when the clock of the computer is set', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const before = systemClock.now()
  vi.setSystemTime(Date.now() - 3_600_000)
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(0)
  vi.setSystemTime(Date.now() + 7_200_000)
  expect(systemClock.now() - before).toBeLessThan(60_000)
})
