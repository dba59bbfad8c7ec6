import type Database from 'better-sqlite3'
import { readBuiltSchema } from '../program-files.ts'
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

/** A table with its columns, or what belongs to one. */
export interface SchemaObject {
  type: 'table' | 'index' | 'trigger' | 'view'
  name: string
  table: string
  columns: string[]
}

export async function findSchemaProblems(raw: Database.Database): Promise<SchemaProblem[]> {
  const wanted = await (knownSchema ??= readKnownSchema())
  const there = new Map(listSchema(raw).map((each) => [keyOf(each), each]))
  return wanted.flatMap((each) => {
    const { type, name, table } = each
    const found = there.get(keyOf(each))
    if (!found) return [{ table, problem: `the ${type} "${name}" is missing`, isVital: type === 'table' }]
    return findMissingColumns(each, found)
  })
}

/** The same for every database that this process opens. */
let knownSchema: Promise<SchemaObject[]> | undefined

/** To run the migrations takes a twentieth of a start, so the build has done it. */
async function readKnownSchema(): Promise<SchemaObject[]> {
  return (readBuiltSchema() as SchemaObject[] | undefined) ?? listMigratedSchema()
}

/** Returns what the migrations make of an empty file. */
export async function listMigratedSchema(): Promise<SchemaObject[]> {
  const { raw } = await openInMemory()
  try {
    return listSchema(raw)
  } finally {
    raw.close()
  }
}

const keyOf = ({ type, name }: SchemaObject): string => `${type} ${name}`

function findMissingColumns({ table, columns }: SchemaObject, found: SchemaObject): SchemaProblem[] {
  const missing = columns.filter((column) => !found.columns.includes(column))
  return missing.map((column) => ({
    table,
    problem: `the column "${column}" of "${table}" is missing`,
    isVital: true,
  }))
}

function listSchema(raw: Database.Database): SchemaObject[] {
  const objects = raw
    .prepare(
      `select type, name, tbl_name as "table" from sqlite_schema
       where tbl_name not like 'search%' and name not like 'sqlite_%'`,
    )
    .all() as Omit<SchemaObject, 'columns'>[]
  const columns = raw
    .prepare(
      `select s.name as "table", c.name as "column" from sqlite_schema s, pragma_table_xinfo(s.name) c
       where s.type = 'table' and s.name not like 'search%'`,
    )
    .all() as { table: string; column: string }[]
  const byTable = Map.groupBy(columns, ({ table }) => table)
  return objects.map((each) => ({
    ...each,
    columns: each.type === 'table' ? (byTable.get(each.name) ?? []).map(({ column }) => column) : [],
  }))
}
