import type { CompiledQuery, QueryResult } from 'kysely'
import type pg from 'pg'
import { StartError } from '../../start-error.ts'
import { NewerDatabaseError } from '../newer-database.ts'
import { migrations } from '../migrations/index.ts'
import { createKysely, PostgresConnection } from './connection.ts'
import type { LockKeys } from './locks.ts'
import { postgresSchema } from './schema-builder.ts'
import { supersededMark } from './terms.ts'

/**
 * The process that serves the hub; `supersededMark` if another computer is the hub, nothing for a program that is too old for
 * the database.
 */
export const servingProcess = `(select case when superseded = '' then process else '${supersededMark}' end
  from store_state where oldest_program <= ${migrations.length})`

/**
 * Brings the database to the latest schema, one transaction per migration. Two processes that start at once wait for
 * each other. A later schema is accepted if it says that this program may use it: so a hub can be replaced process by
 * process.
 * @param known the migrations; a test adds one
 * @throws NewerDatabase if this program is too old, StartError if the database is another program's
 */
export async function migrate(client: pg.ClientBase, keys: LockKeys, known = migrations): Promise<void> {
  const connection = new BatchingConnection(client, keys)
  const db = createKysely(connection).withoutPlugins()
  await client.query('begin')
  try {
    await client.query(`select pg_advisory_xact_lock(${keys.schema})`)
    await createState(connection)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
  for (let version = -1; version < known.length;) {
    await client.query('begin')
    try {
      await client.query(`select pg_advisory_xact_lock(${keys.schema})`)
      version = await readVersion(connection, known.length)
      const next = known[version]
      if (next) {
        await next.up(db as never, postgresSchema)
        await connection.flush()
        await connection.all(
          'update store_state set version = $1, oldest_program = greatest(oldest_program, $2::bigint)',
          [version + 1, next.oldestProgram ?? 1],
        )
      }
      version += 1
      await client.query('commit')
    } catch (error) {
      await client.query('rollback').catch(() => undefined)
      throw error
    }
  }
}

/** Sends statements without a result together: a migration has a hundred of them, and each would be a round trip. */
class BatchingConnection extends PostgresConnection {
  #texts: string[] = []

  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (query.parameters.length === 0 && /^\s*(?:create|alter|insert|update|drop)\b/i.test(query.sql)) {
      this.#texts.push(query.sql)
      return { rows: [] }
    }
    await this.flush()
    return super.executeQuery(query)
  }

  async flush(): Promise<void> {
    const texts = this.#texts
    this.#texts = []
    if (texts.length > 0) await this.client.query(texts.join(';\n'))
  }
}

async function readVersion(connection: PostgresConnection, known: number): Promise<number> {
  const [state] = await connection.all<{ version: number; oldestProgram: number }>(
    'select version, oldest_program from store_state',
    [],
  )
  if (!state) throw new StartError('The table store_state of the database is empty: restore a backup of it.')
  if (state.version > known && state.oldestProgram > known) {
    throw new NewerDatabaseError(`schema ${state.version}, this program knows ${known}`)
  }
  return state.version
}

/** What the store keeps about itself: the version of the schema, and which process serves the hub. */
async function createState(connection: PostgresConnection): Promise<void> {
  const tables = await connection.all<{ name: string }>(
    `select relname as name from pg_class where relkind in ('r', 'v') and relnamespace = current_schema()::regnamespace`,
    [],
  )
  if (tables.some(({ name }) => name === 'store_state')) return
  if (tables.length > 0) {
    throw new StartError(
      'The database has tables of another program: create an empty one for the hub, and give its address with --database.',
    )
  }
  await connection.all(
    `create table store_state (
      id bigint primary key check (id = 1), version bigint not null, oldest_program bigint not null,
      timeline text not null, process text not null, hub text not null, files text not null,
      term text not null, superseded text not null, kept_ms bigint not null
    )`,
    [],
  )
  await connection.all(`insert into store_state values (1, 0, 0, '', '', '', '', '', '', 0)`, [])
}
