import { notFound } from '../../shared/errors.ts'
import { audit } from '../audit/audit.ts'
import { endUserSessions } from '../sessions/sessions.ts'
import type { Viewer } from '../dispatch.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { HubContext } from '../context.ts'
import { append } from '../log/log.ts'
import { toUser, userColumns } from '../users/user-view.ts'

/** Everybody who waits, the longest-waiting first. */
export async function listRequests(db: Db) {
  const rows = await db
    .selectFrom('user')
    .where('pendingSince', 'is not', null)
    .select([...userColumns, 'user.pendingSince'])
    .select((eb) =>
      eb
        .selectFrom('session')
        .whereRef('session.userId', '=', 'user.id')
        .select('session.address')
        .orderBy('session.createdAt')
        .limit(1)
        .as('address'),
    )
    .orderBy('pendingSince')
    .orderBy('user.id')
    .execute()
  return {
    requests: rows.map((row) => ({
      user: toUser(row),
      at: row.pendingSince ?? row.createdAt,
      ...(row.address === null ? {} : { address: row.address }),
    })),
  }
}

/** @throws not_found for whoever does not wait (any more) */
async function requirePendingUser(db: Db, userId: string) {
  const row = await db
    .selectFrom('user')
    .where('id', '=', userId)
    .where('pendingSince', 'is not', null)
    .select(userColumns)
    .executeTakeFirst()
  if (!row) throw notFound('This request')
  return toUser(row)
}

/** Their session goes on: the page they wait on opens by itself. */
export async function acceptRequest(tx: Tx, hub: HubContext, viewer: Viewer, userId: string) {
  const user = await requirePendingUser(tx.db, userId)
  await tx.db.updateTable('user').set({ pendingSince: null }).where('id', '=', userId).execute()
  await append(tx, hub.live, 'hub', {
    type: 'user.added',
    by: viewer.userId,
    target: userId,
    content: { user },
  })
  await audit(tx, { action: 'request.accepted', by: viewer.userId, target: userId })
  return { user }
}

/** Nothing refers to somebody who was never let in but their ways in, so the account goes whole. */
export async function declineRequest(tx: Tx, hub: HubContext, viewer: Viewer, userId: string): Promise<void> {
  await requirePendingUser(tx.db, userId)
  await endUserSessions(tx, hub.live, userId)
  await tx.db.deleteFrom('resetToken').where('userId', '=', userId).execute()
  await tx.db.deleteFrom('user').where('id', '=', userId).execute()
  await audit(tx, { action: 'request.declined', by: viewer.userId, target: userId })
}
