import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'

export interface StatusRow {
  statusText: string | null
  statusEmoji: string | null
  statusUntil: number | null
}

export const noStatus: StatusRow = { statusText: null, statusEmoji: null, statusUntil: null }

export function getStatus(db: Db, userId: string): Promise<StatusRow> {
  return db
    .selectFrom('user')
    .where('id', '=', userId)
    .select(['statusText', 'statusEmoji', 'statusUntil'])
    .executeTakeFirstOrThrow()
}

export async function updateStatus(db: Db, userId: string, status: StatusRow): Promise<void> {
  await db.updateTable('user').set(status).where('id', '=', userId).execute()
}

/** The ids of users whose status has ended. */
export const listEndedStatuses = prepared((db, p: { now: number }) =>
  db.selectFrom('user').where('statusUntil', '<=', p.now).select('id'),
)
