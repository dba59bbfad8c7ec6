import { expect, onTestFinished, test, vi } from 'vitest'
import { Bus, type BusEvents } from '../../server/cluster/bus.ts'
import { RereadPace } from '../../server/cluster/reread-pace.ts'
import { overloaded } from '../../server/db/errors.ts'
import { endBus, makeClusterWorld } from '../support/cluster.ts'
import { waitFor } from '../support/wait-for.ts'

/* A process that is busy for a while looks like one that was killed, to itself and to the others. */

const blockedMs = 6_000

test('a process that was silent is heard again: its users are back, and nobody reads memory again', async () => {
  const { turns } = holdTurns()
  const { one, other, ann, bo } = await makeClusterWorld()
  const states = [one, other].map(({ hub }) => hub.cluster)
  await bo.atUrl(other.url).connect()
  const stateOfBo = async () => (await ann.request('users.get', { userId: bo.id })).presence
  await waitFor(async () => expect(await stateOfBo()).toBe('active'))
  // memory is read again when processes meet
  await waitFor(() => expect(states.map((state) => state?.resyncs)).toEqual([0, 1]))
  const resyncs = states.map((state) => state?.resyncs)
  turns.hold()
  advanceClock(blockedMs)
  await waitFor(() => expect(states.map((state) => state?.peerCount)).toEqual([0, 0]))
  expect(one.hub.live.remoteUsers.connectionCountOf(bo.id)).toBe(0)
  turns.release()
  await waitFor(() => expect(states.map((state) => state?.peerCount)).toEqual([1, 1]))
  expect(one.hub.live.remoteUsers.connectionCountOf(bo.id)).toBe(1)
  expect(await stateOfBo()).toBe('active')
  expect(states.map((state) => state?.resyncs)).toEqual(resyncs)
})

test('what was never told is found, and only what it may have changed is read', async () => {
  const { other, ann, bo, eve, kitchen } = await makeClusterWorld()
  const { cluster, live } = other.hub
  await waitFor(async () => expect(cluster?.resyncs).toBe(1))
  const [boLive, eveLive] = [await bo.atUrl(other.url).connect(), await eve.atUrl(other.url).connect()]
  const replaceMemory = vi.spyOn(live, 'replaceMemory')
  const publish = vi.spyOn(Bus.prototype, 'publish').mockReturnValue()
  onTestFinished(() => void vi.restoreAllMocks())
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await ann.request('me.update', { settings: { hideLastSeen: true } })
  publish.mockRestore()
  await waitFor(async () => expect(live.canSeeLastSeen(eve.id, ann.id)).toBe(false))
  const from = [boLive, eveLive].map(({ received }) => received.length)
  const { seq } = await ann.sendMessage(kitchen.id, 'for those who are here')
  const isNews = (message: { t: string; stream?: string }): boolean =>
    message.t === 'entry' && message.stream === `chat:${kitchen.id}`
  expect(await eveLive.next(isNews, from[1])).toMatchObject({ seq, type: 'message.sent' })
  live.publishTyping(kitchen.id, ann.id)
  await eveLive.next(({ t }) => t === 'typing', from[1])
  boLive.send({ t: 'ping' })
  await boLive.next(({ t }) => t === 'pong', from[0])
  expect(boLive.received.slice(from[0]).map(({ t }) => t)).not.toContain('typing')
  expect(boLive.received.slice(from[0]).some(isNews)).toBe(false)
  expect(replaceMemory.mock.calls.map(([{ userIds }]) => userIds !== undefined)).not.toContain(false)
  expect(cluster?.resyncs).toBe(1)
})

test('while the database is busy, clients that should get their heads keep their connection', async () => {
  const { one, other, ann, bo, kitchen } = await makeClusterWorld()
  const client = await bo.atUrl(other.url).connect()
  const { store, live } = other.hub
  const read = store.read.bind(store)
  let refusals = 0
  vi.spyOn(store, 'read').mockImplementation(async (run) => {
    const result = await read(run)
    const isHeads = typeof result === 'object' && result !== null && `user:${bo.id}` in result
    if (!isHeads || refusals > 0) return result
    refusals += 1
    throw overloaded()
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const replaceMemory = vi.spyOn(live, 'replaceMemory')
  const from = client.received.length
  await endBus(one.database)
  const { seq } = await ann.sendMessage(kitchen.id, 'while the bus is away')
  await waitFor(() => expect(replaceMemory).toHaveBeenCalled())
  const behind = await client.next(({ t }) => t === 'behind', from)
  expect(behind).toMatchObject({ heads: { [`chat:${kitchen.id}`]: seq } })
  expect(refusals).toBe(1)
  expect(client.closed).toBeUndefined()
})

test('a process rests after it has read memory, and waits longer for others than it takes', () => {
  const pace = new RereadPace()
  expect([pace.patienceMs, pace.restMs(0)]).toEqual([0, 0])
  pace.noteRead(4_000, 10_000)
  expect([pace.patienceMs, pace.restMs(10_000), pace.restMs(21_000), pace.restMs(30_000)]).toEqual([
    8_000, 12_000, 1_000, 0,
  ])
  // it has waited for a database that was away
  pace.noteRead(600_000, 700_000)
  expect([pace.patienceMs, pace.restMs(700_000)]).toEqual([40_000, 60_000])
})

/** Between `hold` and `release` no turn of another process is heard. */
function holdTurns() {
  let gate: PromiseWithResolvers<void> | undefined
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
  const { open } = Bus.prototype
  vi.spyOn(Bus.prototype, 'open').mockImplementation(function (this: Bus, events) {
    let last = Promise.resolve()
    const onTurn: BusEvents['onTurn'] = (from, notices) => {
      last = last.then(() => gate?.promise).then(() => events.onTurn(from, notices))
    }
    return open.call(this, { ...events, onTurn })
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const turns = {
    hold: () => (gate = Promise.withResolvers<void>()),
    release: () => {
      gate?.resolve()
      gate = undefined
    },
  }
  return { turns }
}

/** As after a time in which the loop was blocked. */
function advanceClock(ms: number): void {
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms)
}
