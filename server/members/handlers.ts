import type { Input } from '../../shared/contract.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { type FoundChat, requireGroupAdmin } from '../access.ts'
import { type Access, type Viewer, write } from '../call.ts'
import { addMember, changeRole } from '../chats/chats.ts'
import { depart } from '../chats/membership.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'

const groupAdmin: Access<FoundChat> = (db, viewer, ids) => requireGroupAdmin(db, viewer, ids['chatId'])

export const memberHandlers = {
  'members.add': write('members.add', groupAdmin, (tx, hub, { viewer }, { userId }, chat) =>
    addMember(tx, hub, viewer, chat.id, userId),
  ),
  'members.update': write('members.update', groupAdmin, (tx, hub, { viewer }, input, chat) =>
    updateMember(tx, hub, viewer, chat, input),
  ),
  'members.remove': write('members.remove', groupAdmin, (tx, hub, { viewer }, { userId }, chat) =>
    removeMember(tx, hub, viewer, chat, userId),
  ),
}

async function updateMember(
  tx: Tx,
  hub: Hub,
  viewer: Viewer,
  chat: FoundChat,
  { userId, role }: Input<'members.update'>,
): Promise<void> {
  const present = await requireMember(tx.db, chat.id, userId)
  if (role === present) return
  if (present === 'owner') {
    throw new HubError('forbidden', 'The owner stays owner until they hand the group to somebody else.')
  }
  if (role === 'owner') {
    if (chat.role !== 'owner')
      throw new HubError('forbidden', 'Only the owner can hand the group to somebody else.')
    await changeRole(tx, hub, chat.id, viewer.userId, 'admin', viewer.userId)
  }
  await changeRole(tx, hub, chat.id, userId, role, viewer.userId)
}

async function removeMember(
  tx: Tx,
  hub: Hub,
  viewer: Viewer,
  chat: FoundChat,
  userId: string,
): Promise<void> {
  const role = await requireMember(tx.db, chat.id, userId)
  if (role === 'owner') throw new HubError('forbidden', 'The owner of the group cannot be removed.')
  const reason = userId === viewer.userId ? 'left' : 'removed'
  await depart(tx, hub.live, { chatId: chat.id, userId, role, by: viewer.userId, reason })
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
