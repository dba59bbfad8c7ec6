// A backup of a hub with a database server is restored while its processes still run: all of them must stop.
import path from 'node:path'
import { expect, test } from 'vitest'
import pg from 'pg'
import { restore } from '../../server/backup/restore.ts'
import { promoteDatabase } from '../../server/standby/promote-database.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Term } from '../../shared/term.ts'
import { joinCluster, makeClusterWorld } from '../support/cluster.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { databaseFor } from '../support/test-database.ts'
import type { TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

type Hello = Extract<FromHub, { t: 'hello' }>

const bearer = (user: TestUser) => ({ authorization: `Bearer ${user.token}` })

async function restoreCopy(hub: TestHub): Promise<TestHub> {
  const file = path.join(newDataDir(), 'backup.hubbub')
  const dataDir = path.join(newDataDir(), 'restored')
  await hub.backUp(file)
  await restore(file, dataDir, { database: await databaseFor(dataDir) })
  return startTestHub({ dataDir, isCluster: true })
}

async function helloOf(user: TestUser, url: string): Promise<Hello> {
  const client = await LiveClient.connect(url, bearer(user))
  await client.close()
  return client.received[0] as Hello
}

async function show(term: Term, user: TestUser, url: string): Promise<LiveClient> {
  const client = await LiveClient.open(url, bearer(user))
  client.send({ t: 'resume', protocol: 1, term })
  return client
}

const isBye = ({ t }: FromHub): boolean => t === 'bye'

test('all processes stop once a client has shown one of them the term of a restored hub, until the owner decides', async () => {
  const { one, other, ann, bo, kitchen } = await makeClusterWorld({ ops: { port: 0, host: '127.0.0.1' } })
  const restored = await restoreCopy(one)
  // each process of it says the same term
  const { term, epoch } = await helloOf(ann, restored.url)
  expect(await helloOf(bo, (await joinCluster(restored)).url)).toMatchObject({ term, epoch })
  expect(term).toMatchObject({ epoch, prev: null })
  expect((await helloOf(ann, one.url)).term).toBeUndefined()
  if (!term) throw new Error('a restored hub without a term')

  // a forged one stops nobody
  await (await show({ ...term, n: term.n + 1 }, ann, one.url)).next(({ t }) => t === 'state')

  const boLive = await bo.atUrl(other.url).connect()
  const bye = { t: 'bye', code: 'moved', term, places: [] }
  expect(await (await show(term, ann, one.url)).next(isBye)).toEqual(bye)
  expect(await boLive.next(isBye)).toEqual(bye)
  for (const { url, opsUrl } of [one, other]) {
    await expect(ann.atUrl(url).sendMessage(kitchen.id, 'into the void')).rejects.toMatchObject({
      code: 'busy',
    })
    expect(await (await fetch(`${opsUrl}/readyz`)).text()).toContain('another computer is the hub now')
  }
  // one that starts later says what to do
  await expect(joinCluster(one)).rejects.toThrow(/runs on another computer since .*promote --force/)

  // what only this database has can be saved
  await one.backUp(path.join(newDataDir(), 'kept.hubbub'))

  const { dataDir, database = '' } = one
  await expect(promoteDatabase(dataDir, { database, isForced: false })).rejects.toThrow('--force')
  await expect(promoteDatabase(dataDir, { database, isForced: true })).rejects.toThrow('is running')
  await Promise.all([one.close(), other.close()])
  await promoteDatabase(dataDir, { database, isForced: true })
  const again = await one.restart()
  const back = await helloOf(ann, again.url)
  expect(back.term).toMatchObject({ epoch: back.epoch, prev: [term.n, term.node] })
  await ann.atUrl(again.url).sendMessage(kitchen.id, 'here')
  expect(await (await show(back.term as Term, ann, restored.url)).next(isBye)).toMatchObject({
    code: 'moved',
  })
  await again.close()
  await expect(promoteDatabase(dataDir, { database, isForced: true })).rejects.toThrow('No other computer')
})

test('a process writes nothing from the moment at which the database says that another computer is the hub', async () => {
  const { one, other, ann, kitchen } = await makeClusterWorld()
  const restored = await restoreCopy(one)
  const { term } = await helloOf(ann, restored.url)
  const client = new pg.Client(one.database ?? '')
  await client.connect()
  await client.query({ text: 'update store_state set superseded = $1', values: [JSON.stringify(term)] })
  await client.end()
  // before the processes have looked
  await expect(ann.atUrl(other.url).sendMessage(kitchen.id, 'too late')).rejects.toMatchObject({
    code: 'busy',
  })
  await waitFor(() => expect(one.hub.standing.moved()?.term).toEqual(term))
})

test('a database that was restored by the tools of its server begins a term, which stops the one of before', async () => {
  const { one, other, ann, kitchen } = await makeClusterWorld()
  const before = await helloOf(ann, one.url)
  await Promise.all([one.close(), other.close()])
  // a restored dump has other tables
  const client = new pg.Client(one.database ?? '')
  await client.connect()
  await client.query(`update store_state set timeline = 'another'`)
  await client.end()
  const restored = await one.restart()
  const after = await helloOf(ann, restored.url)
  expect(after.epoch).not.toBe(before.epoch)
  expect(after.term?.epoch).toBe(after.epoch)
  expect(await helloOf(ann, (await joinCluster(restored)).url)).toMatchObject({ term: after.term })
  await ann.atUrl(restored.url).sendMessage(kitchen.id, 'here')
})
