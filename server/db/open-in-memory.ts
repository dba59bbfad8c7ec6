import Database from 'better-sqlite3'
import { migrate } from './migrate.ts'
import { SqliteConnection } from './sqlite/connection.ts'

/** Opens an empty database in memory, with the tables of a hub. */
export async function openInMemory(): Promise<SqliteConnection> {
  const connection = new SqliteConnection(new Database(':memory:'))
  await migrate(connection)
  return connection
}
