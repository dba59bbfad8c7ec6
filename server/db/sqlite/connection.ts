import Database from 'better-sqlite3'
import {
  CamelCasePlugin,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Db, Tables } from '../schema.ts'

/** "HUBB" in ASCII: tells our files from other people's. */
export const applicationId = 0x48554242

/** Older ones have the WAL-reset race, which can lose commits when two connections are open. */
const minSqliteVersion = [3, 51, 3] as const

/** Variable-length `in` lists make new texts; the bound keeps them from filling the memory. */
const maxCachedStatements = 500

/**
 * One connection with its statements prepared once. Preparing each time is most of what Kysely costs on SQLite.
 *
 * Everything is synchronous underneath: a query is over before its promise is made, so what only awaits queries runs
 * from start to end within one turn of the loop, and nothing comes between. That is why no mutex is needed (Kysely's is
 * quadratic under load), and why reads of several statements see one state.
 */
export class SqliteConnection implements DatabaseConnection {
  readonly raw: Database.Database
  readonly #statements = new Map<string, Database.Statement>()
  readonly #directStatements = new Map<string, { statement: Database.Statement; names: string[] }>()

  constructor(raw: Database.Database) {
    this.raw = raw
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const statement = this.#statement(query.sql)
    if (statement.reader) return { rows: statement.all(query.parameters) as R[] }
    const { changes, lastInsertRowid } = statement.run(query.parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  // eslint-disable-next-line require-yield -- see the message
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming would hold a cached statement open: read page by page')
  }

  /**
   * Past Kysely, for `prepared`: rows as its plugin would give them, none when the statement answers nothing. What comes
   * here is never made up at run time, so these statements are kept for good.
   */
  all<R>(sql: string, values: readonly unknown[]): R[] {
    let direct = this.#directStatements.get(sql)
    if (!direct) {
      const statement = this.raw.prepare(sql)
      const names = statement.reader ? statement.columns().map(({ name }) => camelCase(name)) : []
      if (statement.reader) statement.raw()
      this.#directStatements.set(sql, (direct = { statement, names }))
    }
    const { statement, names } = direct
    if (names.length === 0) {
      statement.run(values)
      return []
    }
    return (statement.all(values) as unknown[][]).map((row) => {
      const named: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++) named[names[i] as string] = row[i]
      return named as R
    })
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.raw.prepare(sql)
      if (this.#statements.size >= maxCachedStatements) {
        const oldest = this.#statements.keys().next().value
        if (oldest !== undefined) this.#statements.delete(oldest)
      }
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

function camelCase(column: string): string {
  return column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

const connections = new WeakMap<Db, () => SqliteConnection>()

/** The connection under a handle. @throws when the handle is dead */
export function connectionOf(db: Db): SqliteConnection {
  const connection = connections.get(db)
  if (!connection) throw new Error('this handle was not made by kyselyOver or the writer')
  return connection()
}

export function setConnection(db: Db, connection: () => SqliteConnection): void {
  connections.set(db, connection)
}

/** A read connection sees only what is committed. */
export function openReader(file: string): SqliteConnection {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  raw.pragma('query_only = on')
  raw.pragma('busy_timeout = 5000')
  raw.pragma('trusted_schema = off')
  return new SqliteConnection(raw)
}

/** The one connection that writes. @throws when SQLite is too old or will not promise durability. */
export function openWriter(file: string): SqliteConnection {
  const raw = new Database(file)
  try {
    assertSafeVersion(raw)
    raw.pragma('busy_timeout = 5000')
    const mode = raw.pragma('journal_mode = wal', { simple: true })
    if (mode !== 'wal')
      throw new Error(`the file system does not support SQLite's WAL (journal_mode is ${String(mode)})`)
    // after journal_mode, and read back: better-sqlite3 builds SQLite with NORMAL as WAL's default, which loses
    // acknowledged messages on power loss
    raw.pragma('synchronous = full')
    if (process.platform === 'darwin') {
      raw.pragma('fullfsync = on')
      raw.pragma('checkpoint_fullfsync = on')
    }
    raw.pragma('foreign_keys = on')
    raw.pragma('trusted_schema = off')
    raw.pragma('cell_size_check = on')
    raw.pragma('secure_delete = on')
    raw.pragma('temp_store = memory')
    raw.pragma('journal_size_limit = 67108864')
    // the writer does it earlier, at a better moment; without one (tools) this will do
    raw.pragma('wal_autocheckpoint = 8000')
    assertDurable(raw)
    return new SqliteConnection(raw)
  } catch (error) {
    raw.close()
    throw error
  }
}

/** Ack means COMMIT returned with synchronous=FULL. @throws otherwise: better no hub than one that forgets. */
export function assertDurable(raw: Database.Database): void {
  const synchronous = raw.pragma('synchronous', { simple: true })
  if (synchronous !== 2)
    throw new Error(`SQLite runs with synchronous=${String(synchronous)} instead of FULL (2)`)
}

function assertSafeVersion(raw: Database.Database): void {
  const version = raw.prepare('select sqlite_version()').pluck().get() as string
  const parts = version.split('.').map(Number)
  for (const [i, oldest] of minSqliteVersion.entries()) {
    const part = parts[i] ?? 0
    if (part > oldest) return
    if (part < oldest) throw new Error(`SQLite ${version} can lose commits; at least 3.51.3 is needed`)
  }
}

/** Kysely over one of our connections, camelCase on this side. */
export function createKysely(connection: SqliteConnection): Db {
  const db = new Kysely<Tables>({ dialect: dialectOf(connection), plugins: [new CamelCasePlugin()] })
  setConnection(db, () => connection)
  return db
}

function dialectOf(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new LockFreeAdapter(),
    createDriver: () => new SingleConnectionDriver(connection),
    createQueryCompiler: () => new UnaryPlusCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

class LockFreeAdapter extends SqliteAdapter {
  /** Says to Kysely that it need not queue queries: see SqliteConnection. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/**
 * SQLite looks at the values bound to a join and plans it anew each time they change, which costs ten times as much as
 * running it. Behind a unary plus, which does nothing, it does not see them. Whoever wants the plan to depend on a value
 * (a partial index) writes it into the text: `sql.lit('public')`.
 */
class UnaryPlusCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?'
  }
}

/** Gives out the one connection. Transactions are the writer's: one begun here would swallow its neighbours. */
class SingleConnectionDriver implements Driver {
  readonly #connection: SqliteConnection

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  async init(): Promise<void> {}
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection)
  }
  beginTransaction(): Promise<void> {
    return Promise.reject(new Error('transactions belong to the writer: hand it an operation'))
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  destroy(): Promise<void> {
    this.#connection.raw.close()
    return Promise.resolve()
  }
}
