import type { Input } from '../../shared/contract.ts'
import type { Invite } from '../../shared/contract/admin-users.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { createInvite, findInvite } from './invites.ts'
import { requireReauthenticated } from '../sessions/sessions.ts'
import { audit } from '../audit/audit.ts'
import type { Db } from '../db/schema.ts'
import { inviteLinks, inviteReach } from '../net/invite-links.ts'
import type { HubRole } from '../../shared/contract/values.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import type { Operation, UserOperation } from '../operation.ts'

const pageSize = 50

export async function createInviteLink(
  op: UserOperation,
  { role = 'member', uses = 1, days = 7 }: Input<'admin.invites.create'>,
  mine: HubRole,
) {
  if (role === 'admin' && mine !== 'owner') {
    throw new HubError('forbidden', 'Only the owner of this hub can invite admins.', { field: 'role' })
  }
  // an invite for an admin grants a role
  if (role === 'admin') await requireReauthenticated(op.db, op.viewer, op.hub.clock())
  await requireOpenRegistration(op)
  const code = await issueInvite(op, { role, uses, days, by: op.viewer.userId })
  const { endpoint } = op.hub
  return { invite: code, ...inviteLinks(endpoint, op.caller.origin, code), reach: inviteReach(endpoint) }
}

/**
 * Creates an invite for members in the owner's name, for the user at the hub's own computer. Returns the one of `code` instead
 * while that can still be used.
 */
export async function createInviteAsOwner(
  op: Operation,
  { uses, days, code }: { uses: number; days: number; code?: string },
): Promise<string> {
  const owner = await op.db.selectFrom('user').where('role', '=', 'owner').select('id').executeTakeFirst()
  if (!owner) throw new HubError('conflict', 'This hub has no owner yet. Set it up first.')
  await requireOpenRegistration(op)
  if (code !== undefined && (await findInvite(op.db, code, op.now))) return code
  return issueInvite(op, { role: 'member', uses, days, by: owner.id })
}

async function requireOpenRegistration({ db }: Operation): Promise<void> {
  const { registration } = await db.selectFrom('hub').select('registration').executeTakeFirstOrThrow()
  if (registration === 'closed') {
    throw new HubError('conflict', 'Registration is closed. Change that in the settings of this hub first.')
  }
}

async function issueInvite(
  op: Operation,
  invite: { role: 'member' | 'admin'; uses: number; days: number; by: string },
): Promise<string> {
  const { role, uses, days, by } = invite
  const { id, code } = await createInvite(op, invite)
  audit(op, { action: 'invite.created', by, target: id, detail: { role, uses, days } })
  return code
}

export async function listInvites(db: Db, now: number, { after, limit }: Input<'admin.invites.list'>) {
  const count = Math.min(limit ?? pageSize, pageSize)
  let query = db.selectFrom('invite').selectAll().orderBy('createdAt', 'desc').orderBy('id', 'desc')
  if (after !== undefined) {
    const start = await db.selectFrom('invite').where('id', '=', after).selectAll().executeTakeFirst()
    if (!start) throw new HubError('invalid', '“after” is not the id of an invite.', { field: 'after' })
    query = query.where((eb) =>
      eb.or([
        eb('createdAt', '<', start.createdAt),
        eb.and([eb('createdAt', '=', start.createdAt), eb('id', '<', start.id)]),
      ]),
    )
  }
  const rows = await query.limit(count + 1).execute()
  const shown = rows.slice(0, count)
  const ids = shown.map(({ id }) => id)
  const makers = shown.map(({ createdBy }) => createdBy)
  const users =
    ids.length === 0
      ? []
      : await db
          .selectFrom('user')
          .where((eb) => eb.or([eb('inviteId', 'in', ids), eb('id', 'in', makers)]))
          .where('pendingSince', 'is', null)
          .select([...userColumns, 'user.inviteId'])
          .orderBy('createdAt')
          .orderBy('id')
          .execute()
  return {
    invites: shown.map((row): Invite => {
      const maker = users.find(({ id }) => id === row.createdBy)
      if (!maker) throw new Error('an invite without a creator')
      return {
        id: row.id,
        role: row.role,
        state: inviteStatusOf(row, now),
        uses: row.uses,
        used: row.usedCount,
        createdBy: toUser(maker),
        createdAt: row.createdAt,
        expiresAt: row.expiresAt,
        ...(row.revokedAt === null ? {} : { revokedAt: row.revokedAt }),
        users: users.filter(({ inviteId }) => inviteId === row.id).map(toUser),
      }
    }),
    more: rows.length > count,
  }
}

function inviteStatusOf(
  row: { revokedAt: number | null; uses: number; usedCount: number; expiresAt: number },
  now: number,
): Invite['state'] {
  if (row.revokedAt !== null) return 'revoked'
  if (row.usedCount >= row.uses) return 'used'
  return row.expiresAt <= now ? 'expired' : 'open'
}

/** Revokes an invite. A repeat changes nothing. */
export async function revokeInvite(op: UserOperation, inviteId: string): Promise<void> {
  const row = await op.db
    .selectFrom('invite')
    .where('id', '=', inviteId)
    .select('revokedAt')
    .executeTakeFirst()
  if (!row) throw notFound('This invite')
  if (row.revokedAt !== null) return
  await op.db.updateTable('invite').set({ revokedAt: op.now }).where('id', '=', inviteId).execute()
  audit(op, { action: 'invite.revoked', by: op.viewer.userId, target: inviteId })
}

/** Revokes the invites of a user that their current role could not create. */
export async function revokeInvitesOf(
  op: Operation,
  by: string,
  userId: string,
  now: Exclude<HubRole, 'owner'>,
): Promise<void> {
  let query = op.db
    .updateTable('invite')
    .set({ revokedAt: op.now })
    .where('createdBy', '=', userId)
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', op.now)
    .whereRef('usedCount', '<', 'uses')
  if (now === 'admin') query = query.where('role', '=', 'admin')
  for (const { id } of await query.returning('id').execute()) {
    audit(op, { action: 'invite.revoked', by, target: id })
  }
}
