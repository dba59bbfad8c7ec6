import { sql } from 'kysely'
import type { Fragments } from '../dialect.ts'

/** The fragments of dialect.ts for SQLite. */
export const fragments: Fragments = {
  greatest: (column, value) => sql`max(${column}, ${value})`,
  inJsonArray: (column, json) => sql`${column} in (select value from json_each(${json}))`,
  jsonArrayValues: (json) => sql`json_each(${json})`,
  receiptRows: (json) =>
    sql`(select value ->> 0 as chat_id, value ->> 1 as user_id, value ->> 2 as no from json_each(${json}))`,
  gatherJson: (value) => sql`json_group_array(${value})`,
  jsonArray: (...values) => sql`json_array(${sql.join(values)})`,
  jsonObject: (...members) => sql`json_object(${sql.join(members)})`,
}
