import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { Position } from './position.ts'
import { listLoggedTables, type LoggedTable, quoteName } from './logged-tables.ts'

/** The digests in hex, by the name of the table. */
export interface TablesAt {
  position: Position
  tables: Record<string, string>
}

/** Returns the SHA-256 of each replicated table, over its rows in the order of its key. */
export function digestTables(raw: Database.Database): Record<string, string> {
  const digests: Record<string, string> = {}
  for (const table of listLoggedTables(raw)) digests[table.name] = digestTable(raw, table)
  return digests
}

/** Rows are hashed in pieces of this length. */
const pieceCharacters = 64 * 1024

function digestTable(raw: Database.Database, { name, columns, pk }: LoggedTable): string {
  const hash = createHash('sha256').update(JSON.stringify(columns))
  const rows = raw
    .prepare(
      `select ${columns.map(quoteName).join(', ')} from ${quoteName(name)} order by ${pk.map(quoteName).join(', ')}`,
    )
    .raw()
    .iterate() as IterableIterator<unknown[]>
  let piece = ''
  for (const row of rows) {
    piece += encode(row)
    if (piece.length < pieceCharacters) continue
    hash.update(piece)
    piece = ''
  }
  return hash.update(piece).digest('hex')
}

function encode(row: readonly unknown[]): string {
  return JSON.stringify(
    row.map((value) => (value instanceof Uint8Array ? { b: Buffer.from(value).toString('base64') } : value)),
  )
}
