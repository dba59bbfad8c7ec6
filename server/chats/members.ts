import type { FoundChat } from '../access/chats.ts'
import type { JoinableGroup } from '../access/groups.ts'
import {
  changeRole,
  publishChatAdded,
  requireMemberCapacity,
  removeMember,
  insertMember,
  requireActiveUser,
} from './membership.ts'
import { findNextOwner } from './queries.ts'
import type { UserOperation } from '../operation.ts'
import { getSummary } from './begin-chat.ts'
import { deleteEmptyGroup } from './delete-group.ts'
import { stayInTeamGroup } from './team-group-errors.ts'

export async function joinGroup(op: UserOperation, group: JoinableGroup) {
  if (!group.isMember) await addMember(op, group.id, op.viewer.userId)
  return { chat: await getSummary(op.db, op.viewer, group.id) }
}

/** Returns true if the user was not a member before. */
export async function addMember(op: UserOperation, chatId: string, userId: string): Promise<boolean> {
  await requireActiveUser(op.db, userId, op.viewer)
  const chat = await op.db
    .selectFrom('chat')
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'chat.id').on('membership.userId', '=', userId),
    )
    .where('chat.id', '=', chatId)
    .select(['chat.memberCount', 'chat.lastNo', 'membership.userId'])
    .executeTakeFirstOrThrow()
  if (chat.userId !== null) return false
  await requireMemberCapacity(op.db, chat.memberCount, 1)
  const by = op.viewer.userId
  await insertMember(op, { chatId, userId, role: 'member', by, readNo: chat.lastNo, isUnreadOnce: true })
  await publishChatAdded(op, chatId, userId, by)
  return true
}

export async function leaveGroup(op: UserOperation, chat: FoundChat): Promise<void> {
  const { userId } = op.viewer
  if (chat.forEveryone === 1) throw stayInTeamGroup()
  const heir = chat.role === 'owner' ? await findNextOwner(op.db, chat.id, userId) : undefined
  // a group is deleted with its owner if no member is left, or none with an active account
  if (chat.memberCount === 1 || (chat.role === 'owner' && heir === undefined)) {
    return deleteEmptyGroup(op, chat)
  }
  await removeMember(op, { chatId: chat.id, userId, role: chat.role, by: userId, reason: 'left' })
  if (heir !== undefined) await changeRole(op, chat.id, heir, 'owner', userId)
}
