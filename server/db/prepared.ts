import type { CompiledQuery } from 'kysely'
import type { Db } from './schema.ts'
import { connectionOf } from './sqlite/connection.ts'

type Compilable<R> = { compile(): CompiledQuery<R> }

/** Placeholder for a value while the query is built. */
class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) })

export interface Prepared<P, R> {
  (db: Db, params: P): Promise<R[]>
  /** Runs synchronously, for work before COMMIT, which cannot wait. */
  now(db: Db, params: P): R[]
}

/**
 * A query that is built and compiled once and bypasses Kysely when it runs, for the paths that run for each message.
 * Building costs about three times as much as running, and Kysely's way to the connection as much again. Only for
 * queries whose text does not depend on values (no lists of varying length).
 * @example
 * const findChat = prepared((db, p: { id: string }) => db.selectFrom('chat').selectAll().where('id', '=', p.id))
 * const [chat] = await findChat(db, { id })
 */
export function prepared<P extends object, R>(build: (db: Db, p: P) => Compilable<R>): Prepared<P, R> {
  let query: CompiledQuery<R> | undefined
  const now = (db: Db, params: P): R[] => {
    query ??= build(db, placeholders as P).compile()
    const values = query.parameters.map((value) =>
      value instanceof Placeholder ? (params as Record<string, unknown>)[value.name] : value,
    )
    return connectionOf(db).all<R>(query.sql, values)
  }
  return Object.assign(async (db: Db, params: P) => now(db, params), { now })
}
