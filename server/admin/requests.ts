import { notFound } from '../../shared/errors.ts'
import { audit } from '../audit/audit.ts'
import { joinTeamGroup } from '../chats/team-group.ts'
import { endUserSessions } from '../sessions/sessions.ts'
import type { Db } from '../db/schema.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import type { UserOperation } from '../operation.ts'

/** Pending users, the oldest request first. */
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

/** @throws HubError `not_found` if the user is not pending (any more) */
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

/** The user's session continues, so the page on which they wait opens by itself. */
export async function acceptRequest(op: UserOperation, userId: string) {
  const user = await requirePendingUser(op.db, userId)
  await op.db.updateTable('user').set({ pendingSince: null }).where('id', '=', userId).execute()
  await op.append('hub', {
    type: 'user.added',
    by: op.viewer.userId,
    target: userId,
    content: { user },
  })
  await joinTeamGroup(op, userId)
  audit(op, { action: 'request.accepted', by: op.viewer.userId, target: userId })
  return { user }
}

/** Only recovery data refers to a user who was never approved, so the whole account is deleted. */
export async function declineRequest(op: UserOperation, userId: string): Promise<void> {
  await requirePendingUser(op.db, userId)
  await endUserSessions(op, userId)
  await op.db.deleteFrom('resetToken').where('userId', '=', userId).execute()
  await op.db.deleteFrom('user').where('id', '=', userId).execute()
  // the end of the sessions is in the user's stream, which nobody can read any more
  await op.db.deleteFrom('entry').where('stream', '=', `user:${userId}`).execute()
  op.after(() => op.hub.fileRemoval.schedule())
  audit(op, { action: 'request.declined', by: op.viewer.userId, target: userId })
}
