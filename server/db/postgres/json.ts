import { sql } from 'kysely'
import type { Fragments } from '../dialect.ts'

/** The fragments of dialect.ts for PostgreSQL. JSON travels as text: its reader parses it. */
export const fragments: Fragments = {
  greatest: (column, value) => sql`greatest(${column}, ${value})`,
  // an array is expected to be short: for the rows of a function PostgreSQL reads a whole table of thousands of rows
  inJsonArray: (column, json) =>
    sql`${column} = any(array(select jsonb_array_elements_text(${json}::jsonb)))`,
  jsonArrayValues: (json) => sql`jsonb_array_elements_text(${json}::jsonb)`,
  receiptRows: (
    json,
  ) => sql`(select value ->> 0 as chat_id, value ->> 1 as user_id, (value ->> 2)::bigint as no
    from jsonb_array_elements(${json}::jsonb))`,
  // json_agg of no rows is null
  gatherJson: (value) => sql`coalesce(json_agg(${value})::text, '[]')`,
  jsonArray: (...values) => sql`json_build_array(${sql.join(values)})`,
  jsonObject: (...members) => sql`json_build_object(${sql.join(members)})`,
}
