import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import pg from 'pg'
import type { Term } from '../../../shared/term.ts'
import { otherHub } from '../../database-address.ts'
import { StartError } from '../../start-error.ts'
import { migrations } from '../migrations/index.ts'
import { type CopiedTable, listCopiedTables, quoteName, quoteNames, rowText } from '../copy-tables.ts'
import { migrate as migrateFile } from '../migrate.ts'
import { openWriter } from '../sqlite/connection.ts'
import { clientConfig, requireSafeSettings } from './connection.ts'
import { LockKeys } from './locks.ts'
import { migrate } from './migrate.ts'
import { toStartError } from './start-error.ts'
import { writeOwn } from './terms.ts'

/*
 * Moves a hub between a database server and a file, which is what an archive contains. Both ways copy one state, and
 * compare a digest of each table afterwards. Tests of invariants read such a file too, so they need one dialect only.
 */

const rowsPerStep = 1_000

type Digests = Record<string, string>

/**
 * Copies the hub of a database into a new file. Its users go on meanwhile.
 * @param from the directory with its key, if the rows of another hub are to be refused
 */
export async function exportDatabase(
  url: string,
  file: string,
  from?: { dataDir: string; hubId: string },
): Promise<void> {
  const connection = openWriter(file)
  const client = new pg.Client(clientConfig(url))
  client.on('error', () => undefined)
  try {
    await migrateFile(connection)
    await client.connect()
    await client.query('begin isolation level repeatable read, read only')
    const state = await readState(client)
    if (from && !['', from.hubId].includes(state.hub)) throw otherHub(from.dataDir)
    const { raw } = connection
    raw.pragma('foreign_keys = off')
    raw.exec('begin immediate')
    const read: Digests = {}
    for (const table of listCopiedTables(raw)) read[table.name] = await exportTable(client, raw, table)
    raw.exec('commit')
    await client.query('commit')
    requireSame(read, digestsOfFile(raw))
    const [broken] = raw.pragma('foreign_key_check') as { table: string }[]
    if (broken)
      throw new StartError(`A row of ${broken.table} refers to one that is missing: nothing was copied.`)
    raw.pragma('wal_checkpoint(truncate)')
  } catch (error) {
    throw toStartError(error)
  } finally {
    connection.raw.close()
    await client.end().catch(() => undefined)
  }
}

/** @throws StartError if this program does not know the tables */
async function readState(client: pg.ClientBase): Promise<{ hub: string }> {
  const { rows } = await client.query<{ name: string | null }>("select to_regclass('store_state') as name")
  if (rows[0]?.name == null) throw new StartError('The database has no hub: check its address.')
  const { rows: states } = await client.query<{ version: number; hub: string }>(
    'select version, hub from store_state',
  )
  const { version = 0, hub = '' } = states[0] ?? {}
  if (version === migrations.length) return { hub }
  throw new StartError(
    version > migrations.length
      ? 'A newer Hubbub has written this database: use that version.'
      : 'An older Hubbub has written this database: start the hub once with this version, which updates it.',
  )
}

async function exportTable(
  client: pg.ClientBase,
  raw: Database.Database,
  table: CopiedTable,
): Promise<string> {
  // a migration has put a row into some
  raw.exec(`delete from ${quoteName(table.name)}`)
  const insert = raw.prepare(
    `insert into ${quoteName(table.name)} (${quoteNames(table.columns)}) values (${table.columns.map(() => '?').join(', ')})`,
  )
  const digest = createHash('sha256')
  for await (const row of readRows(client, table)) {
    insert.run(row)
    digest.update(rowText(row))
  }
  return digest.digest('hex')
}

/** Reads the rows of a table in the order of their keys. */
async function* readRows(client: pg.ClientBase, table: CopiedTable): AsyncIterable<unknown[]> {
  await client.query(
    `declare rows_to_copy cursor for select ${quoteNames(table.columns)} from ${quoteName(table.name)} order by ${quoteNames(table.key)}`,
  )
  for (;;) {
    const { rows } = await client.query<unknown[]>({
      text: `fetch ${rowsPerStep} from rows_to_copy`,
      rowMode: 'array',
    })
    yield* rows
    if (rows.length < rowsPerStep) break
  }
  await client.query('close rows_to_copy')
}

/**
 * Copies a hub from a file into a database without a hub, in one transaction: all of it, or nothing.
 * @param term under which this database is the hub
 * @throws StartError if the database is not empty, or a table differs from its original
 */
export async function importDatabase(url: string, file: string, term?: Term): Promise<void> {
  const client = new pg.Client(clientConfig(url))
  client.on('error', () => undefined)
  try {
    await client.connect()
    await requireSafeSettings(client)
    const { rows } = await client.query<{ schema: string }>('select current_schema() as schema')
    await migrate(client, new LockKeys(rows[0]?.schema ?? ''))
    await client.query('begin')
    const { rows: hubs } = await client.query('select 1 from hub')
    if (hubs.length > 0)
      throw new StartError('The database has a hub already: give the address of an empty one.')
    await copyFile(client, file)
    await writeOwn(client, term)
    await client.query('commit')
    await analyzeTables(client)
  } catch (error) {
    throw toStartError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The planner takes new tables for empty until the server looks at them by itself, and searches would read all rows. */
async function analyzeTables(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ names: string }>(
    `select string_agg(quote_ident(tablename), ', ') as names from pg_tables where schemaname = current_schema()`,
  )
  await client.query(`analyze ${rows[0]?.names ?? ''}`)
}

async function copyFile(client: pg.ClientBase, file: string): Promise<void> {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const tables = listCopiedTables(raw)
    for (const table of tables) await client.query(`delete from ${quoteName(table.name)}`)
    for (const table of tables) await importTable(client, raw, table)
    // users and invites refer to each other
    await forEachRow(raw, `select id, invite_id from "user" where invite_id is not null`, async (rows) => {
      for (const values of rows) await client.query('update "user" set invite_id = $2 where id = $1', values)
    })
    await client.query(
      `select setval(pg_get_serial_sequence('message', 'n'), greatest((select max(n) from message), 1))`,
    )
    // the triggers have noted what was deleted before, not what the copy did
    const written: Digests = {}
    for (const table of tables) {
      const digest = createHash('sha256')
      for await (const row of readRows(client, table)) digest.update(rowText(row))
      written[table.name] = digest.digest('hex')
    }
    requireSame(digestsOfFile(raw), written)
  } finally {
    raw.close()
  }
}

async function importTable(client: pg.ClientBase, raw: Database.Database, table: CopiedTable): Promise<void> {
  const columns = table.name === 'user' ? table.columns.filter((name) => name !== 'invite_id') : table.columns
  const from = `select ${quoteNames(columns)} from ${quoteName(table.name)}`
  await forEachRow(
    raw,
    from,
    async (rows) => {
      const places = rows.map(
        (row, i) => `(${row.map((_, j) => `$${i * columns.length + j + 1}`).join(', ')})`,
      )
      await client.query({
        text: `insert into ${quoteName(table.name)} (${quoteNames(columns)}) values ${places.join(', ')}`,
        values: rows.flat(),
      })
    },
    Math.floor(maxParameters / columns.length),
  )
}

/** Of one statement. */
const maxParameters = 30_000

async function forEachRow(
  raw: Database.Database,
  query: string,
  run: (rows: unknown[][]) => Promise<void>,
  perStep = rowsPerStep,
): Promise<void> {
  let rows: unknown[][] = []
  for (const row of raw.prepare<[], unknown[]>(query).raw().iterate()) {
    rows.push(row)
    if (rows.length < perStep) continue
    await run(rows)
    rows = []
  }
  if (rows.length > 0) await run(rows)
}

function digestsOfFile(raw: Database.Database): Digests {
  const digests: Digests = {}
  for (const table of listCopiedTables(raw)) {
    const digest = createHash('sha256')
    const rows = raw
      .prepare<[], unknown[]>(
        `select ${quoteNames(table.columns)} from ${quoteName(table.name)} order by ${quoteNames(table.key)}`,
      )
      .raw()
      .iterate()
    for (const row of rows) digest.update(rowText(row))
    digests[table.name] = digest.digest('hex')
  }
  return digests
}

function requireSame(from: Digests, to: Digests): void {
  const [differing] = Object.keys(from).filter((name) => from[name] !== to[name])
  if (differing === undefined) return
  throw new StartError(`The copy of the table ${differing} differs from its original: nothing was copied.`)
}
