import { randomBytes } from 'node:crypto'
import path from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { restore } from '../../server/backup/restore.ts'
import { listCopiedTables, quoteName } from '../../server/db/copy-tables.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { databaseFor } from '../support/test-database.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

/** All rows of a hub, without what a move changes. */
function readRows(file: string): Record<string, unknown[]> {
  const raw = new Database(file, { readonly: true })
  try {
    return Object.fromEntries(
      listCopiedTables(raw).map(({ name, key }) => {
        const rows = raw
          .prepare(`select * from ${quoteName(name)} order by ${key.map(quoteName).join(', ')}`)
          .all() as Record<string, unknown>[]
        return [name, rows.map(({ epoch: _, ...row }) => row)]
      }),
    )
  } finally {
    raw.close()
  }
}

/** The numbers of rows that the planner counts on; -1 before it has looked. */
async function knownCounts(url: string, tables: readonly string[]): Promise<number[]> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ count: number }>(
    `select reltuples as count from unnest($1::text[]) with ordinality as t (name, at)
      join pg_class c on c.relname = t.name and c.relnamespace = current_schema()::regnamespace order by at`,
    [tables],
  )
  await client.end()
  return rows.map(({ count }) => count)
}

test('a hub moves from a server to a file and back with every row and file', async () => {
  const { hub, olga, ann, bo, kitchen, direct } = await makeWorld()
  const bytes = randomBytes(30_000)
  const fileId = await uploadFile(hub.url, ann.token, { name: 'plan.bin', bytes })
  const { message } = await ann.request('messages.send', {
    ...{ chatId: kitchen.id, cid: crypto.randomUUID(), text: 'Grüße 👋🏽 "\\', attachments: [fileId] },
  })
  await bo.request('reactions.add', { messageId: message.id, emoji: '👍' })
  await bo.request('messages.send', {
    ...{ chatId: kitchen.id, cid: crypto.randomUUID(), text: 'a reply', thread: message.id },
  })
  await ann.sendMessage(direct.id, 'between two')
  await ann.request('drafts.set', { chatId: direct.id, text: 'unsent', version: 'v1' })
  await olga.request('webhooks.create', { chatId: kitchen.id, name: 'CI' }).catch(() => undefined)

  const archive = path.join(newDataDir(), 'from-server.hubbub')
  await hub.backUp(archive)
  await hub.close()

  const onDisk = path.join(newDataDir(), 'file')
  await restore(archive, onDisk)
  const small = await startTestHub({ dataDir: onDisk })
  expect(small.database).toBeUndefined()
  expect(small.hub.hubId).toBe(hub.hub.hubId)
  const there = bo.atUrl(small.url)
  expect((await there.request('search.messages', { q: 'grüße' })).hits).toHaveLength(1)
  await small.close()
  const first = readRows(path.join(onDisk, 'hub.db'))

  const second = path.join(newDataDir(), 'from-file.hubbub')
  await backUp(onDisk, second)
  const inServer = path.join(newDataDir(), 'server')
  const database = await databaseFor(inServer)
  await restore(second, inServer, { database })
  const large = await startTestHub({ dataDir: inServer, database })
  expect(large.hub.hubId).toBe(hub.hub.hubId)
  expect(await large.findProblems()).toEqual([])
  await expect
    .poll(() => knownCounts(database ?? '', ['message', 'search_doc']))
    .toEqual([first['message']?.length, 3])
  const back = bo.atUrl(large.url)
  const { hits } = await back.request('search.messages', { q: 'grüße' })
  expect(hits).toMatchObject([{ message: { id: message.id, text: 'Grüße 👋🏽 "\\' } }])
  await back.sendMessage(kitchen.id, 'goes on')
  expect(
    (await fetch(`${large.url}/api/files/${fileId}`, { headers: { authorization: `Bearer ${bo.token}` } }))
      .status,
  ).toBe(200)
  await large.close()

  const third = path.join(newDataDir(), 'again.hubbub')
  await large.backUp(third)
  const again = path.join(newDataDir(), 'again')
  await restore(third, again)
  const last = readRows(path.join(again, 'hub.db'))
  for (const table of ['message', 'reaction', 'draft', 'user', 'membership', 'file', 'webhook']) {
    const rows = (last[table] ?? []) as { text?: string }[]
    expect(rows.length, table).toBeGreaterThanOrEqual((first[table] ?? []).length)
  }
  const [before = [], after = []] = [first['audit'], last['audit']]
  expect(after.slice(0, before.length)).toEqual(before)
})

test('a database that has a hub, and a damaged archive, are refused without a change', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'stays')
  const archive = path.join(newDataDir(), 'one.hubbub')
  await hub.backUp(archive)
  await expect(
    restore(archive, path.join(newDataDir(), 'other'), { database: hub.database }),
  ).rejects.toThrow('The database has a hub already')
  expect(await hub.findProblems()).toEqual([])
})
