import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FairQueue } from '../../server/fair-queue.ts'
import { Turns } from '../../server/turns.ts'

/** Sharing the event loop among users. */

// time passes only where a test says so: a pause of the machine would use up a slice
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** Passes turns of 6 ms, which pay a slice each while others are active, until the work is done. */
async function passTurnsUntil(work: Promise<unknown>): Promise<void> {
  let isDone = false
  void work.finally(() => (isDone = true))
  while (!isDone) {
    vi.advanceTimersByTime(6)
    await nextTurn()
  }
}

/** @param waited the time that the loop was idle, in ms */
function makeTurns(waited = () => 0) {
  const turns = new Turns(
    (error) => {
      throw error
    },
    () => performance.now() - waited(),
  )
  const order: string[] = []
  const run = (user: string, i: number) => turns.run(user, async () => void order.push(`${user}${i}`))
  return { turns, order, run }
}

test('work that fits into the turn runs at once', () => {
  const { order, run } = makeTurns()
  void run('ann', 1)
  void run('bo', 1)
  expect(order).toEqual(['ann1', 'bo1'])
})

test('a user who has used up a slice waits, others do not', async () => {
  const { turns, order, run } = makeTurns()
  const exhausted: string[] = []
  turns.onExhausted = (user) => exhausted.push(user)
  turns.charge('ann', 5)
  const waits = run('ann', 1)
  void run('bo', 1)
  expect(order).toEqual(['bo1'])
  expect(exhausted).toEqual(['ann'])
  await passTurnsUntil(waits)
  expect(order).toEqual(['bo1', 'ann1'])
})

test('users who wait go on in rotation, each in order', async () => {
  const { turns, order, run } = makeTurns()
  turns.charge('ann', 3)
  turns.charge('bo', 3)
  const all = [run('ann', 1), run('ann', 2), run('ann', 3), run('bo', 1), run('bo', 2)]
  await passTurnsUntil(Promise.all(all))
  expect(order).toEqual(['ann1', 'bo1', 'ann2', 'bo2', 'ann3'])
})

test('work that took longer than a slice takes the slices of the next turns too', async () => {
  const { turns, order, run } = makeTurns()
  turns.charge('ann', 10)
  const waits = run('ann', 1)
  await nextTurn()
  expect(order).toEqual([])
  void run('bo', 1)
  await passTurnsUntil(waits)
  expect(order).toEqual(['bo1', 'ann1'])
})

test('while others are active, a debt is paid with time and not with turns', async () => {
  const { turns, order, run } = makeTurns()
  void run('bo', 1)
  turns.charge('ann', 20)
  const waits = run('ann', 1)
  for (let i = 0; i < 20; i += 1) await nextTurn()
  expect(order).toEqual(['bo1'])
  for (let i = 0; i < 7; i += 1) {
    vi.advanceTimersByTime(6)
    await nextTurn()
  }
  await waits
})

test('what follows a read counts for its user: the response becomes text after it', async () => {
  const { turns } = makeTurns()
  await turns.run('ann', () => Promise.resolve()).then(() => void vi.advanceTimersByTime(5))
  await new Promise((resolve) => process.nextTick(resolve))
  expect(turns.mayRun('ann')).toBe(false)
  expect(turns.mayRun('bo')).toBe(true)
})

test('the time that a read waits for a database server is nobody’s, and reads at the same time share the rest', async () => {
  let waited = 0
  const { turns } = makeTurns(() => waited)
  const pass = (ms: number) => vi.advanceTimersByTime(ms)
  const settle = () => new Promise((resolve) => process.nextTick(resolve))
  const server = Promise.withResolvers<void>()
  const reads = [turns.run('ann', () => server.promise), turns.run('bo', () => server.promise)]
  pass(900)
  waited += 900
  // the responses of both become rows
  pass(4)
  server.resolve()
  await Promise.all(reads)
  await settle()
  expect([turns.mayRun('ann'), turns.mayRun('bo')]).toEqual([true, true])

  // one who waited for a turn pays for what the loop does after it too
  turns.charge('ann', 5)
  const other = Promise.withResolvers<void>()
  const late = turns.run('ann', () => other.promise)
  while (turns.waitingCount > 0) {
    pass(6)
    await nextTurn()
  }
  pass(900)
  waited += 900
  pass(4)
  other.resolve()
  await late
  await settle()
  expect([turns.mayRun('ann'), turns.mayRun('bo')]).toEqual([false, true])
})

test('reads of one user run one at a time, also over several turns', async () => {
  const { turns } = makeTurns()
  let running = 0
  let most = 0
  const slow = () =>
    turns.run('ann', async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    })
  await Promise.all([slow(), slow(), slow()])
  expect(most).toBe(1)
})

test('a thousand that wait for one user are refused in words, and one that fails stops no other', async () => {
  const { turns } = makeTurns()
  turns.charge('ann', 5)
  const work = Array.from({ length: 1_001 }, (_, i) =>
    turns.run('ann', () => (i === 0 ? Promise.reject(new Error('broken')) : Promise.resolve(i))),
  )
  const results = await Promise.allSettled(work)
  expect(results[0]).toMatchObject({ status: 'rejected' })
  expect(results[999]).toMatchObject({ status: 'fulfilled', value: 999 })
  expect(results[1_000]).toMatchObject({ reason: { code: 'rate_limited' } })
})

test('a fair queue serves its keys in rotation', () => {
  const queue = new FairQueue<string>()
  for (let i = 1; i <= 4; i += 1) queue.push('ann', `ann${i}`)
  queue.push('bo', 'bo1')
  expect(queue.remove('ann', 'ann3')).toBe(true)
  expect(queue.remove('ann', 'bo1')).toBe(false)
  const order = Array.from({ length: 5 }, () => queue.shift())
  expect(order).toEqual(['ann1', 'bo1', 'ann2', 'ann4', undefined])
  expect(queue.size).toBe(0)
})
