import type Database from 'better-sqlite3'

/*
 * The tables of a hub and their columns, as the migrations of the file make them: what a copy between databases
 * contains. The search index is left out, since the hub builds it again.
 */

export interface CopiedTable {
  name: string
  columns: readonly string[]
  /** The columns of its primary key: the order of its rows in a digest. */
  key: readonly string[]
}

/** Lists the tables, those that others refer to before these. */
export function listCopiedTables(raw: Database.Database): CopiedTable[] {
  const names = raw
    .prepare(
      `select name from sqlite_schema where type = 'table' and name not like 'search%' and name not like 'sqlite_%'
        order by rowid`,
    )
    .pluck()
    .all() as string[]
  return names.map((name) => {
    const columns = raw.prepare('select name, pk from pragma_table_info(?)').all(name) as {
      name: string
      pk: number
    }[]
    const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk)
    return { name, columns: columns.map((column) => column.name), key: key.map((column) => column.name) }
  })
}

export const quoteName = (name: string): string => `"${name}"`
export const quoteNames = (names: readonly string[]): string => names.map(quoteName).join(', ')

/** Adds the values of a row to a digest: the same for both databases. */
export function rowText(values: readonly unknown[]): string {
  return `${JSON.stringify(values.map((value) => (value instanceof Uint8Array ? { hex: Buffer.from(value).toString('hex') } : value)))}\n`
}
