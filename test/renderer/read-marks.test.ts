import { expect, test } from 'vitest'
import { RequestError } from '../../renderer/connection/request.ts'
import { ReadMarks } from '../../renderer/state/read-marks.ts'
import { ManualClock, settle } from './support/manual-clock.ts'

/** Marks with a hub whose next results the test sets, and a cache that outlives them. */
function makeMarks(stored = new Map<string, unknown>()) {
  const clock = new ManualClock()
  const sent: [string, number][] = []
  const results: (() => Promise<unknown>)[] = []
  const state = { isLive: true }
  const marks = new ReadMarks({
    ...{ prefix: 'read:', clock, isLive: () => state.isLive, content: { meta: stored } },
    cache: {
      put: (_, key, value) => void (value === undefined ? stored.delete(key) : stored.set(key, value)),
    },
    send: (id, no) => {
      sent.push([id, no])
      return results.shift()?.() ?? Promise.resolve()
    },
  })
  return { marks, clock, sent, results, state, stored }
}

test('sends a mark again if its request, made before the connection was live, fails after it', async () => {
  const { marks, clock, sent, results, state } = makeMarks()
  const lost = Promise.withResolvers<unknown>()
  results.push(() => lost.promise)
  state.isLive = false
  marks.set('c1', 3)
  state.isLive = true
  marks.sendAll()
  expect(sent).toEqual([['c1', 3]])
  lost.reject(new RequestError('offline', 'no response'))
  await settle()
  await clock.advance(2_000)
  expect(sent).toEqual([
    ['c1', 3],
    ['c1', 3],
  ])
  expect(marks.get('c1')).toBeUndefined()
})

test('waits for as long as a busy hub says, and drops what the hub refuses for good', async () => {
  const { marks, clock, sent, results } = makeMarks()
  results.push(() => Promise.reject(new RequestError('rate_limited', 'too much', { retryAfter: 7 })))
  marks.set('c1', 3)
  await clock.advance(6_900)
  expect(sent.length).toBe(1)
  results.push(() => Promise.reject(new RequestError('not_found', 'no such chat')))
  await clock.advance(200)
  expect(sent.length).toBe(2)
  expect(marks.get('c1')).toBeUndefined()
})

test('keeps a mark in the cache until the hub has confirmed it', async () => {
  const { marks, stored, state, results } = makeMarks()
  results.push(() => Promise.reject(new RequestError('offline', 'no hub')))
  state.isLive = false
  marks.set('c1', 5)
  await settle()
  expect([...stored]).toEqual([['read:c1', 5]])
  const later = makeMarks(stored)
  expect(later.marks.get('c1')).toBe(5)
  later.marks.sendAll()
  await settle()
  expect(later.sent).toEqual([['c1', 5]])
  expect(stored.size).toBe(0)
})
