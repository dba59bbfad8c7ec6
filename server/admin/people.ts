import type { Input } from '../../shared/contract.ts'
import { limits, type HubRole } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import { endSessionsOf } from '../accounts/sessions.ts'
import { byUser, charge, refund } from '../accounts/throttle.ts'
import { audit } from '../audit/audit.ts'
import type { Known, Viewer } from '../call.ts'
import { contains } from '../db/contains.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { dropLinks, dropReset } from '../recovery/resets.ts'
import { append } from '../streams/log.ts'
import { toUser, userColumns, type UserRow } from '../users/project.ts'
import { endTokensOf } from '../tokens/tokens.ts'
import { revokeInvitesOf } from './invites.ts'

/** People by name with what those need to know who run the hub. */
export async function listPeople(hub: Hub, { viewer }: Known, input: Input<'admin.users.list'>) {
  const db = hub.reader
  const count = Math.min(input.limit ?? 100, limits.page.users)
  const part = foldCase(input.query ?? '').trim()
  let matching = db.selectFrom('user').where('pendingSince', 'is', null).where('kind', '=', 'person')
  if (part !== '') {
    matching = matching.where((eb) =>
      eb.or([contains(eb.ref('usernameKey'), part), contains(eb.ref('displayKey'), part)]),
    )
  }
  if (input.role !== undefined) matching = matching.where('role', '=', input.role)
  if (input.status !== undefined) {
    matching = matching.where('deactivatedAt', input.status === 'active' ? 'is' : 'is not', null)
  }
  const { total } = await matching
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  let page = matching
  if (input.after !== undefined) {
    const start = await db
      .selectFrom('user')
      .where('id', '=', input.after)
      .select('usernameKey')
      .executeTakeFirst()
    if (!start) throw new HubError('invalid', '“after” is not the id of a person.', { field: 'after' })
    page = page.where('usernameKey', '>', start.usernameKey)
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
      // running the hub is no reason to know what somebody hides, and who hides sees it of nobody
      const mayKnow = hub.live.mayKnowLastSeen(viewer.userId, row.id)
      const lastSeen = mayKnow ? (hub.live.lastSeenOf(row.id) ?? row.lastSeenAt) : null
      return {
        user: toUser(row),
        presence: hub.live.presenceOf(row.id),
        sessions: row.sessions ?? 0,
        ...(lastSeen === null ? {} : { lastSeen }),
        ...(mayKnow ? {} : { lastSeenHidden: true as const }),
      }
    }),
    more: rows.length > count,
    total,
  }
}

/** Somebody of this hub, with an open account or a closed one. @throws not_found, for whoever waits too */
async function requireSomebody(db: Db, userId: string): Promise<UserRow> {
  const row = await db
    .selectFrom('user')
    .where('id', '=', userId)
    .where('pendingSince', 'is', null)
    .where('kind', '=', 'person')
    .select(userColumns)
    .executeTakeFirst()
  if (!row) throw notFound('This person')
  return row
}

/** Nobody has power over the owner or, here, over themselves; admins have it over members. @throws forbidden */
function requirePowerOver(mine: HubRole, viewer: Viewer, person: UserRow): void {
  if (person.id === viewer.userId) {
    throw new HubError('forbidden', 'This is not for yourself. Ask somebody else who runs this hub.')
  }
  if (person.role === 'owner') {
    throw new HubError('forbidden', 'The owner stays owner until they hand the hub to somebody else.')
  }
  if (mine !== 'owner' && person.role !== 'member') {
    throw new HubError('forbidden', 'Only the owner of this hub can do this to an admin.')
  }
}

async function tellUpdated(tx: Tx, hub: Hub, by: string, userId: string) {
  const row = await tx.db
    .selectFrom('user')
    .where('id', '=', userId)
    .select(userColumns)
    .executeTakeFirstOrThrow()
  const user = toUser(row)
  await append(tx, hub.live, 'hub', { type: 'user.updated', by, target: userId, content: { user } })
  return user
}

export async function updatePerson(
  tx: Tx,
  hub: Hub,
  { viewer }: Known,
  input: Input<'admin.users.update'>,
  mine: HubRole,
) {
  const { userId, role, deactivated } = input
  const person = await requireSomebody(tx.db, userId)
  if (role !== undefined && mine !== 'owner') {
    throw new HubError('forbidden', 'Roles are for the owner of this hub to give.', { field: 'role' })
  }
  requirePowerOver(mine, viewer, person)
  const by = viewer.userId
  const isClosed = person.deactivatedAt !== null
  let changed = false
  if (role !== undefined && role !== person.role) {
    changed = true
    await tx.db.updateTable('user').set({ role }).where('id', '=', userId).execute()
    await audit(tx, {
      action: 'user.role-changed',
      by,
      target: userId,
      detail: { from: person.role, to: role },
    })
    await endPromises(tx, by, person, role)
  }
  if (deactivated !== undefined && deactivated !== isClosed) {
    changed = true
    await tx.db
      .updateTable('user')
      .set({ deactivatedAt: deactivated ? tx.now : null })
      .where('id', '=', userId)
      .execute()
    const sessions = deactivated ? await endSessionsOf(tx, hub.live, userId) : 0
    if (deactivated) {
      await endTokensOf(tx, hub.live, userId)
      await endPromises(tx, by, person, 'member')
    }
    await audit(tx, {
      action: deactivated ? 'user.deactivated' : 'user.reactivated',
      by,
      target: userId,
      ...(deactivated ? { detail: { sessions } } : {}),
    })
  }
  return { user: changed ? await tellUpdated(tx, hub, by, userId) : toUser(person) }
}

/**
 * What was made with the power somebody had must not outlive it: invites that they could not make now, links they may have made
 * to the passwords of others, and the link that somebody less powerful made to theirs.
 */
async function endPromises(tx: Tx, by: string, { id, role }: UserRow, now: HubRole): Promise<void> {
  await dropReset(tx.db, id)
  if (role === 'member' || now === 'owner') return
  await dropLinks(tx.db)
  await revokeInvitesOf(tx, by, id, now)
}

export async function endSessions(tx: Tx, hub: Hub, { viewer }: Known, userId: string, mine: HubRole) {
  requirePowerOver(mine, viewer, await requireSomebody(tx.db, userId))
  const ended = await endSessionsOf(tx, hub.live, userId)
  // who ends them does not trust what was left somewhere, and a token may be there too
  await endTokensOf(tx, hub.live, userId)
  await audit(tx, {
    action: 'session.ended',
    by: viewer.userId,
    target: userId,
    detail: { sessions: ended },
  })
  return { ended }
}

/** With the password, so that a window left open is not enough to give a hub away. */
export async function transferOwnership(
  hub: Hub,
  { viewer, address }: Known,
  { userId, password }: Input<'admin.ownership.transfer'>,
) {
  const { userId: mineId } = viewer
  if (userId === mineId) {
    throw new HubError('invalid', 'You own this hub already. Pick another person.', { field: 'userId' })
  }
  await requireHeir(hub.reader, userId)
  const me = await hub.reader
    .selectFrom('user')
    .where('id', '=', mineId)
    .select('password')
    .executeTakeFirstOrThrow()
  // by a count of its own: strangers who fail to log in must not keep the owner from it
  const charges = [byUser('current', mineId)]
  await charge(hub, charges)
  if (!(await hub.passwords.verify(me.password, password))) {
    throw new HubError('forbidden', 'This is not your password.', { field: 'password' })
  }
  return hub.writer.write(async (tx) => {
    await requireOwner(tx.db, mineId)
    const giver = await requireSomebody(tx.db, mineId)
    const heir = await requireHeir(tx.db, userId)
    if (!hub.unlimited) await refund(tx, charges)
    // never two of them, not even for a moment: the index refuses it
    await tx.db.updateTable('user').set({ role: 'admin' }).where('id', '=', mineId).execute()
    await tx.db.updateTable('user').set({ role: 'owner' }).where('id', '=', heir.id).execute()
    await endPromises(tx, mineId, giver, 'admin')
    await endPromises(tx, mineId, heir, 'owner')
    await audit(tx, { action: 'user.ownership-transferred', by: mineId, target: userId, address })
    await tellUpdated(tx, hub, mineId, mineId)
    return { user: await tellUpdated(tx, hub, mineId, userId) }
  })
}

async function requireHeir(db: Db, userId: string): Promise<UserRow> {
  const heir = await requireSomebody(db, userId)
  if (heir.deactivatedAt !== null) throw notFound('This person')
  return heir
}

/** @throws forbidden; the role is read anew each time */
export async function requireOwner(db: Db, userId: string): Promise<void> {
  const me = await db
    .selectFrom('user')
    .where('id', '=', userId)
    .where('deactivatedAt', 'is', null)
    .select('role')
    .executeTakeFirst()
  if (me?.role !== 'owner') throw new HubError('forbidden', 'Only the owner of this hub can do this.')
}
