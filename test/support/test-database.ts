import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { checkInvariants } from '../../server/db/verify.ts'
import { exportDatabase } from '../../server/db/postgres/copy.ts'
import { openReader, type SqliteConnection } from '../../server/db/sqlite/connection.ts'
import { newDataDir } from './data-dir.ts'

/*
 * The world of a test: where its hubs keep their rows. `HUBBUB_TEST_DATABASE=postgres` runs any hub test with PostgreSQL, and
 * `HUBBUB_TEST_DATABASE=cluster` with two processes on it. `HUBBUB_TEST_POSTGRES` is the address of a server, if it should not be the one that comes with the tests.
 */

const world = (): string | undefined => process.env['HUBBUB_TEST_DATABASE']

/** True if hubs of this run keep their rows in PostgreSQL. */
export const usesPostgres = (): boolean => world() === 'postgres' || usesCluster()

/** True if each hub of this run is two processes, with its users at both. */
export const usesCluster = (): boolean => world() === 'cluster'

/** The schema of each data directory: a hub that restarts finds its own. */
const schemas = new Map<string, string>()

/** Returns the address of the database that belongs to a data directory; undefined in the world of SQLite. */
export async function databaseFor(dataDir: string): Promise<string | undefined> {
  // a restored hub has its rows in its directory again
  if (!usesPostgres() || existsSync(path.join(dataDir, 'hub.db'))) return undefined
  const known = schemas.get(dataDir)
  if (known !== undefined) return addressOf(known)
  const schema = `hub_${randomBytes(8).toString('hex')}`
  schemas.set(dataDir, schema)
  await runSql(`create schema ${schema}`)
  onTestFinished(() => runSql(`drop schema ${schema} cascade`))
  return addressOf(schema)
}

/** Returns what is wrong with the rows of a hub. Those of a server are copied into a file first. */
export async function findDatabaseProblems(dataDir: string): Promise<string[]> {
  return checkInvariants(await openRows(dataDir))
}

/** Opens the rows of a hub for reading, until the end of the test. */
export async function openRows(dataDir: string): Promise<SqliteConnection['raw']> {
  const { raw } = openReader(await fileOfRows(dataDir))
  onTestFinished(() => void raw.close())
  return raw
}

/** Returns a file with the rows of a hub: its own, or a copy of those of a server. */
export async function fileOfRows(dataDir: string): Promise<string> {
  const database = await databaseFor(dataDir)
  if (database === undefined) return path.join(dataDir, 'hub.db')
  const file = path.join(newDataDir(), 'copy.db')
  await exportDatabase(database, file)
  return file
}

function addressOf(schema: string): string {
  const url = new URL(serverUrl())
  url.searchParams.set('options', `-c search_path=${schema}`)
  return url.href
}

function serverUrl(): string {
  const url = process.env['HUBBUB_TEST_POSTGRES']
  if (url === undefined) throw new Error('no PostgreSQL server was started for these tests')
  return url
}

/** Runs statements on the server of the tests. */
async function runSql(text: string): Promise<void> {
  const client = new pg.Client(serverUrl())
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
