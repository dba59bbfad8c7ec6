import { randomBytes } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { differingTables, TableDigests } from '../../server/continuity/table-digests.ts'
import { DivergenceError } from '../../server/continuity/apply.ts'
import { journalFolder } from '../../server/continuity/replica.ts'
import { openWriter } from '../../server/db/sqlite/connection.ts'
import type { Transaction } from '../../server/db/store.ts'
import { copyDatabase, digestsIn, DirectShipper, openLogged, openReplica } from '../support/replicated.ts'
import { waitFor } from '../support/wait-for.ts'

const addRow = (tx: Transaction, key: string) =>
  tx.db.insertInto('throttle').values({ key, count: 1, since: 0, until: 0 }).execute()

/** A hub's database and a replica of it that follows. */
async function openFollowed() {
  const hub = await openLogged()
  await hub.turnOn()
  const dir = copyDatabase(hub.connection)
  const shipper = (hub.log.shipper = new DirectShipper())
  const replica = (shipper.replica = openReplica(dir, { durable: shipper.durable }))
  const write = (key: string) => hub.writer.write((tx) => addRow(tx, key))
  return { ...hub, dir, shipper, replica, write }
}

const keysIn = (dir: string): string[] => {
  const { raw } = openWriter(join(dir, 'hub.db'))
  try {
    return raw.prepare('select key from throttle order by key').pluck().all() as string[]
  } finally {
    raw.close()
  }
}

test('applies a frame once the next one, or the hub, says that it is committed', async () => {
  const { replica, write, dir, log } = await openFollowed()
  await write('a')
  expect(replica.end).toEqual(log.position)
  expect(replica.applied.lsn).toBe(1)
  await write('b')
  await waitFor(() => expect(replica.applied.lsn).toEqual(2))
  expect(keysIn(dir)).toEqual(['a'])
  replica.committed(3)
  await waitFor(() => expect(replica.applied.lsn).toEqual(3))
  expect(replica.applied).toEqual(log.position)
})

test('cuts off a frame that the hub does not have, and never an applied one', async () => {
  const { replica, write, dir, shipper } = await openFollowed()
  for (const key of ['a', 'b', 'c']) await write(key)
  await waitFor(() => expect(replica.applied.lsn).toEqual(3))
  const [first, second] = shipper.shipped
  await replica.cutTo(second?.position ?? replica.end)
  expect(replica.end.lsn).toBe(3)
  await expect(replica.cutTo(first?.position ?? replica.end)).rejects.toThrow(DivergenceError)
  await replica.applyAll()
  expect(keysIn(dir)).toEqual(['a', 'b'])
})

test('a replica that is opened again has all that it acknowledged', async () => {
  const { replica, write, dir, dataDir, shipper, log } = await openFollowed()
  for (let i = 0; i < 40; i += 1) await write(`k${i}`)
  shipper.replica = undefined
  await replica.close()
  const again = openReplica(dir)
  expect(again.end).toEqual(log.position)
  await again.applyAll()
  expect(again.applied).toEqual(log.position)
  await again.close()
  expect(digestsIn(dir)).toEqual(digestsIn(dataDir))
})

test('what the database lost in a power cut comes from the journal', async () => {
  const { replica, write, dir, dataDir, shipper, connection } = await openFollowed()
  for (let i = 0; i < 10; i += 1) await write(`k${i}`)
  // what is synced until here: the rest is in the memory of the system
  const synced = copyDatabase(connection)
  for (let i = 10; i < 30; i += 1) await write(`k${i}`)
  await waitFor(() => expect(replica.applied.lsn).toBe(30))
  shipper.replica = undefined
  await replica.close()
  for (const name of ['hub.db', 'hub.db-wal', 'hub.db-shm']) rmSync(join(dir, name), { force: true })
  copyFileSync(join(synced, 'hub.db'), join(dir, 'hub.db'))
  const again = openReplica(dir)
  expect(again.applied.lsn).toBe(11)
  await again.applyAll()
  await again.close()
  expect(digestsIn(dir)).toEqual(digestsIn(dataDir))
})

test('empties its journal into the database, and goes on', async () => {
  const { replica, write, dir, dataDir } = await openFollowed()
  const segments = () => readdirSync(journalFolder(dir))
  await write('first')
  const [oldest] = segments()
  for (let i = 0; i < 16; i += 1) await write(`${i} ${randomBytes(300_000).toString('base64')}`)
  replica.committed(replica.end.lsn)
  await waitFor(() => expect(segments()).not.toContain(oldest))
  await write('after')
  expect(segments()).toHaveLength(1)
  await replica.applyAll()
  await replica.close()
  expect(digestsIn(dir)).toEqual(digestsIn(dataDir))
})

test('reports a database that is not the hub’s, and changes nothing', async () => {
  const hub = await openLogged()
  await hub.turnOn()
  await hub.writer.write((tx) => addRow(tx, 'a'))
  const dir = copyDatabase(hub.connection)
  const { raw } = openWriter(join(dir, 'hub.db'))
  raw.exec('delete from throttle')
  raw.close()
  const shipper = (hub.log.shipper = new DirectShipper())
  const errors: unknown[] = []
  shipper.replica = openReplica(dir, { durable: shipper.durable, diverged: (error) => errors.push(error) })
  const position = shipper.replica.applied
  await hub.writer.write((tx) => tx.db.updateTable('throttle').set({ count: 5 }).execute())
  shipper.replica.committed(shipper.replica.end.lsn)
  await waitFor(() => expect(errors).toHaveLength(1))
  expect(errors[0]).toBeInstanceOf(DivergenceError)
  expect(shipper.replica.applied).toEqual(position)
})

test('the digests of hub and replica at one position are equal, and name the table that differs', async () => {
  const { replica, write, writer, connection, log } = await openFollowed()
  const digests = new TableDigests(connection.raw.name)
  const compare = async () => {
    await digests.prepare()
    const there = await writer.pause(async () => {
      await digests.snapshot()
      // the writer is at rest: the replica gets no frame before this
      return replica.digest(log.position ?? replica.end)
    })
    // goes on while the hub writes
    await write(`during ${String(log.position?.lsn)}`)
    return differingTables(await digests.compute(), there)
  }
  await write('a')
  expect(await compare()).toEqual([])
  await write('b')
  await writer.write(() => {
    // as damage would
    const mark = connection.capture?.mark() ?? 0
    connection.raw.exec(`update throttle set count = 9 where key = 'a'`)
    connection.capture?.cutTo(mark)
    return Promise.resolve()
  })
  expect(await compare()).toEqual(['throttle'])
  await digests.close()
})

test('reports a damaged database, acknowledges nothing that it cannot write, and keeps the journal', async () => {
  const hub = await openLogged()
  await hub.turnOn()
  for (let i = 0; i < 400; i += 1) await hub.writer.write((tx) => addRow(tx, `${i} ${'x'.repeat(200)}`))
  const dir = copyDatabase(hub.connection)
  const file = join(dir, 'hub.db')
  const page = openWriter(file)
  const root = page.raw
    .prepare(`select rootpage from sqlite_schema where name = 'throttle'`)
    .pluck()
    .get() as number
  const size = page.raw.pragma('page_size', { simple: true }) as number
  page.raw.close()
  const bytes = readFileSync(file)
  bytes.fill(0xff, (root - 1) * size, root * size)
  writeFileSync(file, bytes)
  const errors: { code?: unknown }[] = []
  const shipper = (hub.log.shipper = new DirectShipper())
  const on = {
    durable: shipper.durable,
    diverged: (error: Error) => errors.push(error.cause as { code?: unknown }),
  }
  shipper.replica = openReplica(dir, on)
  await hub.writer.write((tx) => addRow(tx, 'new'))
  shipper.replica.committed(shipper.replica.end.lsn)
  await waitFor(() => expect(errors).toHaveLength(1))
  expect(String(errors[0]?.code)).toContain('SQLITE_CORRUPT')
  expect(shipper.replica.end).toEqual(hub.log.position)
})
