import path from 'node:path'
import type { Db } from '../schema.ts'
import type { Store } from '../store.ts'
import { createKysely, openReader, type SqliteConnection } from './connection.ts'
import { Writer, type WriterOptions } from './writer.ts'

/** The file of the database in the data directory. */
export const databaseFile = (dataDir: string): string => path.join(dataDir, 'hub.db')

/** A store in one file, with one connection that writes and one that reads. */
export class SqliteStore implements Store {
  readonly writer: Writer
  readonly #reading: SqliteConnection
  readonly #reader: Db

  /** @param writing the connection that migrated the file; its opener closes it */
  constructor(dataDir: string, writing: SqliteConnection, options: WriterOptions) {
    this.writer = new Writer(writing, options)
    this.#reading = openReader(databaseFile(dataDir))
    this.#reader = createKysely(this.#reading)
  }

  /**
   * Reads one state. A read awaits only its queries, which are synchronous underneath, so it runs within one turn
   * of the loop (see SqliteConnection). It needs no transaction.
   */
  read<T>(run: (db: Db) => Promise<T>): Promise<T> {
    return run(this.#reader)
  }

  eraseDeleted(): void {
    this.writer.truncateWal()
  }

  /** Closes the read connection. */
  close(): void {
    this.#reading.raw.close()
  }
}
