import type Database from 'better-sqlite3'
import type { Position } from './position.ts'

/*
 * The row `position`: where the log of this database ends. Without a chain the log is off, and the number only says
 * where the next log begins.
 */

interface PositionRow {
  term: number
  lsn: number
  chain: string | null
}

export interface StoredPosition {
  term: number
  lsn: number
  /** Undefined while the log is off. */
  position: Position | undefined
}

export function readPosition(raw: Database.Database): StoredPosition {
  const { term, lsn, chain } = raw
    .prepare('select term, lsn, chain from position where id = 1')
    .get() as PositionRow
  return { term, lsn, position: chain === null ? undefined : { lsn, chain } }
}

/** Runs for each batch. */
const updates = new WeakMap<Database.Database, Database.Statement>()

export function writePosition(
  raw: Database.Database,
  term: number,
  { lsn, chain }: { lsn: number; chain: string | null },
): void {
  let update = updates.get(raw)
  if (!update) {
    update = raw.prepare('update position set term = ?, lsn = ?, chain = ? where id = 1')
    updates.set(raw, update)
  }
  update.run(term, lsn, chain)
}
