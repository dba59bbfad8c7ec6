import { requireHubOwner } from '../access/hub.ts'
import type { Input } from '../../shared/contract.ts'
import { limits, type HubRole } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { endUserSessions } from '../sessions/sessions.ts'
import { deleteDrafts } from '../drafts/drafts.ts'
import {
  userCounter,
  consumeAttempts,
  refundSuccessfulAttempts,
  waiterOf,
} from '../accounts/attempt-limiter.ts'
import { audit } from '../audit/audit.ts'
import { joinTeamGroup } from '../chats/team-group.ts'
import type { Viewer } from '../caller.ts'
import type { Db } from '../db/schema.ts'
import { deleteResetLinks, deleteReset } from '../recovery/resets.ts'
import { idsByName, isEmptyNameQuery, nameColumns } from '../users/find-by-name.ts'
import { toUser, userColumns, type UserRow } from '../users/user-view.ts'
import { publishUserUpdated } from '../users/users.ts'
import { endUserTokens } from '../tokens/tokens.ts'
import { revokeInvitesOf } from '../invites/admin-invites.ts'
import { type Operation, type UserOperation, runOperation } from '../operation.ts'
import type { ReadContext, RequestContext } from '../define-handlers.ts'

/** Lists users by name, with the details that admins need. */
export async function listUsers(
  { db, hub, viewer }: ReadContext<'admin.users.list'>,
  input: Input<'admin.users.list'>,
) {
  const count = Math.min(input.limit ?? 100, limits.page.users)
  let matching = db.selectFrom('user').where('pendingSince', 'is', null).where('kind', '=', 'user')
  if (input.role !== undefined) matching = matching.where('role', '=', input.role)
  if (input.status !== undefined) {
    matching = matching.where('deactivatedAt', input.status === 'active' ? 'is' : 'is not', null)
  }
  let page = matching
  if (input.after !== undefined) {
    const start = await db
      .selectFrom('user')
      .where('id', '=', input.after)
      .select('usernameKey')
      .executeTakeFirst()
    if (!start) throw new HubError('invalid', '“after” is not the id of a user.', { field: 'after' })
    page = page.where('usernameKey', '>', start.usernameKey)
  }
  const { query } = input
  const find = async (users: typeof matching, name: string) =>
    idsByName(await users.select(nameColumns).orderBy('usernameKey').execute(), name)
  let total: number
  if (isEmptyNameQuery(query)) {
    const counted = await matching.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirst()
    total = counted?.total ?? 0
  } else {
    total = (await find(matching, query)).length
    page = page.where('user.id', 'in', (await find(page, query)).slice(0, count + 1))
  }
  const now = hub.clock()
  const rows = await page
    .select([...userColumns, 'user.lastSeenAt'])
    .select((eb) =>
      eb
        .selectFrom('session')
        .whereRef('session.userId', '=', 'user.id')
        .where('session.expiresAt', '>', now)
        .select((of) => of.fn.countAll<number>().as('count'))
        .as('sessions'),
    )
    .orderBy('usernameKey')
    .limit(count + 1)
    .execute()
  return {
    users: rows.slice(0, count).map((row) => {
      // an admin's role does not reveal a hidden last-seen time, and an admin who hides their own sees no other's
      const mayKnow = hub.live.canSeeLastSeen(viewer.userId, row.id)
      const lastSeen = mayKnow ? (hub.live.presence.lastSeenOf(row.id) ?? row.lastSeenAt) : null
      return {
        user: toUser(row),
        presence: hub.live.presence.stateOf(row.id),
        sessions: row.sessions ?? 0,
        ...(lastSeen === null ? {} : { lastSeen }),
        ...(mayKnow ? {} : { lastSeenHidden: true as const }),
      }
    }),
    more: rows.length > count,
    total,
  }
}

/** Requires an active or deactivated user. @throws HubError `not_found`, for a pending user too */
async function requireUser(db: Db, userId: string): Promise<UserRow> {
  const row = await db
    .selectFrom('user')
    .where('id', '=', userId)
    .where('pendingSince', 'is', null)
    .where('kind', '=', 'user')
    .select(userColumns)
    .executeTakeFirst()
  if (!row) throw notFound('This user')
  return row
}

/**
 * No user has authority over the owner or, here, over themselves; admins have it over members. @throws HubError
 * `forbidden`
 */
function requireAuthorityOver(mine: HubRole, viewer: Viewer, user: UserRow): void {
  if (user.id === viewer.userId) {
    throw new HubError('forbidden', 'You cannot do this to your own account. Ask another admin of this hub.')
  }
  if (user.role === 'owner') {
    throw new HubError('forbidden', 'The owner keeps this role until they transfer the hub to another user.')
  }
  if (mine !== 'owner' && user.role !== 'member') {
    throw new HubError('forbidden', 'Only the owner of this hub can do this to an admin.')
  }
}

export async function updateUser(op: UserOperation, input: Input<'admin.users.update'>, mine: HubRole) {
  const { userId, role, deactivated } = input
  const user = await requireUser(op.db, userId)
  if (role !== undefined && mine !== 'owner') {
    throw new HubError('forbidden', 'Only the owner of this hub can change roles.', { field: 'role' })
  }
  requireAuthorityOver(mine, op.viewer, user)
  const by = op.viewer.userId
  const isClosed = user.deactivatedAt !== null
  let changed = false
  if (role !== undefined && role !== user.role) {
    changed = true
    await op.db.updateTable('user').set({ role }).where('id', '=', userId).execute()
    audit(op, {
      action: 'user.role-changed',
      by,
      target: userId,
      detail: { from: user.role, to: role },
    })
    await revokeGrants(op, by, user, role)
  }
  if (deactivated !== undefined && deactivated !== isClosed) {
    changed = true
    await op.db
      .updateTable('user')
      .set({ deactivatedAt: deactivated ? op.now : null })
      .where('id', '=', userId)
      .execute()
    const sessions = deactivated ? await endUserSessions(op, userId) : 0
    if (deactivated) {
      await endUserTokens(op, userId)
      await deleteDrafts(op, userId)
      await revokeGrants(op, by, user, 'member')
    } else await joinTeamGroup(op, userId)
    audit(op, {
      action: deactivated ? 'user.deactivated' : 'user.reactivated',
      by,
      target: userId,
      ...(deactivated ? { detail: { sessions } } : {}),
    })
  }
  return { user: changed ? await publishUserUpdated(op, userId, by) : toUser(user) }
}

/**
 * Grants of a role must not outlive it. Revokes invites that the user could not make now, reset links they may have
 * made for others, and the reset link that a less powerful user made for them.
 */
async function revokeGrants(op: Operation, by: string, { id, role }: UserRow, now: HubRole): Promise<void> {
  await deleteReset(op.db, id)
  if (role === 'member' || now === 'owner') return
  await deleteResetLinks(op.db)
  await revokeInvitesOf(op, by, id, now)
}

export async function endSessions(op: UserOperation, userId: string, mine: HubRole) {
  requireAuthorityOver(mine, op.viewer, await requireUser(op.db, userId))
  const ended = await endUserSessions(op, userId)
  // a user who ends all sessions does not trust their devices, and a token may be on one of them too
  await endUserTokens(op, userId)
  audit(op, {
    action: 'session.ended',
    by: op.viewer.userId,
    target: userId,
    detail: { sessions: ended },
  })
  return { ended }
}

/** Requires the password, so that an unattended window is not enough to give a hub away. */
export async function transferOwnership(
  { hub, caller }: RequestContext<'admin.ownership.transfer'>,
  { userId, password }: Input<'admin.ownership.transfer'>,
) {
  const { viewer, address } = caller
  const { userId: mineId } = viewer
  if (userId === mineId) {
    throw new HubError('invalid', 'You already own this hub. Choose another user.', { field: 'userId' })
  }
  await hub.store.read((db) => requireNewOwner(db, userId))
  const me = await hub.store.read((db) =>
    db.selectFrom('user').where('id', '=', mineId).select('password').executeTakeFirstOrThrow(),
  )
  // its own budget: failed logins of strangers must not lock the owner out of this
  const charges = [userCounter('current', mineId)]
  await consumeAttempts(hub, charges)
  if (!(await hub.passwords.verify(me.password, password, waiterOf(caller)))) {
    throw new HubError('forbidden', 'Wrong password.', { field: 'password' })
  }
  return runOperation(hub, { locks: 'hub' }, async (op) => {
    await requireHubOwner(op.db, mineId)
    const giver = await requireUser(op.db, mineId)
    const heir = await requireNewOwner(op.db, userId)
    if (!hub.unlimited) await refundSuccessfulAttempts(op, charges)
    // never two owners, not even for a moment: the unique index refuses it
    await op.db.updateTable('user').set({ role: 'admin' }).where('id', '=', mineId).execute()
    await op.db.updateTable('user').set({ role: 'owner' }).where('id', '=', heir.id).execute()
    await revokeGrants(op, mineId, giver, 'admin')
    await revokeGrants(op, mineId, heir, 'owner')
    audit(op, { action: 'user.ownership-transferred', by: mineId, target: userId, address })
    await publishUserUpdated(op, mineId, mineId)
    return { user: await publishUserUpdated(op, userId, mineId) }
  })
}

async function requireNewOwner(db: Db, userId: string): Promise<UserRow> {
  const heir = await requireUser(db, userId)
  if (heir.deactivatedAt !== null) throw notFound('This user')
  return heir
}
