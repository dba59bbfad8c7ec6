import type { Duplex } from 'node:stream'
import {
  CamelCasePlugin,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type FunctionNode,
  HandleEmptyInListsPlugin,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  replaceWithNoncontingentExpression,
} from 'kysely'
import pg from 'pg'
import { StartError } from '../../start-error.ts'
import { resolveFragment } from '../dialect.ts'
import { type QueryConnection, setConnection } from '../query-connection.ts'
import { bytesOfRow, camelCase } from '../rows.ts'
import type { Db, Tables } from '../schema.ts'
import { SingleConnectionDriver } from '../single-connection-driver.ts'
import { fullText } from './full-text.ts'
import { joinedChanges } from './joined-changes.ts'
import { fragments } from './json.ts'
import type { LockKeys } from './locks.ts'
import { Places } from './places.ts'

/** Debian 12 has it. */
const minServerVersion = 150_000
const connectTimeoutMs = 10_000
const idleTimeoutMs = 30_000

const typeIds = { bool: 16, int8: 20, json: 114, numeric: 1700, jsonb: 3802 }

/** Counts and times are numbers here, flags 0 and 1, and JSON is text, as in SQLite. */
const parsers = new Map<number, (text: string) => unknown>([
  [typeIds.bool, (text) => (text === 't' ? 1 : 0)],
  [typeIds.int8, Number],
  [typeIds.numeric, Number],
  [typeIds.json, (text) => text],
  [typeIds.jsonb, (text) => text],
])
const types = {
  getTypeParser: (id: number, format?: 'text' | 'binary'): ((text: string) => unknown) =>
    parsers.get(id) ?? (pg.types.getTypeParser(id, format) as (text: string) => unknown),
}

/** PostgreSQL refuses a text with a NUL, also one that is only looked for. SQLite finds nothing. */
function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

/** A connection of a pool. Statements of `prepared` are named: the server plans each once. */
export class PostgresConnection implements DatabaseConnection, QueryConnection {
  readonly dialect = 'postgres'
  readonly fullText = fullText
  readonly joined = joinedChanges
  readonly client: pg.ClientBase
  readonly keys: LockKeys
  /** The first error of the transaction, after which the server refuses all further statements. */
  failure: Error | undefined
  /** The statement that failed changed derived data only. */
  failedDerived = false
  /** Set while a transaction changes derived data. */
  isDeriving = false
  /**
   * True for the length of a transaction that writes. A change that returns nothing then needs no response before the next
   * statement leaves: its error reaches whatever waits next, at the latest the commit.
   */
  #isWriting = false
  #isGathering = false
  /** Until the transaction is known to have begun with its locks. */
  #begun: Promise<unknown> | undefined

  constructor(client: pg.ClientBase, keys: LockKeys) {
    this.client = client
    this.keys = keys
  }

  /** @param begin begins a transaction. What is read then leaves at once, changes wait for it. */
  beginWriting<T>(begin: () => Promise<T>): Promise<T> {
    this.failure = undefined
    this.failedDerived = false
    this.#isWriting = true
    this.#gatherWrites()
    const begun = begin()
    this.#begun = begun
    const end = (): void => {
      if (this.#begun === begun) this.#begun = undefined
    }
    begun.then(end, end)
    return begun
  }

  endWriting(): void {
    this.#isWriting = false
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#begun && !reads(query.sql)) await this.#begun
    const result = await this.#query({ text: query.sql, values: query.parameters.map(storable) })
    const rows = result.rows as R[]
    return result.command === 'SELECT' ? { rows } : { rows, numAffectedRows: BigInt(result.rowCount ?? 0) }
  }

  // eslint-disable-next-line require-yield -- see the message
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming would hold a connection: read page by page')
  }

  /** Runs a statement of constant text by its name. */
  async all<R>(sql: string, values: readonly unknown[]): Promise<R[]> {
    const statement = statementOf(sql)
    if (this.#begun && !statement.reads) await this.#begun
    const { name } = statement
    const sent = this.#query<unknown[]>({ name, text: sql, values: values.map(storable), rowMode: 'array' })
    if (this.#isWriting && statement.names?.length === 0) {
      // #query notes the error
      sent.catch(() => undefined)
      return []
    }
    const result = await sent
    const names = (statement.names ??= result.fields.map((field) => camelCase(field.name)))
    return result.rows.map((row) => {
      const named: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++) named[names[i] as string] = row[i]
      return named as R
    })
  }

  /** The statements of this turn leave with one call of the system. */
  #gatherWrites(): void {
    if (this.#isGathering) return
    // the type of pg does not have its socket
    const { stream } = (this.client as unknown as { connection: { stream: Duplex } }).connection
    this.#isGathering = true
    stream.cork()
    process.nextTick(() => {
      this.#isGathering = false
      stream.uncork()
    })
  }

  async #query<R extends pg.QueryResultRow | unknown[]>(
    query: pg.QueryConfig & { rowMode?: 'array' },
  ): Promise<pg.QueryResult<R & pg.QueryResultRow>> {
    const { isDeriving } = this
    if (this.#isWriting) this.#gatherWrites()
    try {
      return await this.client.query<R & pg.QueryResultRow>(query)
    } catch (error) {
      if (!this.#isWriting) throw error
      this.failedDerived ||= isDeriving && !this.failure
      throw (this.failure ??= error instanceof Error ? error : new Error(String(error)))
    }
  }
}

/** The connection of one operation of a transaction, which others may use at the same time. */
export class OperationConnection implements DatabaseConnection, QueryConnection {
  readonly dialect = 'postgres'
  readonly fullText = fullText
  readonly joined = joinedChanges
  readonly keys: LockKeys
  readonly #connection: PostgresConnection
  /** Approximate bytes of all rows that were inserted or changed: see Transaction.written. */
  writtenBytes = 0
  #hasChanged = false

  constructor(connection: PostgresConnection) {
    this.#connection = connection
    this.keys = connection.keys
  }

  /** It has changed nothing, and the transaction can go on. */
  get isUnchanged(): boolean {
    return !this.#hasChanged && this.#connection.failure === undefined
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#note({ stores: stores(query.sql), reads: reads(query.sql) }, query.parameters)
    return this.#connection.executeQuery<R>(query)
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    return this.#connection.streamQuery<R>()
  }

  all<R>(sql: string, values: readonly unknown[]): Promise<R[]> {
    this.#note(statementOf(sql), values)
    return this.#connection.all<R>(sql, values)
  }

  #note(statement: { stores: boolean; reads: boolean }, values: readonly unknown[]): void {
    if (statement.stores) this.writtenBytes += bytesOfRow(values)
    if (!statement.reads) this.#hasChanged = true
  }
}

interface NamedStatement {
  name: string
  stores: boolean
  reads: boolean
  /** Of the columns; known once it has run. None: it returns nothing. */
  names?: string[]
}

const statements = new Map<string, NamedStatement>()

function statementOf(sql: string): NamedStatement {
  let statement = statements.get(sql)
  if (!statement) {
    statement = {
      name: `hubbub_${statements.size}`,
      stores: stores(sql),
      reads: reads(sql),
    }
    statements.set(sql, statement)
  }
  return statement
}

const stores = (sql: string): boolean => /^\s*(?:insert|update|with)\b/i.test(sql)
const reads = (sql: string): boolean => /^\s*select\b/i.test(sql)

/** Creates a Kysely instance over a connection, with camelCase names. */
export function createKysely(connection: PostgresConnection): Db {
  // SQLite takes an empty list; here it would be an error of syntax
  const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })
  const plugins = [new CamelCasePlugin(), emptyLists]
  const db = new Kysely<Tables>({ dialect: dialectOf(connection), plugins })
  setConnection(db, () => connection)
  return db
}

function dialectOf(connection: PostgresConnection): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new SingleConnectionDriver(connection),
    createQueryCompiler: () => new HubbubCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  }
}

class HubbubCompiler extends PostgresQueryCompiler {
  protected override visitFunction(node: FunctionNode): void {
    const fragment = resolveFragment(fragments, node)
    if (fragment) this.visitNode(fragment)
    else super.visitFunction(node)
  }
}

/** The options of every connection to a database. */
export function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'hubbub',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    // `begin` and the first statement leave together
    pipeline: true,
    types,
  }
}

/** A number of connections that all have safe settings. */
export class ConnectionPool {
  readonly #pool: pg.Pool
  readonly #keys: LockKeys
  /** The pool itself would take a long queue for a server that is away. */
  readonly #places: Places
  readonly #connections = new WeakMap<pg.PoolClient, { connection: PostgresConnection; db: Db }>()

  constructor(url: string, keys: LockKeys, max: number) {
    this.#keys = keys
    this.#places = new Places(max, connectTimeoutMs, () => new Error('connection error: no answer'))
    this.#pool = new pg.Pool({
      ...clientConfig(url),
      max,
      idleTimeoutMillis: idleTimeoutMs,
      // the pool waits for it, which its type does not say
      onConnect: (client: pg.ClientBase): void => requireSafeSettings(client) as unknown as undefined,
    })
    // an idle connection was lost: the next use opens another
    this.#pool.on('error', () => undefined)
  }

  /**
   * Lends a connection until `release`; with `isBroken` it is closed instead. Waits for one as long as others are given back.
   */
  async acquire(): Promise<{
    connection: PostgresConnection
    db: Db
    release: (isBroken?: boolean) => void
  }> {
    await this.#places.take()
    const client = await this.#connect()
    let known = this.#connections.get(client)
    if (!known) {
      const connection = new PostgresConnection(client, this.#keys)
      known = { connection, db: createKysely(connection) }
      this.#connections.set(client, known)
      // the error reaches the query that waits, if there is one
      client.on('error', () => undefined)
    }
    const release = (isBroken = false): void => {
      client.release(isBroken)
      this.#places.giveBack()
    }
    return { ...known, release }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      // the error of the library would count as a fault of ours
      if (this.#pool.ending) throw new Error('connection error: the process ends')
      return await this.#pool.connect()
    } catch (error) {
      this.#places.refuseWaiting(error)
      this.#places.giveBack()
      throw error
    }
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end()
  }
}

interface Settings {
  version: number
  commit: string
  fsync: string
  pages: string
  encoding: string
  readonly: string
}

/**
 * Durability: a request is acknowledged after COMMIT has returned. With these settings PostgreSQL may lose it then.
 * @throws StartError, because no hub is better than a hub that loses messages
 */
export async function requireSafeSettings(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<Settings>(
    `select current_setting('server_version_num')::int as version, current_setting('synchronous_commit') as commit,
      current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
      current_setting('server_encoding') as encoding, current_setting('transaction_read_only') as readonly`,
  )
  const [found] = rows
  if (!found) throw new Error('the settings of the database cannot be read')
  const unsafe = [
    ...(['off', 'local', 'remote_write'].includes(found.commit)
      ? [`synchronous_commit = ${found.commit}`]
      : []),
    ...(found.fsync === 'off' ? ['fsync = off'] : []),
    ...(found.pages === 'off' ? ['full_page_writes = off'] : []),
  ]
  if (unsafe.length > 0) {
    throw new StartError(
      `The database would lose messages that were acknowledged (${unsafe.join(', ')}): turn these settings on, then start the hub again.`,
    )
  }
  if (found.version < minServerVersion) {
    throw new StartError(
      'The hub needs PostgreSQL 15 or newer: update the database, then start the hub again.',
    )
  }
  if (found.encoding !== 'UTF8') {
    throw new StartError(
      `The database stores text as ${found.encoding}: create one with the encoding UTF8 for the hub.`,
    )
  }
  if (found.readonly === 'on') {
    throw new StartError('The database accepts no changes: give the address of the primary server.')
  }
}
