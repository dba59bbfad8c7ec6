import { statSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'

import type { Db } from '../schema.ts'
import { toDamagedError } from '../errors.ts'
import type { Store } from '../store.ts'
import { createKysely, openReader, type SqliteConnection } from './connection.ts'
import { isDamaged } from './errors.ts'
import { type FileWriterOptions, Writer } from './writer.ts'

/** The file of the database in the data directory. */
export const databaseFile = (dataDir: string): string => path.join(dataDir, 'hub.db')

/** Left by a hub whose database was too large to be rewritten while it served. */
export const compactMarkFile = (dataDir: string): string => path.join(dataDir, 'compact-at-start')

/** Rewriting this much takes less than a second. */
const maxBytesToCompactNow = 32 * 1024 * 1024

/** A store in one file, with one connection that writes and one that reads. */
export class SqliteStore implements Store {
  readonly writer: Writer
  readonly #dataDir: string
  readonly #reading: SqliteConnection
  readonly #reader: Db
  readonly #onDamage: FileWriterOptions['onDamage']

  /** @param writing the connection that migrated the file; its opener closes it */
  constructor(dataDir: string, writing: SqliteConnection, options: FileWriterOptions) {
    this.#dataDir = dataDir
    this.#onDamage = options.onDamage
    this.writer = new Writer(writing, options)
    this.#reading = openReader(databaseFile(dataDir))
    this.#reader = createKysely(this.#reading)
  }

  /**
   * Reads one state. A read awaits only its queries, which are synchronous underneath, so it runs within one turn
   * of the loop (see SqliteConnection). It needs no transaction.
   */
  async read<T>(run: (db: Db) => T | Promise<T>): Promise<T> {
    try {
      return await run(this.#reader)
    } catch (error) {
      if (!isDamaged(error)) throw error
      this.#onDamage?.(error, 'data')
      throw toDamagedError(error)
    }
  }

  async measure(): Promise<{ database: number; journal: number }> {
    const sizeOf = (file: string): Promise<number> =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      )
    const file = databaseFile(this.#dataDir)
    return { database: await sizeOf(file), journal: await sizeOf(`${file}-wal`) }
  }

  eraseDeleted(): void {
    this.writer.truncateWal()
  }

  compact(): void {
    if (statSync(databaseFile(this.#dataDir)).size <= maxBytesToCompactNow) this.writer.vacuum()
    else writeFileSync(compactMarkFile(this.#dataDir), '')
  }

  /** Closes the read connection. */
  close(): void {
    this.#reading.raw.close()
  }
}
