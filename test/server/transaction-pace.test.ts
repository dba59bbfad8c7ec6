import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TransactionPace } from '../../server/db/postgres/transaction-pace.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

test('a transaction begins at once if none runs, else with enough operations or after twice the usual time', async () => {
  const overdue = vi.fn()
  const pace = new TransactionPace(overdue)
  for (let i = 0; i < 100; i += 1) pace.noteCommit(10)
  expect(pace.mayBegin(0, 1)).toBe(true)
  expect(pace.mayBegin(1, 31)).toBe(false)
  expect(pace.mayBegin(1, 32)).toBe(true)
  // the transaction that has begun took what waited
  await vi.advanceTimersByTimeAsync(1_000)
  expect(overdue).not.toHaveBeenCalled()
  expect(pace.mayBegin(2, 1)).toBe(false)
  await vi.advanceTimersByTimeAsync(18)
  expect(overdue).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(3)
  expect(overdue).toHaveBeenCalledOnce()
  expect(pace.mayBegin(2, 1)).toBe(true)
  expect(pace.mayBegin(2, 1)).toBe(false)
})
