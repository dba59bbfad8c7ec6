import { type RawBuilder, sql } from 'kysely'

/**
 * Returns the greater of a column and a value. A receipt that only grows is written with it, so that two writers
 * cannot lower it.
 */
export function greatest(column: string, value: number): RawBuilder<number> {
  return sql<number>`max(${sql.ref(column)}, ${value})`
}
