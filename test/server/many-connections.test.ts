import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Places } from '../../server/db/postgres/places.ts'
import { DeadCheck, deadCheckIntervalMs, pingDue } from '../../server/live/heartbeat.ts'
import { PacedCalls } from '../../server/live/paced-calls.ts'
import { liveTimings } from '../../shared/contract/live.ts'

/* What keeps a process with tens of thousands of connections from doing everything at once. */

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const stallMs = 10_000
const createPlaces = (count: number): Places => new Places(count, stallMs, () => new Error('stalled'))

test('a queue that takes longer than the time-out of a connection is served in order while places are given back', async () => {
  const places = createPlaces(1)
  await places.take()
  const served: number[] = []
  for (let i = 0; i < 50; i += 1) void places.take().then(() => served.push(i))
  for (let i = 0; i < 50; i += 1) {
    await vi.advanceTimersByTimeAsync(stallMs - 1)
    places.giveBack()
  }
  await vi.advanceTimersByTimeAsync(0)
  expect(served).toEqual(Array.from({ length: 50 }, (_, i) => i))
})

test('those who wait are refused if no place is given back, and later ones are served again', async () => {
  const places = createPlaces(1)
  await places.take()
  const refused = expect(places.take()).rejects.toThrow('stalled')
  await vi.advanceTimersByTimeAsync(stallMs)
  await refused
  const later = places.take()
  places.giveBack()
  await later
  places.giveBack()
  await places.take()
})

test('those who wait are refused with the error of a server that is away', async () => {
  const places = createPlaces(1)
  await places.take()
  const refused = expect(places.take()).rejects.toThrow('away')
  places.refuseWaiting(new Error('away'))
  await refused
  places.giveBack()
  await places.take()
})

test('each connection is pinged at its own time', () => {
  const pinged: string[] = []
  const connection = (name: string, lastPingAt: number) => ({
    lastPingAt,
    ping(now: number) {
      this.lastPingAt = now
      pinged.push(name)
    },
  })
  const connections = [connection('early', 0), connection('late', 900)]
  pingDue(connections, liveTimings.pingIntervalMs)
  expect(pinged).toEqual(['early'])
  pingDue(connections, liveTimings.pingIntervalMs + 900)
  expect(pinged).toEqual(['early', 'late'])
})

test('a process that was stopped ends no connection before it has read what came meanwhile', () => {
  const ended: string[] = []
  const connection = (name: string) => ({ lastReceivedAt: 0, terminate: () => void ended.push(name) })
  const [alive, dead] = [connection('alive'), connection('dead')]
  const check = new DeadCheck()
  check.run([alive, dead], 0)
  const later = 2 * liveTimings.connectionTimeoutMs
  check.run([alive, dead], later)
  expect(ended).toEqual([])
  alive.lastReceivedAt = later + 1
  check.run([alive, dead], later + deadCheckIntervalMs)
  expect(ended).toEqual(['dead'])
})

test('calls are made a part at a time, and a new start forgets what waits', async () => {
  const called: number[] = []
  const call = async (item: number): Promise<void> => void called.push(item)
  const calls = new PacedCalls(call, { perPart: 2, intervalMs: 1_000 })
  calls.start([1, 2, 3, 4, 5])
  expect(called).toEqual([1, 2])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(called).toEqual([1, 2, 3, 4])
  calls.start([6])
  await vi.advanceTimersByTimeAsync(5_000)
  expect(called).toEqual([1, 2, 3, 4, 6])
  calls.start([7, 8, 9])
  calls.close()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(called).toEqual([1, 2, 3, 4, 6, 7, 8])
})

test('a part of calls that took long is followed by a longer rest', async () => {
  const called: number[] = []
  const first = Promise.withResolvers<undefined>()
  const call = async (item: number): Promise<void> => {
    called.push(item)
    await first.promise
  }
  const calls = new PacedCalls(call, { perPart: 1, intervalMs: 1_000 })
  calls.start([1, 2])
  await vi.advanceTimersByTimeAsync(5_000)
  first.resolve(undefined)
  await vi.advanceTimersByTimeAsync(19_000)
  expect(called).toEqual([1])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(called).toEqual([1, 2])
  calls.close()
})
