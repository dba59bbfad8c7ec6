import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'

/**
 * Returns true if a text column is in a JSON array of texts. The query text is the same for a list of any length,
 * so it can be prepared.
 */
export function inJsonArray(column: Expression<string | null>, json: string): Expression<SqlBool> {
  return sql<SqlBool>`${column} in (select value from json_each(${json}))`
}

/** The texts of a JSON array, as a table with one column `value`. */
export function jsonArrayValues(json: string): RawBuilder<unknown> {
  return sql`json_each(${json})`
}

/** Gathers a value of each row, as the text of a JSON array; `[]` without rows. */
export function gatherJson(value: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`json_group_array(${value})`
}

/** The values as a JSON array. */
export function jsonArray(...values: RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`json_array(${sql.join(values)})`
}

/** The columns of a row as a JSON object, by the names of its members. */
export function jsonObject(columns: Readonly<Record<string, string>>): RawBuilder<unknown> {
  const members = Object.entries(columns).map(([name, column]) => sql`${sql.lit(name)}, ${sql.ref(column)}`)
  return sql`json_object(${sql.join(members)})`
}
