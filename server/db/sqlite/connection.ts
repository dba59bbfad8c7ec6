import Database from 'better-sqlite3'
import {
  CamelCasePlugin,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type FunctionNode,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { resolveFragment } from '../dialect.ts'
import { type QueryConnection, setConnection } from '../query-connection.ts'
import { bytesOfRow, camelCase } from '../rows.ts'
import type { Db, Tables } from '../schema.ts'
import { SingleConnectionDriver } from '../single-connection-driver.ts'
import type { ChangeCapture } from './batch-log.ts'
import { fullText } from './full-text.ts'
import { fragments } from './json.ts'

/** "HUBB" in ASCII: identifies a database as ours. */
export const applicationId = 0x48554242

/** Older versions have the WAL-reset race, which can lose commits when two connections are open. */
const minSqliteVersion = [3, 51, 3] as const

/** Variable-length `in` lists make new query texts; the limit bounds the memory they take. */
const maxCachedStatements = 500

/**
 * A connection that prepares each statement once. Preparing it each time is most of Kysely's cost on SQLite.
 *
 * Everything is synchronous underneath: a query is over before its promise exists. So a function that awaits only
 * queries runs from start to end within one turn of the loop, without interleaving. This is why no mutex is needed
 * (Kysely's is quadratic under load), and why several reads see one state.
 */
export class SqliteConnection implements DatabaseConnection, QueryConnection {
  readonly dialect = 'sqlite'
  readonly fullText = fullText
  readonly raw: Database.Database
  /** Approximate bytes of all rows that were inserted or changed: see Transaction.written. */
  writtenBytes = 0
  /** Statements that may have changed something. */
  writeCount = 0
  /** Notes the changes of rows, if there is a standby. */
  capture: ChangeCapture | undefined
  readonly #statements = new Map<string, CachedStatement>()
  readonly #directStatements = new Map<string, CachedStatement & { names: string[] }>()

  constructor(raw: Database.Database) {
    this.raw = raw
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, writes, stores } = this.#statement(query.sql)
    if (writes) this.writeCount += 1
    if (stores) this.writtenBytes += bytesOfRow(query.parameters)
    const { capture } = this
    if (statement.reader) {
      const rows = capture
        ? readNoting(capture, statement, query.parameters)
        : statement.all(query.parameters)
      return { rows: rows as R[] }
    }
    const { changes, lastInsertRowid } = capture
      ? runNoting(capture, statement, query.parameters)
      : statement.run(query.parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  // eslint-disable-next-line require-yield -- see the message
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming would hold a cached statement open: read page by page')
  }

  /**
   * Runs a statement without Kysely, for `prepared`. Returns rows as Kysely's plugin would; none if the statement
   * returns no rows. The texts of these statements are constant, so they are never evicted.
   */
  all<R>(sql: string, values: readonly unknown[]): R[] {
    let direct = this.#directStatements.get(sql)
    if (!direct) {
      const prepared = this.#prepare(sql)
      const { statement } = prepared
      const names = statement.reader ? statement.columns().map(({ name }) => camelCase(name)) : []
      if (statement.reader) statement.raw()
      this.#directStatements.set(sql, (direct = { ...prepared, names }))
    }
    const { statement, writes, stores, names } = direct
    if (writes) this.writeCount += 1
    if (stores) this.writtenBytes += bytesOfRow(values)
    const { capture } = this
    if (names.length === 0) {
      if (capture) runNoting(capture, statement, values)
      else statement.run(values)
      return []
    }
    const rows = capture ? readNoting(capture, statement, values) : statement.all(values)
    return (rows as unknown[][]).map((row) => {
      const named: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++) named[names[i] as string] = row[i]
      return named as R
    })
  }

  #statement(sql: string): CachedStatement {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#prepare(sql)
      if (this.#statements.size >= maxCachedStatements) {
        const oldest = this.#statements.keys().next().value
        if (oldest !== undefined) this.#statements.delete(oldest)
      }
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #prepare(sql: string): CachedStatement {
    const statement = this.raw.prepare(sql)
    const writes = !statement.readonly
    return { statement, writes, stores: writes && !/^\s*delete\b/i.test(sql) }
  }
}

interface CachedStatement {
  statement: Database.Statement
  /** It may change something. */
  writes: boolean
  /** It inserts or changes a row. */
  stores: boolean
}

/** A statement that fails undoes its own changes of rows: they were never made. */
function runNoting(
  capture: ChangeCapture,
  statement: Database.Statement,
  values: readonly unknown[],
): Database.RunResult {
  const mark = capture.mark()
  try {
    return statement.run(values)
  } catch (error) {
    capture.cutTo(mark)
    throw error
  }
}

/** The same for a statement that returns rows. */
function readNoting(
  capture: ChangeCapture,
  statement: Database.Statement,
  values: readonly unknown[],
): unknown[] {
  const mark = capture.mark()
  try {
    return statement.all(values)
  } catch (error) {
    capture.cutTo(mark)
    throw error
  }
}

/** Opens a read connection, which sees only committed data. */
export function openReader(file: string): SqliteConnection {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  raw.pragma('query_only = on')
  raw.pragma('busy_timeout = 5000')
  raw.pragma('trusted_schema = off')
  return new SqliteConnection(raw)
}

/** Opens the only connection that writes. @throws Error if SQLite is too old or cannot guarantee durability */
export function openWriter(file: string): SqliteConnection {
  const raw = new Database(file)
  try {
    assertSafeVersion(raw)
    raw.pragma('busy_timeout = 5000')
    const mode = raw.pragma('journal_mode = wal', { simple: true })
    if (mode !== 'wal')
      throw new Error(`the file system does not support SQLite's WAL (journal_mode is ${String(mode)})`)
    // after journal_mode, and read back: better-sqlite3 builds SQLite with NORMAL as the default of WAL, which
    // loses acknowledged messages on power loss
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
    // the writer checkpoints earlier, at a better moment; tools without a writer rely on this
    raw.pragma('wal_autocheckpoint = 8000')
    assertDurable(raw)
    return new SqliteConnection(raw)
  } catch (error) {
    raw.close()
    throw error
  }
}

/**
 * Durability: a request is acknowledged after COMMIT has returned with synchronous=FULL. @throws Error otherwise,
 * because no hub is better than a hub that loses messages
 */
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

/** Creates a Kysely instance over a connection, with camelCase names. */
export function createKysely(connection: SqliteConnection): Db {
  const db = new Kysely<Tables>({ dialect: dialectOf(connection), plugins: [new CamelCasePlugin()] })
  setConnection(db, () => connection)
  return db
}

function dialectOf(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new LockFreeAdapter(),
    createDriver: () => new SingleConnectionDriver(connection, () => connection.raw.close()),
    createQueryCompiler: () => new HubbubCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

class LockFreeAdapter extends SqliteAdapter {
  /** Lets Kysely skip its queue of queries: see SqliteConnection. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/**
 * SQLite inspects the values bound to a join and plans it again each time they change, which costs ten times as
 * much as running it. A unary plus, which has no effect on the value, hides it from the planner. If the plan must
 * depend on a value (a partial index), write it into the text: `sql.lit('public')`.
 */
class HubbubCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?'
  }

  protected override visitFunction(node: FunctionNode): void {
    const fragment = resolveFragment(fragments, node)
    if (fragment) this.visitNode(fragment)
    else super.visitFunction(node)
  }
}
