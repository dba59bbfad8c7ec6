import { createKysely, type SqliteConnection, applicationId } from './sqlite/connection.ts'
import { migrations } from './migrations/index.ts'

/** The file was written by a newer Hubbub. */
export class NewerDatabaseError extends Error {
  override name = 'NewerDatabase'
}

/** How many migrations a file has seen; 0 for a new one. */
export function schemaVersion(connection: SqliteConnection): number {
  return connection.raw.pragma('user_version', { simple: true }) as number
}

/**
 * Brings the file to the present schema, one transaction for each migration: it is there whole or not at all. Stock
 * Kysely on SQLite would leave half of one behind.
 * @param upTo how many of them; fewer only to make the file of an earlier release for a test
 * @throws NewerDatabase when the file has migrations that this program does not know
 */
export async function migrate(connection: SqliteConnection, upTo = migrations.length): Promise<void> {
  const { raw } = connection
  const version = schemaVersion(connection)
  if (version > migrations.length) {
    throw new NewerDatabaseError(`schema ${version}, this program knows ${migrations.length}`)
  }
  const db = createKysely(connection).withoutPlugins()
  for (const [i, migration] of migrations.slice(0, upTo).entries()) {
    if (i < version) continue
    raw.exec('begin immediate')
    try {
      await migration.up(db as never)
      raw.pragma(`application_id = ${applicationId}`)
      raw.pragma(`user_version = ${i + 1}`)
      raw.exec('commit')
    } catch (error) {
      if (raw.inTransaction) raw.exec('rollback')
      throw error
    }
  }
}
