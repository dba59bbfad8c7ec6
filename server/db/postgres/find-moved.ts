import { queryConnectionOf } from '../query-connection.ts'
import type { Db } from '../schema.ts'

/** Returns the heads of those streams whose head is beyond this position. */
export async function findAhead(
  db: Db,
  positions: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const rows = await queryConnectionOf(db).all<{ stream: string; head: number }>(aheadSql, [
    JSON.stringify(Object.fromEntries(positions)),
  ])
  return new Map(rows.map(({ stream, head }) => [stream, head]))
}

const aheadSql = `select stream, head from (
    select known.key as stream, known.value::bigint as position, coalesce(chat.head, "user".head, hub.head) as head
    from jsonb_each_text($1::jsonb) as known
    left join chat on known.key like 'chat:%' and chat.id = substr(known.key, 6)
    left join "user" on known.key like 'user:%' and "user".id = substr(known.key, 6)
    left join hub on known.key = 'hub'
  ) as streams where head > position`
