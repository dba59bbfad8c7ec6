import { expect, test } from 'vitest'
import { sql } from 'kysely'
import { decodeFrames } from '../../server/continuity/frame.ts'
import { listLoggedTables, localTables, tablesOfTriggers } from '../../server/continuity/logged-tables.ts'
import { nextPosition } from '../../server/continuity/chain.ts'
import { resetIndex } from '../../server/db/full-text.ts'
import type { Transaction } from '../../server/db/store.ts'
import { copyDatabase, digestsIn, DirectShipper, openLogged, openReplica } from '../support/replicated.ts'

const addRow = (tx: Transaction, key: string, count = 1) =>
  tx.db.insertInto('throttle').values({ key, count, since: 0, until: 0 }).execute()

function bodiesOf(shipper: DirectShipper): unknown[] {
  return shipper.shipped.flatMap((frame) => JSON.parse(frame.body.toString()) as unknown[])
}

test('captures every table and column, except those that are named local', async () => {
  const { connection } = await openLogged()
  const { raw } = connection
  const all = raw
    .prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\'`)
    .pluck()
    .all() as string[]
  const logged = listLoggedTables(raw)
  const shadows = ['search_data', 'search_idx', 'search_docsize', 'search_config']
  expect([...logged.map(({ name }) => name), ...localTables, ...shadows].sort()).toEqual(all.sort())
  for (const { name, columns } of logged) {
    const there = raw.prepare('select name from pragma_table_xinfo(?)').pluck().all(name)
    expect(columns).toEqual(there)
  }
})

test('the triggers of the schema write only what the standby can write once more', async () => {
  const { connection } = await openLogged()
  const triggers = connection.raw
    .prepare(`select sql from sqlite_schema where type = 'trigger'`)
    .pluck()
    .all() as string[]
  const harmless = new RegExp(
    `select raise\\(abort|insert into (${tablesOfTriggers.join('|')}) \\(digest\\) values \\([^)]*\\) on conflict do nothing`,
    'i',
  )
  for (const text of triggers) expect(text.replace(/^.*\bbegin\b/s, '')).toMatch(harmless)
})

test('without a standby there is no trigger, no frame and no position', async () => {
  const { connection, log, writer } = await openLogged()
  const shipper = (log.shipper = new DirectShipper())
  await writer.write((tx) => addRow(tx, 'a'))
  expect(connection.raw.prepare('select count(*) from sqlite_temp_schema').pluck().get()).toBe(0)
  expect(connection.capture).toBeUndefined()
  expect(shipper.shipped).toEqual([])
  expect(log.position).toBeUndefined()
  expect(connection.raw.prepare('select lsn from position').pluck().get()).toBe(0)
})

test('a batch is one frame, chained to the one before, and names what changed in order', async () => {
  const { log, writer, turnOn, connection } = await openLogged()
  const shipper = (log.shipper = new DirectShipper())
  await writer.write((tx) => addRow(tx, 'before'))
  await turnOn()
  const start = log.position
  expect(start?.lsn).toBe(1)
  await Promise.all([
    writer.write((tx) => addRow(tx, 'a')),
    writer.write((tx) => tx.db.updateTable('throttle').set({ count: 7, since: 0 }).execute()),
    writer.write((tx) => tx.db.deleteFrom('throttle').where('key', '=', 'before').execute()),
  ])
  const at = log.tables.findIndex(({ name }) => name === 'throttle')
  expect(bodiesOf(shipper)).toEqual([
    [at, 1, 'a', 1, 0, 0],
    [at, 2, ['a'], 1, 7],
    [at, 2, ['before'], 1, 7],
    [at, 3, 'before'],
  ])
  const [frame] = shipper.shipped
  expect(frame?.position).toEqual(
    nextPosition(start ?? { lsn: 0, chain: '' }, frame?.body ?? Buffer.alloc(0)),
  )
  expect(log.position).toEqual(frame?.position)
  expect(connection.raw.prepare('select lsn, chain from position').get()).toEqual(frame?.position)
  expect(
    [...decodeFrames(frame?.encoded ?? Buffer.alloc(0))][0]?.body.equals(frame?.body ?? Buffer.alloc(0)),
  ).toBe(true)
})

test('a batch that changes no row of the log makes no frame', async () => {
  const { log, writer, turnOn } = await openLogged()
  const shipper = (log.shipper = new DirectShipper())
  await turnOn()
  await writer.write((tx) => tx.db.updateTable('searchState').set({ below: 5 }).execute())
  await writer.write((tx) => tx.db.updateTable('throttle').set({ count: 7 }).execute())
  await writer.write((tx) => tx.db.selectFrom('hub').selectAll().execute())
  expect(shipper.shipped).toEqual([])
})

test('what a failed operation or a failed statement undid is in no frame', async () => {
  const { log, writer, turnOn, connection } = await openLogged()
  const shipper = (log.shipper = new DirectShipper())
  await turnOn()
  const copy = copyDatabase(connection)
  shipper.replica = openReplica(copy, { durable: shipper.durable })
  const failed = writer.write(async (tx) => {
    await addRow(tx, 'undone')
    throw new Error('no')
  })
  const caught = writer.write(async (tx) => {
    await addRow(tx, 'kept')
    // the second row contradicts the first: the statement as a whole is undone
    await expect(
      tx.db
        .insertInto('throttle')
        .values(['new', 'kept'].map((key) => ({ key, count: 1, since: 0, until: 0 })))
        .execute(),
    ).rejects.toThrow('UNIQUE')
    // references are checked when all rows are there
    await expect(
      tx.db.insertInto('textBudget').values({ userId: 'nobody', used: 1, at: 1, reachedAt: null }).execute(),
    ).rejects.toThrow('FOREIGN KEY')
  })
  await expect(failed).rejects.toThrow('no')
  await caught
  expect(bodiesOf(shipper)).toEqual([[expect.anything(), 1, 'kept', 1, 0, 0]])
  await shipper.replica.applyAll()
  expect(digestsIn(copy)).toEqual(digestsIn(connection.raw.name.replace(/hub\.db$/, '')))
})

test('an integer beyond 2^53 fails its operation', async () => {
  const { log, writer, turnOn } = await openLogged()
  const shipper = (log.shipper = new DirectShipper())
  await turnOn()
  const big = writer.write((tx) =>
    sql`insert into throttle (key, count, since, until) values ('big', 9007199254740993, 0, 0)`.execute(
      tx.db,
    ),
  )
  await expect(big).rejects.toThrow('too large for the row log')
  await writer.write((tx) =>
    sql`insert into throttle (key, count, since, until) values ('most', 9007199254740991, 0, 0)`.execute(
      tx.db,
    ),
  )
  expect(bodiesOf(shipper)).toEqual([[expect.anything(), 1, 'most', 9007199254740991, 0, 0]])
})

test('a repair of the search index and a change of the file leave the triggers in place', async () => {
  const { log, writer, turnOn, connection, dataDir } = await openLogged()
  const shipper = (log.shipper = new DirectShipper())
  await turnOn()
  await writer.write(async ({ db }) => resetIndex(db, { version: 'new' }))
  writer.vacuum()
  const copy = copyDatabase(connection)
  shipper.replica = openReplica(copy, { durable: shipper.durable })
  await writer.write((tx) => addRow(tx, 'a'))
  expect(bodiesOf(shipper)).toHaveLength(1)
  await shipper.replica.applyAll()
  expect(digestsIn(copy)).toEqual(digestsIn(dataDir))
})
