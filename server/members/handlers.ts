import type { Input } from '../../shared/contract.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { type ManagedGroup, requireManagedGroup } from '../access.ts'
import { audit } from '../audit/audit.ts'
import { type AccessCheck, type Viewer, write } from '../dispatch.ts'
import { addMember, changeRole } from '../chats/chats.ts'
import { removeMember } from '../chats/membership.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { HubContext } from '../context.ts'

const groupAdmin: AccessCheck<ManagedGroup> = (db, viewer, ids) =>
  requireManagedGroup(db, viewer, ids['chatId'])

export const memberHandlers = {
  'members.add': write('members.add', groupAdmin, async (tx, hub, { viewer }, { userId }, chat) => {
    const came = await addMember(tx, hub, viewer, chat.id, userId)
    if (came)
      await audit(tx, {
        action: 'member.added',
        by: viewer.userId,
        target: userId,
        detail: { group: chat.id },
      })
  }),
  'members.update': write('members.update', groupAdmin, (tx, hub, { viewer }, input, chat) =>
    updateGroupMember(tx, hub, viewer, chat, input),
  ),
  'members.remove': write('members.remove', groupAdmin, (tx, hub, { viewer }, { userId }, chat) =>
    removeGroupMember(tx, hub, viewer, chat, userId),
  ),
}

async function updateGroupMember(
  tx: Tx,
  hub: HubContext,
  viewer: Viewer,
  chat: ManagedGroup,
  { userId, role }: Input<'members.update'>,
): Promise<void> {
  const present = await requireMember(tx.db, chat.id, userId)
  if (role === present) return
  if (present === 'owner') {
    throw new HubError(
      'forbidden',
      'The owner keeps this role until they transfer the group to another member.',
    )
  }
  if (role === 'owner') {
    if (await isBot(tx.db, userId))
      throw new HubError('invalid', 'A bot cannot own a group.', { field: 'userId' })
    if (chat.effectiveRole !== 'owner')
      throw new HubError('forbidden', 'Only the owner can transfer the group to another member.')
    await demoteOwner(tx, hub, viewer, chat.id)
  }
  await changeRole(tx, hub, chat.id, userId, role, viewer.userId)
  await audit(tx, {
    action: 'member.role-changed',
    by: viewer.userId,
    target: userId,
    detail: { group: chat.id, role },
  })
}

async function isBot(db: Db, userId: string): Promise<boolean> {
  const user = await db.selectFrom('user').where('id', '=', userId).select('kind').executeTakeFirst()
  return user?.kind === 'bot'
}

/** A group has one owner: whoever was it, which is not me when an admin of the hub hands it on. */
async function demoteOwner(tx: Tx, hub: HubContext, viewer: Viewer, chatId: string): Promise<void> {
  const owner = await tx.db
    .selectFrom('membership')
    .where('chatId', '=', chatId)
    .where('role', '=', 'owner')
    .select('userId')
    .executeTakeFirst()
  if (owner) await changeRole(tx, hub, chatId, owner.userId, 'admin', viewer.userId)
}

async function removeGroupMember(
  tx: Tx,
  hub: HubContext,
  viewer: Viewer,
  chat: ManagedGroup,
  userId: string,
): Promise<void> {
  const role = await requireMember(tx.db, chat.id, userId)
  if (role === 'owner') throw new HubError('forbidden', 'The owner of the group cannot be removed.')
  const reason = userId === viewer.userId ? 'left' : 'removed'
  await removeMember(tx, hub.live, { chatId: chat.id, userId, role, by: viewer.userId, reason })
  if (reason === 'left') return
  await audit(tx, {
    action: 'member.removed',
    by: viewer.userId,
    target: userId,
    detail: { group: chat.id, role },
  })
}

async function requireMember(db: Db, chatId: string, userId: string) {
  const row = await db
    .selectFrom('membership')
    .where('chatId', '=', chatId)
    .where('userId', '=', userId)
    .select('role')
    .executeTakeFirst()
  if (!row) throw notFound('This member')
  return row.role
}
