import { toDamagedError } from '../errors.ts'
import type { Db } from '../schema.ts'
import type { Store } from '../store.ts'
import { ConnectionPool } from './connection.ts'
import { isConnectionLost, isDamaged, isUnavailable, unavailable } from './errors.ts'
import type { LockKeys } from './locks.ts'
import { PostgresWriter, type PostgresWriterOptions } from './writer.ts'

/** Per process: see docs/scaling.md for the sum of all. */
const poolSizes = { write: 4, read: 6 }

/** A store in a PostgreSQL server, for one process. */
export class PostgresStore implements Store {
  readonly writer: PostgresWriter
  readonly #writing: ConnectionPool
  readonly #reading: ConnectionPool
  readonly #onDamage: PostgresWriterOptions['onDamage']

  constructor(url: string, keys: LockKeys, options: Omit<PostgresWriterOptions, 'maxRunning'>) {
    this.#writing = new ConnectionPool(url, keys, poolSizes.write)
    this.#reading = new ConnectionPool(url, keys, poolSizes.read)
    this.#onDamage = options.onDamage
    this.writer = new PostgresWriter(this.#writing, this.#reading, {
      ...options,
      maxRunning: poolSizes.write,
    })
  }

  /** Reads one snapshot: a transaction that changes nothing. `begin` leaves together with the first statement. */
  async read<T>(run: (db: Db) => T | Promise<T>): Promise<T> {
    try {
      return await this.#readOnce(run)
    } catch (error) {
      // nothing was changed, so it can simply be read again, once the server is back
      if (isConnectionLost(error)) return this.#readOnce(run).catch((again: unknown) => this.#fail(again))
      return this.#fail(error)
    }
  }

  async #readOnce<T>(run: (db: Db) => T | Promise<T>): Promise<T> {
    const { connection, db, release } = await this.#reading.acquire()
    const { client } = connection
    const begun = client.query('begin isolation level repeatable read, read only')
    begun.catch(() => undefined)
    try {
      const result = await run(db)
      await begun
      // the result need not wait for the end of a transaction that only reads
      void client.query('commit').then(
        () => release(),
        () => release(true),
      )
      return result
    } catch (error) {
      void client.query('rollback').then(
        () => release(),
        () => release(true),
      )
      throw error
    }
  }

  #fail(error: unknown): never {
    if (isUnavailable(error)) throw unavailable(error)
    if (!isDamaged(error)) throw error
    this.#onDamage?.(error, 'data')
    throw toDamagedError(error)
  }

  async measure(): Promise<{ database: number; journal: number }> {
    const { connection, release } = await this.#reading.acquire()
    try {
      const [row] = await connection.all<{ bytes: number }>(
        `select coalesce(sum(pg_total_relation_size(oid)), 0) as bytes from pg_class
          where relkind = 'r' and relnamespace = current_schema()::regnamespace`,
        [],
      )
      return { database: row?.bytes ?? 0, journal: 0 }
    } finally {
      release()
    }
  }

  async readTime(): Promise<number> {
    const { connection, release } = await this.#reading.acquire()
    try {
      const [row] = await connection.all<{ now: number }>(
        'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now',
        [],
      )
      return row?.now ?? Number.NaN
    } finally {
      release()
    }
  }

  /** The server cleans up by itself; what that means for deleted content is in docs/security.md. */
  eraseDeleted(): void {}
  compact(): void {}

  async close(): Promise<void> {
    await Promise.all([this.#writing.close(), this.#reading.close()])
  }
}
