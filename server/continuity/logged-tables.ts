import type Database from 'better-sqlite3'

/*
 * The tables that a standby has too. Everything else is named here: a new table is replicated unless its name is added,
 * and test/server/capture.test.ts compares the two lists.
 */

/** Derived from the rest (the search index), or about this computer (where its own log ends). */
export const localTables: readonly string[] = ['position', 'search', 'search_term', 'search_state']

/** Tables that triggers of the schema write, and only by inserting what may be there already. */
export const tablesOfTriggers: readonly string[] = ['released_file']

export interface LoggedTable {
  readonly name: string
  readonly columns: readonly string[]
  /** The columns of its key, in their order. */
  readonly pk: readonly string[]
}

export interface LoggedColumn {
  readonly name: string
  readonly type: 'INTEGER' | 'TEXT' | 'BLOB'
}

interface TableRow {
  name: string
  strict: number
}

interface ColumnRow {
  name: string
  type: string
  pk: number
  /** 0: an ordinary column. Others are computed from these. */
  hidden: number
}

/** Returns the replicated tables of a database, by name. @throws Error for one that cannot be replicated */
export function listLoggedTables(raw: Database.Database): LoggedTable[] {
  const rows = raw
    .prepare(
      `select name, strict from pragma_table_list
       where schema = 'main' and type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name`,
    )
    .all() as TableRow[]
  return rows
    .filter(({ name }) => !localTables.includes(name))
    .map(({ name, strict }) => {
      if (strict !== 1)
        throw new Error(`the table ${name} does not check its types, so it cannot be replicated`)
      const columns = listColumns(raw, name)
      const pk = columns.filter((column) => column.pk > 0).sort((a, b) => a.pk - b.pk)
      if (pk.length === 0) throw new Error(`the table ${name} has no key, so it cannot be replicated`)
      return { name, columns: columns.map((column) => column.name), pk: pk.map((column) => column.name) }
    })
}

/** Columns that hold data. Those that are computed from them are computed on the standby too. */
function listColumns(raw: Database.Database, table: string): ColumnRow[] {
  const columns = raw
    .prepare('select name, type, pk, hidden from pragma_table_xinfo(?)')
    .all(table) as ColumnRow[]
  return columns.filter(({ hidden }) => hidden === 0)
}

/** @throws Error for a type that the log has no form for */
export function listLoggedColumns(raw: Database.Database, table: string): LoggedColumn[] {
  return listColumns(raw, table).map(({ name, type }) => {
    const upper = type.toUpperCase()
    if (upper === 'INT' || upper === 'INTEGER') return { name, type: 'INTEGER' }
    if (upper === 'TEXT' || upper === 'BLOB') return { name, type: upper }
    throw new Error(`the column ${name} of ${table} has the type ${type}, which the log has no form for`)
  })
}

/** Quotes a name for SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
