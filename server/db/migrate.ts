import { createKysely, type SqliteConnection, applicationId } from './sqlite/connection.ts'
import { sqliteSchema } from './sqlite/schema-builder.ts'
import { migrations } from './migrations/index.ts'
import { NewerDatabaseError } from './newer-database.ts'

/** Returns the number of migrations applied to a file; 0 for a new file. */
export function schemaVersion(connection: SqliteConnection): number {
  return connection.raw.pragma('user_version', { simple: true }) as number
}

/**
 * Brings the file to the latest schema, one transaction per migration: each is applied as a whole or not at all. Stock
 * Kysely on SQLite would leave half of a failed one behind.
 * @param known the migrations; a test adds one
 * @throws NewerDatabase if the file has migrations that this program does not know
 */
export async function migrate(connection: SqliteConnection, known = migrations): Promise<void> {
  const { raw } = connection
  const version = schemaVersion(connection)
  if (version > known.length) {
    throw new NewerDatabaseError(`schema ${version}, this program knows ${known.length}`)
  }
  const db = createKysely(connection).withoutPlugins()
  for (const [i, migration] of known.entries()) {
    if (i < version) continue
    raw.exec('begin immediate')
    try {
      await migration.up(db as never, sqliteSchema)
      raw.pragma(`application_id = ${applicationId}`)
      raw.pragma(`user_version = ${i + 1}`)
      raw.exec('commit')
    } catch (error) {
      if (raw.inTransaction) raw.exec('rollback')
      throw error
    }
  }
}
