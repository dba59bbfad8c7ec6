import { cpSync } from 'node:fs'
import path from 'node:path'
// eslint-disable-next-line no-restricted-syntax -- it waits for nothing: what processes tell each other comes late
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Bus, type BusEvents } from '../../server/cluster/bus.ts'
import { endBus, makeClusterWorld } from '../support/cluster.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { LiveClient } from '../support/live-client.ts'
import { type Replica, verifySync } from '../support/replica.ts'
import { runRounds, steps, SyncTeam } from '../support/sync-team.ts'
import { waitFor } from '../support/wait-for.ts'

/*
 * The property of sync.test.ts with clients spread over several processes: two hubs in the process of the test, and a
 * third as a process of its own. A client sends its requests to any of them, and resumes at another.
 */

const usualRuns = 3
const runsPerHub = 100
const maxDelayMs = 60
/** Set these to search beyond the usual runs: HUBBUB_SYNC_SEED=7 HUBBUB_SYNC_RUNS=1000. */
const seed = Number(process.env['HUBBUB_SYNC_SEED'] ?? 20_261_130)
const runCount = Number(process.env['HUBBUB_SYNC_RUNS'] ?? usualRuns)
/** Entries that are pushed are on their way for milliseconds; those that were lost are found after seconds. */
const lateAfterMs = 1_000

test(
  'clients of several processes end with the state of a full fetch, and get each entry once and none of other chats',
  { timeout: 60_000 + runCount * 4_000 },
  async () => {
    slowTheBus(() => sleep(Math.random() ** 3 * maxDelayMs))
    let hub = await startHubs()
    const counts = { runs: 0, reads: 0, pushed: 0, behind: 0, late: 0 }
    await fc.assert(
      fc.asyncProperty(steps, async (rounds) => {
        // a new client fetches all users, of whom each run makes some
        if (counts.runs > 0 && counts.runs % runsPerHub === 0) {
          expect(await hub.one.findProblems()).toEqual([])
          await hub.close()
          hub = await startHubs()
        }
        const team = await SyncTeam.create(hub.one, hub.olga, `r${(counts.runs += 1)}`, hub.places)
        await runRounds(team, rounds)
        await team.settle()
        const beganAt = performance.now()
        for (const replica of team.replicas) {
          await compareInTheEnd(replica, team.tag)
          expect(replica.violations).toEqual([])
          counts.reads += replica.readCount
          counts.pushed += replica.pushedEntries.length
          // while the processes meet, they read their memory again
          if (counts.runs % runsPerHub !== 1) counts.behind += replica.behindCount
        }
        if (performance.now() - beganAt > lateAfterMs) counts.late += 1
        expect(await team.findLeakedEntries()).toEqual([])
        await Promise.all(team.replicas.map((replica) => replica.disconnect()))
      }),
      { numRuns: runCount, seed, endOnFailure: true },
    )
    if (runCount > usualRuns) {
      process.stderr.write(`${JSON.stringify(counts)}\n`)
      expect(counts.reads).toBeGreaterThan(runCount * 0.4)
    }
    expect(counts.pushed).toBeGreaterThan(runCount)
    // nothing was lost on the way between processes
    expect(counts.behind).toBe(0)
    expect(await hub.one.findProblems()).toEqual([])
  },
)

test('a connection gets nothing of a chat that its state no longer has, although the process learns it late', async () => {
  const gate = Promise.withResolvers<void>()
  let isClosed = false
  slowTheBus(async () => isClosed && (await gate.promise))
  const { other, ann, bo, kitchen, direct } = await makeClusterWorld()
  isClosed = true
  await ann.sendMessage(kitchen.id, 'before')
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  const live = await bo.atUrl(other.url).connect()
  expect(live.state?.chats.map(({ id }) => id)).toEqual([direct.id])
  gate.resolve()
  await ann.sendMessage(direct.id, 'after')
  await live.nextEntry('message.sent')
  // and again from where he is added
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  const added = await live.nextEntry('chat.added')
  await ann.sendMessage(kitchen.id, 'welcome')
  const from = live.received.indexOf(added)
  const { seq } = (await live.next(
    (message) => message.t === 'entry' && message.stream === `chat:${kitchen.id}`,
    from,
  )) as { seq: number }
  expect(live.entries.map(({ stream, type }) => [stream, type])).toEqual([
    [`chat:${direct.id}`, 'message.sent'],
    [`user:${bo.id}`, 'chat.added'],
    [`chat:${kitchen.id}`, 'message.sent'],
  ])
  expect(seq).toBe((added as { chat: { head: number } }).chat.head + 1)
})

test('a client that resumes while memory is read again learns what its state does not have yet', async () => {
  const never = new Promise(() => undefined)
  let isLost = false
  slowTheBus(async () => isLost && (await never))
  const { one, other, ann, bo, kitchen } = await makeClusterWorld()
  const { live, store } = other.hub
  const client = await LiveClient.open(other.url, { authorization: `Bearer ${bo.token}` })
  await client.next(({ t }) => t === 'hello')
  const isRead = Promise.withResolvers<void>()
  const isReread = Promise.withResolvers<void>()
  const read = store.read.bind(store)
  vi.spyOn(store, 'read').mockImplementation(async (run) => {
    const result = await read(run)
    if ((result as { state?: { t?: string } } | undefined)?.state?.t !== 'state') return result
    isRead.resolve()
    await isReread.promise
    return result
  })
  client.send({ t: 'resume', protocol: 1 })
  await isRead.promise
  isLost = true
  const { seq } = await ann.sendMessage(kitchen.id, 'heard by nobody')
  const replaceMemory = vi.spyOn(live, 'replaceMemory')
  await endBus(one.database)
  await waitFor(() => expect(replaceMemory).toHaveBeenCalled())
  isReread.resolve()
  const behind = await client.next(({ t }) => t === 'behind')
  expect(behind).toMatchObject({ heads: { [`chat:${kitchen.id}`]: seq } })
})

/** Turns arrive later, in their order: what happens meanwhile would be rare otherwise. */
function slowTheBus(delay: () => Promise<unknown>): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
  const { open } = Bus.prototype
  vi.spyOn(Bus.prototype, 'open').mockImplementation(function (this: Bus, events) {
    let last: Promise<unknown> = Promise.resolve()
    const onTurn: BusEvents['onTurn'] = (from, notices) => {
      last = Promise.all([last, delay()]).then(() => events.onTurn(from, notices))
    }
    return open.call(this, { ...events, onTurn })
  })
  onTestFinished(() => void vi.restoreAllMocks())
}

async function startHubs() {
  const { one, other, olga } = await makeClusterWorld({ loadTest: true })
  const dataDir = newDataDir()
  cpSync(path.join(one.dataDir, 'identity'), path.join(dataDir, 'identity'), { recursive: true })
  // the program as users run it
  const third = await spawnHub(dataDir, ['--cluster', '--load-test', '--port', '0'], {
    HUBBUB_DATABASE: one.database,
  })
  const close = async (): Promise<void> => {
    await Promise.all([one.close(), other.close(), third.kill('SIGTERM')])
  }
  return { one, olga, places: [one, other, third], close }
}

/** Compares once what was committed has arrived: an entry from another process may be on its way. */
async function compareInTheEnd(replica: Replica, tag: string): Promise<void> {
  await waitFor(async () => {
    await replica.settle()
    const { fresh, known } = await verifySync(replica, tag)
    expect(known).toEqual(fresh)
  })
}
