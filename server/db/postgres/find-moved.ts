import { sql } from 'kysely'
import type { Db } from '../schema.ts'

/** Returns the heads of the streams that got entries since this time, in wall ms. */
export async function findMoved(db: Db, since: number): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('entry')
    .where('at', '>=', since)
    .groupBy('stream')
    .select(['stream', sql<number>`max(seq)`.as('head')])
    .execute()
  return new Map(rows.map(({ stream, head }) => [stream, head]))
}
