import type Database from 'better-sqlite3'
import { openInMemory } from './open-in-memory.ts'

/*
 * Compares the tables of a database with those that its migrations make: a table or a column that was dropped
 * by hand fails single requests only, and SQLite's own checks do not miss it. The search index is left out, since the
 * hub makes it again.
 */

interface SchemaProblem {
  table: string
  problem: string
  /** The hub cannot work without it. A missing index or trigger is noticed by its effects only. */
  isVital: boolean
}

interface SchemaRow {
  type: 'table' | 'index' | 'trigger' | 'view'
  name: string
  table: string
}

export async function findSchemaProblems(raw: Database.Database): Promise<SchemaProblem[]> {
  const wanted = await openInMemory()
  try {
    return [...findMissingObjects(wanted.raw, raw), ...findMissingColumns(wanted.raw, raw)]
  } finally {
    wanted.raw.close()
  }
}

function findMissingObjects(wanted: Database.Database, raw: Database.Database): SchemaProblem[] {
  const there = new Set(listObjects(raw).map(({ type, name }) => `${type} ${name}`))
  return listObjects(wanted)
    .filter(({ type, name }) => !there.has(`${type} ${name}`))
    .map(({ type, name, table }) => ({
      table,
      problem: `the ${type} "${name}" is missing`,
      isVital: type === 'table',
    }))
}

function findMissingColumns(wanted: Database.Database, raw: Database.Database): SchemaProblem[] {
  return listObjects(wanted)
    .filter(({ type }) => type === 'table')
    .flatMap(({ name: table }) => {
      const there = listColumns(raw, table)
      if (there.length === 0) return []
      const missing = listColumns(wanted, table).filter((column) => !there.includes(column))
      return missing.map((column) => ({
        table,
        problem: `the column "${column}" of "${table}" is missing`,
        isVital: true,
      }))
    })
}

function listObjects(raw: Database.Database): SchemaRow[] {
  return raw
    .prepare(
      `select type, name, tbl_name as "table" from sqlite_schema
       where tbl_name not like 'search%' and name not like 'sqlite_%'`,
    )
    .all() as SchemaRow[]
}

function listColumns(raw: Database.Database, table: string): string[] {
  return raw.prepare('select name from pragma_table_xinfo(?)').pluck().all(table) as string[]
}
