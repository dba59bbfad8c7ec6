import type Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { maxBodyBytes, type RowFrame } from '../../server/continuity/frame.ts'
import type { BatchShipper } from '../../server/continuity/row-log.ts'
import { createKysely, openReader } from '../../server/db/sqlite/connection.ts'
import type { Transaction } from '../../server/db/store.ts'
import { HubError } from '../../shared/errors.ts'
import { openLogged } from '../support/replicated.ts'

const addRow = (tx: Transaction, key: string) =>
  tx.db.insertInto('throttle').values({ key, count: 1, since: 0, until: 0 }).execute()

/** Lets the event loop turn: what was going to happen by itself has happened then. */
async function pass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A shipper whose answers the test gives. */
class HeldShipper implements BatchShipper {
  readonly frames: RowFrame[] = []
  readonly calls: string[] = []
  allow: () => void = () => undefined
  refuse: (error: Error) => void = () => undefined
  confirmDrop: () => void = () => undefined

  ship(frame: RowFrame): Promise<void> {
    this.frames.push(frame)
    this.calls.push(`ship ${frame.position.lsn}`)
    return new Promise((resolve, reject) => {
      this.allow = resolve
      this.refuse = reject
    })
  }
  committed({ lsn }: { lsn: number }): void {
    this.calls.push(`committed ${lsn}`)
  }
  dropped({ lsn }: { lsn: number }): Promise<void> {
    this.calls.push(`dropped ${lsn}`)
    return new Promise((resolve) => (this.confirmDrop = resolve))
  }
}

async function openHeld(options: { closeWaitMs?: number } = {}) {
  const logged = await openLogged(options)
  await logged.turnOn()
  const shipper = (logged.log.shipper = new HeldShipper())
  const reading = openReader(logged.connection.raw.name)
  const keys = () =>
    logged.connection.raw.prepare('select key from throttle order by key').pluck().all() as string[]
  const shipped = async (count: number) => {
    while (shipper.frames.length < count) await pass(1)
  }
  return { ...logged, shipper, keys, shipped, reading, reader: createKysely(reading) }
}

test('a batch waits for the standby: readers see the state before, and new operations gather for the next', async () => {
  const { writer, shipper, shipped, reader, events, log } = await openHeld()
  const settled: string[] = []
  const write = (key: string) => writer.write((tx) => addRow(tx, key)).then(() => settled.push(key))
  const first = write('a')
  await shipped(1)
  const others = [write('b'), write('c')]
  await pass(5)
  expect(await reader.selectFrom('throttle').select('key').execute()).toEqual([])
  expect({ settled, events }).toEqual({ settled: [], events: ['batch'] })
  expect(log.position?.lsn).toBe(1)
  shipper.allow()
  await first
  expect(await reader.selectFrom('throttle').select('key').execute()).toEqual([{ key: 'a' }])
  await shipped(2)
  shipper.allow()
  await Promise.all(others)
  expect(shipper.calls).toEqual(['ship 2', 'committed 2', 'ship 3', 'committed 3'])
  expect(settled).toEqual(['a', 'b', 'c'])
})

test('a batch that may not be committed is rolled back, and its number is used again', async () => {
  const { writer, shipper, shipped, keys, log, events } = await openHeld()
  const refused = writer.write((tx) => {
    tx.ifRolledBack(() => events.push('rollback'))
    return addRow(tx, 'a')
  })
  await shipped(1)
  shipper.refuse(new HubError('busy', 'The hub has moved.'))
  await expect(refused).rejects.toThrow('The hub has moved.')
  expect(keys()).toEqual([])
  expect(log.position?.lsn).toBe(1)
  const next = writer.write((tx) => addRow(tx, 'b'))
  await shipped(2)
  shipper.allow()
  await next
  expect(shipper.calls).toEqual(['ship 2', 'dropped 2', 'ship 2', 'committed 2'])
  expect(events).toContain('rollback')
  expect(shipper.frames[0]?.position.chain).not.toBe(shipper.frames[1]?.position.chain)
})

test('a shipper that fails at once fails its batch only', async () => {
  const { writer, shipper, shipped, keys } = await openHeld()
  const ship = shipper.ship.bind(shipper)
  shipper.ship = () => {
    throw new Error('the journal is closed')
  }
  await expect(writer.write((tx) => addRow(tx, 'a'))).rejects.toThrow('the journal is closed')
  shipper.ship = ship
  const next = writer.write((tx) => addRow(tx, 'b'))
  await shipped(1)
  shipper.allow()
  await next
  expect(keys()).toEqual(['b'])
})

test('a full disk after shipping is answered once the standby has dropped the frame', async () => {
  const { writer, shipper, shipped, keys, connection, log } = await openHeld()
  const exec = connection.raw.exec.bind(connection.raw)
  const full = writer.write((tx) => addRow(tx, 'a'))
  let answered: unknown
  void full.catch((error: unknown) => (answered = error))
  await shipped(1)
  // the error SQLite throws when it cannot extend the file
  connection.raw.exec = (source: string) => {
    if (source !== 'commit') return exec(source)
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  }
  shipper.allow()
  while (!shipper.calls.includes('dropped 2')) await pass(1)
  await pass(5)
  expect(answered).toBeUndefined()
  connection.raw.exec = exec
  shipper.confirmDrop()
  await expect(full).rejects.toMatchObject({ code: 'disk_full' })
  expect(keys()).toEqual([])
  expect(log.position?.lsn).toBe(1)
})

test('closing rejects what an absent standby keeps waiting, after a while', async () => {
  const { writer, shipped, keys } = await openHeld({ closeWaitMs: 30 })
  const writes = ['a', 'b'].map((key) => writer.write((tx) => addRow(tx, key)))
  const results = Promise.allSettled(writes)
  await shipped(1)
  await writer.close()
  for (const result of await results) expect(result).toMatchObject({ reason: { code: 'busy' } })
  expect(keys()).toEqual([])
})

test('erasing and compacting wait for the end of the batch', async () => {
  const { writer, shipper, shipped, connection } = await openHeld()
  const waiting = writer.write((tx) => addRow(tx, 'a'))
  await shipped(1)
  const statements: string[] = []
  const [exec, pragma] = [
    connection.raw.exec.bind(connection.raw),
    connection.raw.pragma.bind(connection.raw),
  ]
  connection.raw.exec = (source: string) => (statements.push(source), exec(source))
  connection.raw.pragma = (source: string, options?: Database.PragmaOptions) => (
    statements.push(source),
    pragma(source, options)
  )
  writer.truncateWal()
  writer.vacuum()
  expect(statements).toEqual([])
  shipper.allow()
  await waiting
  await writer.pause(() => Promise.resolve())
  expect(statements.filter((one) => /commit|truncate|vacuum/.test(one))).toEqual([
    'commit',
    'wal_checkpoint(truncate)',
    'vacuum',
  ])
})

test('nothing is written during a pause', async () => {
  const { writer, log } = await openLogged()
  void log
  const order: string[] = []
  const paused = writer.pause(async () => {
    order.push('paused')
    await pass(5)
    order.push('resumed')
    return 5
  })
  const written = writer.write((tx) => addRow(tx, 'a')).then(() => order.push('written'))
  expect(await paused).toBe(5)
  await written
  await expect(writer.pause(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const broken = writer.pause(() => {
    throw new Error('at once')
  })
  await expect(broken).rejects.toThrow('at once')
  // asked for as soon as the one before has ended
  for (let i = 0; i < 20; i += 1) expect(await writer.pause(() => Promise.resolve(i))).toBe(i)
  await writer.write((tx) => addRow(tx, 'b'))
  expect(order).toEqual(['paused', 'resumed', 'written'])
})

test('the log goes on where it was when the database is opened again, and begins elsewhere after it was off', async () => {
  const { log, writer, turnOn, connection } = await openLogged()
  await turnOn()
  await writer.write((tx) => addRow(tx, 'a'))
  const { RowLog } = await import('../../server/continuity/row-log.ts')
  expect(new RowLog(connection).position).toEqual(log.position)
  const before = log.position
  await writer.write(async (tx) => tx.after(log.end()))
  expect(log.isOn).toBe(false)
  expect(connection.raw.prepare('select count(*) from sqlite_temp_schema').pluck().get()).toBe(0)
  expect(new RowLog(connection).isOn).toBe(false)
  await writer.write((tx) => addRow(tx, 'b'))
  await turnOn()
  expect(log.position?.lsn).toBe((before?.lsn ?? 0) + 1)
  expect(log.ring.has(before ?? { lsn: 0, chain: '' })).toBe(false)
})

test('a change that is too large for the log fails alone, with words, and the others of its batch are stored', async () => {
  const { writer, log, connection, turnOn } = await openLogged()
  await turnOn()
  const huge = 'x'.repeat(maxBodyBytes)
  const [before, tooLarge, after] = await Promise.allSettled([
    writer.write((tx) => addRow(tx, 'before')),
    writer.write((tx) => addRow(tx, huge)),
    writer.write((tx) => addRow(tx, 'after')),
  ])
  expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled'])
  expect(tooLarge).toMatchObject({ status: 'rejected', reason: { code: 'too_large' } })
  expect(String((tooLarge as PromiseRejectedResult).reason)).toContain('Do it in smaller steps')
  const keys = connection.raw.prepare('select key from throttle order by key').pluck().all()
  expect(keys).toEqual(['after', 'before'])
  expect(log.ring.after(1)).toHaveLength(2)
})
