import { type Expression, type SqlBool, sql } from 'kysely'

/** Whether a text column is one of a JSON array of texts: one query text for a list of any length, so it can be prepared. */
export function inJsonArray(column: Expression<string | null>, json: string): Expression<SqlBool> {
  return sql<SqlBool>`${column} in (select value from json_each(${json}))`
}
