import { join } from 'node:path'
import { expect, test, onTestFinished } from 'vitest'
import { migrate } from '../../server/db/migrate.ts'
import { migrations } from '../../server/db/migrations/index.ts'
import {
  createKysely,
  openReader,
  openWriter,
  type SqliteConnection,
} from '../../server/db/sqlite/connection.ts'
import { Writer } from '../../server/db/sqlite/writer.ts'
import type { Transaction } from '../../server/db/store.ts'
import { HubError } from '../../shared/errors.ts'
import { newDataDir } from '../support/data-dir.ts'

async function openTestWriter() {
  const file = join(newDataDir(), 'hub.db')
  const connection = openWriter(file)
  await migrate(connection)
  const reading = openReader(file)
  const log: string[] = []
  const writer = new Writer(connection, {
    clock: () => 1_000,
    applyFacts: (facts) => facts.forEach((fact) => log.push(`fact ${fact.f}`)),
    onBatch: () => log.push('batch'),
    onFatal: (error) => log.push(`fatal ${String(error)}`),
  })
  onTestFinished(() => {
    reading.raw.close()
    connection.raw.close()
  })
  return { writer, connection, reader: createKysely(reading), log }
}

const insertRow = (tx: Transaction, key: string) =>
  tx.db.insertInto('throttle').values({ key, count: 1, since: 0, until: 0 }).execute()

const storedKeys = (connection: SqliteConnection) =>
  connection.raw.prepare('select key from throttle order by key').pluck().all() as string[]

test('writes of one turn are committed once, and each promise resolves after the effects have run', async () => {
  const { writer, connection, log } = await openTestWriter()
  const responses = ['a', 'b', 'c'].map((key) =>
    writer
      .write(async (tx) => {
        await insertRow(tx, key)
        tx.tell({ f: 'owned' })
        tx.after(() => log.push(`effect ${key}, committed ${String(!connection.raw.inTransaction)}`))
        tx.tell({ f: 'chatGone', chat: key })
      })
      .then(() => log.push(`answer ${key}`)),
  )
  await Promise.all(responses)
  expect(log).toEqual([
    'fact owned',
    'effect a, committed true',
    'fact chatGone',
    'fact owned',
    'effect b, committed true',
    'fact chatGone',
    'fact owned',
    'effect c, committed true',
    'fact chatGone',
    'batch',
    'answer a',
    'answer b',
    'answer c',
  ])
})

test('an operation that throws rolls back its own changes only', async () => {
  const { writer, connection, log } = await openTestWriter()
  const good = writer.write((tx) => insertRow(tx, 'good'))
  const bad = writer.write(async (tx) => {
    await insertRow(tx, 'bad')
    tx.after(() => log.push('effect of a failed operation'))
    throw new HubError('conflict', 'no')
  })
  const later = writer.write((tx) => insertRow(tx, 'later'))
  await expect(bad).rejects.toMatchObject({ code: 'conflict' })
  await Promise.all([good, later])
  expect(storedKeys(connection)).toEqual(['good', 'later'])
  expect(log).toEqual(['batch'])
})

test('an operation that throws before it has written anything does not make the others run again', async () => {
  const { writer, connection } = await openTestWriter()
  let runs = 0
  const good = writer.write((tx) => {
    runs += 1
    return insertRow(tx, 'good')
  })
  const bad = writer.write(async (tx) => {
    await tx.db.selectFrom('throttle').select('key').execute()
    throw new HubError('not_found', 'no')
  })
  const later = writer.write((tx) => insertRow(tx, 'later'))
  await expect(bad).rejects.toMatchObject({ code: 'not_found' })
  await Promise.all([good, later])
  expect(storedKeys(connection)).toEqual(['good', 'later'])
  expect(runs).toBe(1)
})

test('a batch in which an operation throws after it has written runs again, and its effects run once', async () => {
  const { writer, connection, log } = await openTestWriter()
  let undone = 0
  const runs = { first: 0, second: 0 }
  const sendBatch = async (name: 'first' | 'second') => {
    const good = writer.write(async (tx) => {
      runs[name] += 1
      await insertRow(tx, name)
      tx.ifRolledBack(() => (undone += 1))
      tx.after(() => log.push(`effect of ${name}`))
    })
    const bad = writer.write(async (tx) => {
      await insertRow(tx, 'bad')
      throw new HubError('conflict', 'no')
    })
    await expect(bad).rejects.toMatchObject({ code: 'conflict' })
    await good
  }
  await sendBatch('first')
  // the batches after it have savepoints from the start
  await sendBatch('second')
  expect(storedKeys(connection)).toEqual(['first', 'second'])
  expect(log).toEqual(['effect of first', 'batch', 'effect of second', 'batch'])
  expect(runs).toEqual({ first: 2, second: 1 })
  expect(undone).toBe(1)
})

test('uncommitted changes are invisible to readers, and visible once the write resolves', async () => {
  const { writer, reader } = await openTestWriter()
  let seenInside: unknown
  await writer.write(async (tx) => {
    await insertRow(tx, 'a')
    seenInside = await reader.selectFrom('throttle').select('key').execute()
  })
  expect(seenInside).toEqual([])
  expect(await reader.selectFrom('throttle').select('key').execute()).toEqual([{ key: 'a' }])
})

test('the context of an operation throws after the operation has returned', async () => {
  const { writer, connection } = await openTestWriter()
  let stored: Transaction | undefined
  await writer.write((tx) => {
    stored = tx
    return Promise.resolve()
  })
  await expect(insertRow(stored as Transaction, 'late')).rejects.toThrow('has ended')
  expect(() => stored?.after(() => undefined)).toThrow('has ended')
  await expect((stored as Transaction).db.transaction().execute(() => Promise.resolve())).rejects.toThrow()
  expect(storedKeys(connection)).toEqual([])
})

test('a full disk rejects the whole batch with disk_full and loses nothing, and writes succeed once there is space', async () => {
  const { writer, connection, log } = await openTestWriter()
  await writer.write((tx) => insertRow(tx, 'before'))
  const pages = connection.raw.pragma('page_count', { simple: true }) as number
  connection.raw.pragma(`max_page_count = ${pages}`)
  const big = 'x'.repeat(100_000)
  const small = writer.write(async (tx) => {
    await insertRow(tx, 'small')
    tx.after(() => log.push('effect of a batch that failed'))
  })
  const large = writer.write((tx) => insertRow(tx, big))
  await expect(large).rejects.toMatchObject({ code: 'disk_full', retryAfter: 30 })
  await small.catch((error: unknown) => expect(error).toMatchObject({ code: 'disk_full' }))
  connection.raw.pragma('max_page_count = 1073741823')
  await writer.write((tx) => insertRow(tx, 'after'))
  const left = storedKeys(connection)
  expect(left).toContain('before')
  expect(left).toContain('after')
  expect(left).not.toContain(big)
  expect(log.filter((line) => line.startsWith('fatal'))).toEqual([])
})

test('a full disk during a checkpoint does not stop writes: the WAL keeps them until there is space', async () => {
  const { writer, connection, log } = await openTestWriter()
  const pragma = connection.raw.pragma.bind(connection.raw)
  const big = 'x'.repeat(400_000)
  let isRefused = false
  // the error SQLite throws when it cannot extend the file
  connection.raw.pragma = (source: string, options?: { simple?: boolean }) => {
    if (!source.includes('passive')) return pragma(source, options)
    isRefused = true
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  }
  for (let i = 0; i < 32; i += 1) await writer.write((tx) => insertRow(tx, `${i} ${big}`))
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(isRefused).toBe(true)
  connection.raw.pragma = pragma
  await writer.write((tx) => insertRow(tx, 'after'))
  expect(storedKeys(connection)).toHaveLength(33)
  expect(log.filter((line) => line.startsWith('fatal'))).toEqual([])
})

test('an I/O error during a checkpoint stops the hub', async () => {
  const { writer, connection, log } = await openTestWriter()
  const pragma = connection.raw.pragma.bind(connection.raw)
  connection.raw.pragma = (source: string, options?: { simple?: boolean }) => {
    if (!source.startsWith('wal_checkpoint')) return pragma(source, options)
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' })
  }
  for (let i = 0; i < 16; i += 1) await writer.write((tx) => insertRow(tx, `${i}`))
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(log.filter((line) => line.startsWith('fatal'))).toEqual(['fatal Error: disk I/O error'])
  await expect(writer.write((tx) => insertRow(tx, 'later'))).rejects.toMatchObject({ code: 'busy' })
})

test('an I/O error stops the hub without acknowledging the write', async () => {
  const { writer, log } = await openTestWriter()
  let answered = false
  void writer
    .write(() => Promise.reject(Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' })))
    .then(
      () => (answered = true),
      () => (answered = true),
    )
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(log).toEqual(['fatal Error: disk I/O error'])
  expect(answered).toBe(false)
  await expect(writer.write((tx) => insertRow(tx, 'later'))).rejects.toMatchObject({ code: 'busy' })
})

test('writes beyond the queue limit are rejected as busy', async () => {
  const { writer } = await openTestWriter()
  const megabyte = 1024 * 1024
  const waiting = Array.from({ length: 32 }, (_, i) =>
    writer.write((tx) => insertRow(tx, `k${i}`), { bytes: megabyte }),
  )
  await expect(writer.write((tx) => insertRow(tx, 'one too many'))).rejects.toMatchObject({
    code: 'busy',
    retryAfter: 1,
  })
  await Promise.all(waiting)
})

test('closing waits for accepted writes and rejects later ones', async () => {
  const { writer, connection } = await openTestWriter()
  const taken = writer.write((tx) => insertRow(tx, 'taken'))
  const closed = writer.close()
  await expect(writer.write((tx) => insertRow(tx, 'late'))).rejects.toMatchObject({ code: 'busy' })
  await closed
  await taken
  expect(storedKeys(connection)).toEqual(['taken'])
})

test('every writer connection has synchronous = FULL, when created and when reopened', async () => {
  const { connection } = await openTestWriter()
  expect(connection.raw.pragma('synchronous', { simple: true })).toBe(2)
  const again = openWriter(connection.raw.name)
  expect(again.raw.pragma('synchronous', { simple: true })).toBe(2)
  again.raw.close()
})

test('migrate reaches the current schema version and rejects a database with a newer one', async () => {
  const { connection } = await openTestWriter()
  expect(connection.raw.pragma('user_version', { simple: true })).toBe(migrations.length)
  connection.raw.pragma('user_version = 99')
  await expect(migrate(connection)).rejects.toThrow('schema 99')
})

test('the operations of one user keep their order and delay those of another by one operation, not by all', async () => {
  const { writer } = await openTestWriter()
  const order: string[] = []
  const write = (user: string, i: number) =>
    writer.write(async (tx) => void (order.push(`${user}${i}`), await insertRow(tx, `${user}${i}`)), { user })
  const many = Array.from({ length: 300 }, (_, i) => write('ann', i))
  await write('bo', 0)
  expect(order.indexOf('bo0')).toBe(1)
  await Promise.all(many)
  expect(order.filter((one) => one.startsWith('ann'))).toEqual(
    Array.from({ length: 300 }, (_, i) => `ann${i}`),
  )
})

function burnProcessorTime(ms: number): void {
  const used = () => process.threadCpuUsage().user + process.threadCpuUsage().system
  const until = used() + ms * 1000
  while (used() < until);
}

test('a user who takes long waits for the next batch, in order, and others do not', async () => {
  const { writer, log } = await openTestWriter()
  const order: string[] = []
  const burn = (key: string, user: string, ms: number) =>
    writer
      .write(
        async (tx) => {
          await insertRow(tx, key)
          burnProcessorTime(ms)
        },
        { user },
      )
      .then(() => order.push(key))
  await Promise.all([
    ...['a1', 'a2', 'a3'].map((key) => burn(key, 'ann', 20)),
    ...['b1', 'b2', 'b3'].map((key) => burn(key, 'bo', 1)),
  ])
  expect(log.filter((line) => line === 'batch')).toHaveLength(3)
  expect(order.filter((key) => key.startsWith('a'))).toEqual(['a1', 'a2', 'a3'])
  expect(order.indexOf('b3')).toBeLessThan(order.indexOf('a2'))
})

test('a batch of many users ends after a while too', async () => {
  const { writer, log } = await openTestWriter()
  const burn = (user: string) =>
    writer.write(
      async (tx) => {
        await insertRow(tx, user)
        burnProcessorTime(30)
      },
      { user },
    )
  await Promise.all(['ann', 'bo', 'eve', 'olga'].map(burn))
  expect(log.filter((line) => line === 'batch')).toHaveLength(2)
})
