// A backup that is restored while the old hub is still on the network: the team must not end up in two hubs.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Term } from '../../shared/term.ts'
import { restore } from '../../server/backup/restore.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { databaseFor } from '../support/test-database.ts'
import type { TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const bearer = (user: TestUser) => ({ authorization: `Bearer ${user.token}` })

async function restoreCopy(hub: TestHub): Promise<TestHub> {
  const file = join(newDataDir(), 'backup.hubbub')
  const dataDir = join(newDataDir(), 'restored')
  await hub.backUp(file)
  await restore(file, dataDir, { database: await databaseFor(dataDir) })
  return startTestHub({ dataDir })
}

async function termOf(user: TestUser, url: string): Promise<Term | undefined> {
  const client = await LiveClient.connect(url, bearer(user))
  const hello = client.received[0] as Extract<FromHub, { t: 'hello' }>
  await client.close()
  return hello.term
}

test('a client that knows the restored hub stops the old one, for good', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const restored = await restoreCopy(hub)
  expect(await termOf(ann, hub.url)).toBeUndefined()
  const term = await termOf(ann, restored.url)
  expect(term).toMatchObject({ prev: null, at: expect.any(Number) as number })

  const boLive = await bo.connect()
  const client = await LiveClient.open(hub.url, bearer(ann))
  client.send({ t: 'resume', protocol: 1, ...(term ? { term } : {}) })
  const bye = { t: 'bye', code: 'moved', term, places: [] }
  expect(await client.next(({ t }) => t === 'bye')).toEqual(bye)
  expect(await boLive.next(({ t }) => t === 'bye')).toEqual(bye)
  await expect(bo.sendMessage(kitchen.id, 'into the void')).rejects.toMatchObject({ code: 'busy' })
  await expect(hub.restart()).rejects.toThrow('This hub runs on another computer since')

  // the restored one goes on
  const annThere = ann.atUrl(restored.url)
  await annThere.sendMessage(kitchen.id, 'here')
})

test('a forged or damaged record stops nobody', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const restored = await restoreCopy(hub)
  const term = (await termOf(ann, restored.url)) as Term
  const stranger = await makeWorld()
  const strange = (await termOf(stranger.ann, (await restoreCopy(stranger.hub)).url)) as Term
  const forged = [
    { ...term, n: term.n + 1 },
    { ...term, epoch: 'other' },
    { ...term, sig: strange.sig },
    strange,
  ]
  for (const record of forged) {
    const client = await LiveClient.open(hub.url, bearer(ann))
    client.send({ t: 'resume', protocol: 1, term: record })
    await client.next(({ t }) => t === 'state')
    await client.close()
  }
  await ann.sendMessage(kitchen.id, 'still here')
})

test('of two restored copies the later one stops the earlier one, and never the reverse', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const copies = [await restoreCopy(hub), await restoreCopy(hub)]
  const terms = await Promise.all(copies.map(async ({ url }) => (await termOf(ann, url)) as Term))
  // within one minute the name of the computer decides
  const order = terms
    .map((term, i) => ({ term, copy: copies[i] as TestHub }))
    .sort((a, b) => {
      if (a.term.n !== b.term.n) return a.term.n - b.term.n
      return a.term.node < b.term.node ? -1 : 1
    })
  const [lower, higher] = order as [(typeof order)[0], (typeof order)[0]]
  for (const { copy, term } of [
    { copy: higher.copy, term: lower.term },
    { copy: lower.copy, term: higher.term },
  ]) {
    const client = await LiveClient.open(copy.url, bearer(ann))
    client.send({ t: 'resume', protocol: 1, term })
    await client.next(({ t }) => t === (copy === higher.copy ? 'state' : 'bye'))
    client.terminate()
  }
  await ann.atUrl(higher.copy.url).sendMessage(kitchen.id, 'here')
  await expect(ann.atUrl(lower.copy.url).sendMessage(kitchen.id, 'gone')).rejects.toMatchObject({
    code: 'busy',
  })
})

test('what a request had in flight when the hub stopped is not acknowledged', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const restored = await restoreCopy(hub)
  const term = (await termOf(ann, restored.url)) as Term
  const client = await LiveClient.open(hub.url, bearer(ann))
  const sends = Promise.allSettled(
    Array.from({ length: 50 }, (_, i) => ann.sendMessage(kitchen.id, `in flight ${i}`)),
  )
  client.send({ t: 'resume', protocol: 1, term })
  await client.whenClosed()
  await expect(ann.sendMessage(kitchen.id, 'after')).rejects.toMatchObject({ code: 'busy' })
  for (const result of await sends)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'busy' })
})

test('a damaged state file ends the start with what to do, and a missing one is a hub that never moved', async () => {
  const { hub } = await makeWorld()
  const backup = join(newDataDir(), 'backup.hubbub')
  const dataDir = join(newDataDir(), 'restored')
  await hub.backUp(backup)
  // a database server keeps the term itself
  await restore(backup, dataDir)
  const restored = await startTestHub({ dataDir })
  const file = join(dataDir, 'continuity', 'state.json')
  const good = readFileSync(file, 'utf8')
  writeFileSync(file, good.slice(0, 20))
  await expect(restored.restart()).rejects.toThrow('is damaged')
  rmSync(file)
  await startTestHub({ dataDir: restored.dataDir })
})
