import { expect, test } from 'vitest'
import { matrixFaults, runMatrixCampaign } from '../../campaign/matrix/campaign.ts'
import { requests } from '../../shared/contract.ts'
import { handlers } from '../../server/handlers.ts'
import {
  actors,
  askOverHttp,
  askOverSocket,
  createFixture,
  expectedOverSocket,
  isWrite,
  matrix,
  type MatrixFixture,
  type MatrixHub,
  rows,
  sessionFor,
  withFreshChats,
} from '../support/access-matrix.ts'
import { startTestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { findUndecidedColumns, watchLocks } from '../support/lock-watch.ts'
import { previewsMade } from '../support/previews.ts'
import { usesCluster, usesPostgres } from '../support/test-database.ts'

/** The table of test/support/access-matrix.ts through both transports. `npm run campaign -- matrix` uses tokens too. */

/** A hub of several processes makes no backups of its own, so it refuses these to its owner too. */
const isMissing = (name: string): boolean => usesCluster() && name.startsWith('admin.backups')
const tested = rows.filter(({ name }) => !isMissing(name))

async function startMatrixHub(): Promise<MatrixHub> {
  const hub = await startTestHub({ loadTest: true })
  return { ...hub, whenPreviewed: () => previewsMade(hub) }
}

test('the table has a row for every request of the contract', () => {
  expect(Object.keys(matrix).sort()).toEqual(Object.keys(requests).sort())
  for (const row of Object.values(matrix)) expect(row.expected.split(' ')).toHaveLength(actors.length)
})

test.skipIf(usesPostgres())(
  'test/support/lock-watch.ts says of every column which lock covers it',
  async () => {
    const { hub } = await startTestHub()
    expect(await hub.store.read(findUndecidedColumns)).toEqual([])
  },
)

/** A request takes several round trips to a server. */
const limitMs = usesPostgres() ? 900_000 : 120_000

test(
  'each request returns the result in the table for each kind of actor over HTTP, and its locks cover what it writes',
  { timeout: limitMs },
  async () => {
    const fixture = await createFixture(await startMatrixHub())
    const watch = await watchLocks(fixture.hub.hub.store)
    const wrong: string[] = []
    let cell: MatrixFixture | undefined
    for (const { name, about, row } of tested) {
      for (const [i, who] of actors.entries()) {
        watch.label = `preparing ${name}`
        cell ??= await withFreshChats(fixture)
        const me = who === 'anyone' ? undefined : await sessionFor(fixture, who, name)
        const input = await row.input(cell, me ?? fixture.stranger)
        watch.label = name
        const actual = await askOverHttp(fixture.hub.url, me?.token, name, input)
        if (actual !== row.expected.split(' ')[i]) wrong.push(`${name} ${about} by ${who}: ${actual}`)
        if (row.leavesState || (actual === 'ok' && isWrite(name))) cell = undefined
      }
    }
    expect(wrong).toEqual([])
    expect([...watch.uncovered].sort()).toEqual([])
    const writes = Object.entries(handlers).filter(([, { kind }]) => kind === 'write')
    const unseen = writes.map(([name]) => name).filter((name) => !watch.seen.has(name) && !isMissing(name))
    expect(unseen).toEqual([])
  },
)

test(
  'each request returns the result in the table for each kind of actor over the socket',
  { timeout: limitMs },
  async () => {
    const fixture = await createFixture(await startMatrixHub())
    const wrong: string[] = []
    let cell: MatrixFixture | undefined
    for (const [at, { name, about, row }] of tested.entries()) {
      for (const [i, who] of actors.entries()) {
        // the rule is the same for both transports: half of the actors for each row show that this one asks it
        if (who === 'anyone' || (at + i) % 2 === 0) continue
        cell ??= await withFreshChats(fixture)
        const me = await sessionFor(fixture, who, name)
        const input = await row.input(cell, me)
        const actual = await askOverSocket(me, name, input)
        const expected = expectedOverSocket(name, row, i)
        if (actual !== expected) wrong.push(`${name} ${about} by ${who}: ${actual}`)
        if (row.leavesState || (actual === 'ok' && isWrite(name))) cell = undefined
      }
    }
    expect(wrong).toEqual([])
  },
)

test('the socket upgrade without a session is rejected', async () => {
  const { hub } = await createFixture(await startMatrixHub())
  await expect(LiveClient.open(hub.url, {})).rejects.toThrow('401')
  await expect(LiveClient.open(hub.url, { authorization: `Bearer ${'x'.repeat(43)}` })).rejects.toThrow('401')
})

test('the campaign finds a request that forgot its check', async () => {
  const options = { rounds: 1, minutes: 1, seed: 1, only: 'messages.list', fault: matrixFaults[0] }
  const { problems } = await runMatrixCampaign(options)
  expect(problems.join('\n')).toMatch(/messages\.list .* by outsider, .*: ok, expected not_found/)
  await expect(runMatrixCampaign({ ...options, fault: 'bad-luck' })).rejects.toThrow('choose forgotten-check')
})
