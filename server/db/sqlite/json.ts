import { type Expression, type SqlBool, sql } from 'kysely'

/**
 * Returns true if a text column is in a JSON array of texts. The query text is the same for a list of any length,
 * so it can be prepared.
 */
export function inJsonArray(column: Expression<string | null>, json: string): Expression<SqlBool> {
  return sql<SqlBool>`${column} in (select value from json_each(${json}))`
}
