import type { Db } from './schema.ts'
import type { FullText } from './index-document.ts'
import type { JoinedChanges } from './joined-changes.ts'

/*
 * What a handle is connected to. `prepared` and the search index bypass Kysely, so they need the connection itself.
 */

export type DialectName = 'sqlite' | 'postgres'

export interface QueryConnection {
  readonly dialect: DialectName
  readonly fullText: FullText
  /** Missing if the database is in this process. */
  readonly joined?: JoinedChanges
  /**
   * Runs a statement of constant text without Kysely. Returns rows as Kysely's plugin would: synchronously if the
   * database is in this process.
   */
  all<R>(sql: string, values: readonly unknown[]): R[] | Promise<R[]>
}

/** A property of the handle: each operation has its own handle, and a WeakMap of them is work for the collector. */
const getConnection = Symbol('connection')

interface Connected {
  [getConnection]?: () => QueryConnection
}

/** Returns the connection of a handle. @throws Error if the handle's operation has ended */
export function queryConnectionOf(db: Db): QueryConnection {
  const connection = (db as Connected)[getConnection]
  if (!connection) throw new Error('this handle belongs to no store')
  return connection()
}

export function setConnection(db: Db, connection: () => QueryConnection): void {
  ;(db as Connected)[getConnection] = connection
}
