import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restore } from '../../server/backup/restore.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { RequestError } from '../support/test-user.ts'
import { usesPostgres } from '../support/test-database.ts'
import { Replica, verifySync } from '../support/replica.ts'
import { runRounds, steps, SyncTeam } from '../support/sync-team.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Tests the sync rule of the protocol against random histories: a client that follows the rule ends with the same state
 * as a client that fetches everything, and never receives an entry that its user may not see.
 */

/** With a database server each run takes longer. */
const usualRuns = usesPostgres() ? 15 : 30
/** Set these to search beyond the usual runs: HUBBUB_SYNC_SEED=7 HUBBUB_SYNC_RUNS=1000. */
const seed = Number(process.env['HUBBUB_SYNC_SEED'] ?? 20_261_123)
const runCount = Number(process.env['HUBBUB_SYNC_RUNS'] ?? usualRuns)

test(
  'a client that follows the sync rule ends with the state of a full fetch and receives no entry of other chats',
  {
    timeout: 120_000,
  },
  async () => {
    const hub = await startTestHub({ loadTest: true })
    const owner = await hub.setUp()
    let run = 0
    let reads = 0
    let pushed = 0
    await fc.assert(
      fc.asyncProperty(steps, async (rounds) => {
        const team = await SyncTeam.create(hub, owner, `r${(run += 1)}`)
        await runRounds(team, rounds)
        await team.settle()
        for (const replica of team.replicas) {
          const { fresh, known } = await verifySync(replica, team.tag)
          expect(known).toEqual(fresh)
          expect(replica.violations).toEqual([])
          reads += replica.readCount
          pushed += replica.pushedEntries.length
        }
        expect(await team.findLeakedEntries()).toEqual([])
        await Promise.all(team.replicas.map((replica) => replica.disconnect()))
      }),
      { numRuns: runCount, seed, endOnFailure: true },
    )
    // guards the premise: some entries were missed and some were pushed
    expect(reads).toBeGreaterThan(runCount * 0.4)
    expect(pushed).toBeGreaterThan(runCount)
    expect(await hub.findProblems()).toEqual([])
  },
)

test('a client that fell behind reads from the heads and ends with the state of a full fetch', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld({ loadTest: true })
  const slow = new Replica(bo)
  await slow.connect()
  await slow.settle()
  const sender = await ann.connect()
  slow.live?.socket.pause()
  const text = 'x'.repeat(15_000)
  for (let i = 0; i < 40; i += 1) {
    await Promise.all(
      Array.from({ length: 25 }, () =>
        sender.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text }),
      ),
    )
  }
  const garden = await ann.createGroup('Garden', [bo, eve])
  await ann.sendMessage(garden.id, 'new while you were away')
  await ann.request('chats.update', { chatId: kitchen.id, name: 'Canteen' })
  const gone = await ann.createGroup('Gone', [bo])
  await ann.request('members.remove', { chatId: gone.id, userId: bo.id })
  slow.live?.socket.resume()
  await slow.live?.next((message) => message.t === 'behind')
  await slow.settle()
  expect(slow.readCount).toBeGreaterThan(0)
  const { fresh, known } = await verifySync(slow, '')
  expect(known).toEqual(fresh)
  expect(slow.violations).toEqual([])
})

test('a client of a restored hub sees a new epoch, drops its cursors and forgets what the backup does not have', async () => {
  const world = await makeWorld()
  const { ann, bo, kitchen } = world
  await ann.sendMessage(kitchen.id, 'in the backup')
  const replica = new Replica(bo)
  await replica.connect()
  await replica.settle()
  const file = join(newDataDir(), 'backup.tar')
  await world.hub.backUp(file)
  await ann.sendMessage(kitchen.id, 'after the backup')
  await ann.createGroup('After the backup', [bo])
  await replica.settle()
  expect(replica.chats.size).toBe(3)
  await world.hub.close()
  await replica.disconnect()

  const dataDir = join(newDataDir(), 'restored')
  await restore(file, dataDir)
  const hub = await startTestHub({ dataDir })
  const [bosAgain, annAgain] = [bo.atUrl(hub.url), ann.atUrl(hub.url)]
  await annAgain.sendMessage(kitchen.id, 'instead')
  await replica.connect(bosAgain)
  await replica.settle()
  expect(replica.violations).toEqual([])
  const { fresh, known } = await verifySync(replica, '')
  expect(known).toEqual(fresh)
  expect(JSON.stringify(known)).toContain('instead')
  expect(JSON.stringify(known)).not.toContain('after the backup')
})

test('chats.read and messages.list of a chat that was just left return not_found and change nothing', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  await ann.sendMessage(kitchen.id, 'hello')
  const input = { chatId: kitchen.id }
  const responses = await Promise.allSettled([
    live.request('chats.leave', input),
    live.request('messages.send', { ...input, cid: randomUUID(), text: 'one more' }),
    live.request('chats.read', { ...input, no: 1 }),
    live.request('chats.get', input),
    live.request('messages.list', input),
    live.request('streams.read', { stream: `chat:${kitchen.id}` }),
    live.request('chats.leave', input),
  ])
  expect(
    responses.map((response) =>
      response.status === 'fulfilled' ? 'ok' : (response.reason as RequestError).code,
    ),
  ).toEqual(['ok', ...Array.from({ length: 6 }, () => 'not_found')])
  expect((await ann.request('messages.list', input)).messages).toHaveLength(1)
})

test('one cid sent over two sockets concurrently creates one message and one conflict', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const [one, two, other] = await Promise.all([ann.connect(), ann.connect(), bo.connect()])
  const cid = randomUUID()
  const send = (live: typeof one, text: string) =>
    live?.request('messages.send', { chatId: kitchen.id, cid, text }).then(
      ({ message }) => message.id,
      (error: unknown) => (error instanceof RequestError ? error.code : String(error)),
    )
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, i) => send(i % 2 ? one : two, i < 18 ? 'same' : 'another')),
  )
  const ids = responses.slice(0, 18)
  expect(new Set(ids).size).toBe(1)
  expect(responses.slice(18)).toEqual(['conflict', 'conflict'])
  await other?.settle()
  expect(other?.entries.filter((entry) => entry.type === 'message.sent')).toHaveLength(1)
})
