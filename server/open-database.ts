import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { migrate, schemaVersion } from './db/migrate.ts'
import { NewerDatabaseError } from './db/newer-database.ts'
import { findSchemaProblems } from './db/schema-check.ts'
import { migrations } from './db/migrations/index.ts'
import { openWriter, type SqliteConnection } from './db/sqlite/connection.ts'
import { compactMarkFile } from './db/sqlite/store.ts'
import { StartError } from './start-error.ts'
import { makeDirectory } from './db/make-directory.ts'

/**
 * Opens the hub's database and brings it to the latest schema, after a verified backup if there is data to lose.
 * @param known the migrations; a test adds one
 * @throws StartError if a newer Hubbub wrote the database
 */
export async function openDatabase(
  dataDir: string,
  log: FastifyBaseLogger,
  known = migrations,
): Promise<SqliteConnection> {
  const connection = openWriter(join(dataDir, 'hub.db'))
  try {
    const before = schemaVersion(connection)
    if (before > 0 && before < known.length) await backUpBeforeMigration(dataDir, before, log)
    await migrate(connection, known)
    const missing = known === migrations ? await findSchemaProblems(connection.raw) : []
    const vital = missing.find(({ isVital }) => isVital)
    if (vital) throw wrongTables(dataDir, vital.problem)
    compactIfMarked(connection, dataDir, log)
    return connection
  } catch (error) {
    connection.raw.close()
    if (error instanceof NewerDatabaseError) {
      throw new StartError(
        `This data was written by a newer Hubbub (${error.message}). Start that version, or restore a backup made by this one.`,
      )
    }
    // the tables are not those of the version that the file claims
    if (String((error as { code?: unknown }).code) === 'SQLITE_ERROR') {
      throw wrongTables(dataDir, (error as Error).message, error)
    }
    throw error
  }
}

function wrongTables(dataDir: string, problem: string, cause?: unknown): StartError {
  return new StartError(
    `The database in ${dataDir} does not have the tables of its version (${problem}): keep that directory, and restore a backup into another with "npm run hub -- restore --from FILE --data DIR".`,
    { cause },
  )
}

/** See Store.compact. A failure costs room on the disk only. */
function compactIfMarked({ raw }: SqliteConnection, dataDir: string, log: FastifyBaseLogger): void {
  const mark = compactMarkFile(dataDir)
  if (!existsSync(mark)) return
  try {
    raw.exec('vacuum')
    rmSync(mark)
  } catch (error) {
    log.warn({ err: error }, 'the database was not compacted')
  }
}

/** A failed update must lose nothing: the schema changes only after a verified backup exists. */
async function backUpBeforeMigration(
  dataDir: string,
  version: number,
  log: FastifyBaseLogger,
): Promise<void> {
  const dir = join(dataDir, 'backups')
  makeDirectory(dir)
  const to = join(dir, `before-schema-${version + 1}.hubbub`)
  // the backup of an update that failed serves as well as a new one
  if (existsSync(to)) return
  const { backUp } = await import('./backup/backup.ts')
  await backUp(dataDir, to)
  log.info({ to }, 'backed up before the update of the database')
}
