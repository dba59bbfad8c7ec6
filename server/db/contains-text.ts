import { type Expression, type SqlBool, sql } from 'kysely'

/** Whether a text column holds a part, as written: no wildcards. The same on SQLite and PostgreSQL. */
export function containsText(column: Expression<string>, part: string): Expression<SqlBool> {
  const pattern = `%${part.replace(/[\\%_]/g, (character) => `\\${character}`)}%`
  return sql<SqlBool>`${column} like ${pattern} escape '\\'`
}
