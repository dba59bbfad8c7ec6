import type { CompiledQuery } from 'kysely'
import { type DialectName, queryConnectionOf } from './query-connection.ts'
import type { Db } from './schema.ts'

type Compilable<R> = { compile(): CompiledQuery<R> }

/** Placeholder for a value while the query is built. */
class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) })

/** Returns the rows at once if the database is in this process. */
export type Prepared<P, R> = (db: Db, params: P) => R[] | Promise<R[]>

/**
 * A query that is built and compiled once for each database and bypasses Kysely when it runs, for the paths that run
 * for each message. Building costs about three times as much as running, and Kysely's way to the connection as much
 * again. Only for queries whose text does not depend on values (no lists of varying length).
 * @example
 * const findChat = prepared((db, p: { id: string }) => db.selectFrom('chat').selectAll().where('id', '=', p.id))
 * const [chat] = await findChat(db, { id })
 */
export function prepared<P extends object, R>(build: (db: Db, p: P) => Compilable<R>): Prepared<P, R> {
  const queries: { [D in DialectName]?: CompiledQuery<R> } = {}
  return (db, params) => {
    const connection = queryConnectionOf(db)
    const { sql, parameters } = (queries[connection.dialect] ??= build(db, placeholders as P).compile())
    const values = new Array<unknown>(parameters.length)
    for (let i = 0; i < values.length; i++) {
      const value = parameters[i]
      values[i] = value instanceof Placeholder ? (params as Record<string, unknown>)[value.name] : value
    }
    return connection.all<R>(sql, values)
  }
}
