import { type RawBuilder, sql } from 'kysely'

/** The greater of a column and a value: a mark that only grows is written so, and two writers cannot lower it. */
export function greatest(column: string, value: number): RawBuilder<number> {
  return sql<number>`max(${sql.ref(column)}, ${value})`
}
