import type { CompiledQuery } from 'kysely'
import type { Db } from './schema.ts'

type Compilable<R> = { compile(): CompiledQuery<R> }

/** Stands for a value while the query is built. */
class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) })

/**
 * A query built and compiled once, for the paths that run for each message: building costs about three times as much as
 * running it. Only for queries whose text does not depend on values (no lists of changing length).
 *
 * @example const findChat = prepared((db, p: { id: string }) => db.selectFrom('chat').selectAll().where('id', '=', p.id))
 *          const [chat] = await findChat(db, { id })
 */
export function prepared<P extends object, R>(
  build: (db: Db, p: P) => Compilable<R>,
): (db: Db, params: P) => Promise<R[]> {
  // one text for each dialect: an operation's handle has its own executor, but the adapter is the database's
  const compiled = new WeakMap<object, { query: CompiledQuery<R>; bind: (params: P) => unknown[] }>()
  return async (db, params) => {
    const adapter = db.getExecutor().adapter
    let ready = compiled.get(adapter)
    if (!ready) {
      const query = build(db, placeholders as P).compile()
      const names = query.parameters.map((value) => (value instanceof Placeholder ? value.name : undefined))
      const bind = (given: P): unknown[] =>
        query.parameters.map((value, i) => {
          const name = names[i]
          return name === undefined ? value : (given as Record<string, unknown>)[name]
        })
      ready = { query, bind }
      compiled.set(adapter, ready)
    }
    const { rows } = await db.executeQuery<R>({ ...ready.query, parameters: ready.bind(params) })
    return rows
  }
}
