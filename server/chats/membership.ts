import type { ListedGroup } from '../../shared/contract/chats.ts'
import type { ChatRole } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import type { Db } from '../db/schema.ts'
import type { Viewer } from '../caller.ts'
import { isVisibleTo } from '../access/users.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import {
  deleteMembership,
  findListedGroup,
  insertMembership,
  type ListedGroupRow,
  setRole,
} from './queries.ts'
import { findSummary } from './summaries.ts'
import type { Operation } from '../operation.ts'

/*
 * Adds and removes members. The order of the entries in the streams is fixed. Adding: member.added to the current
 * members, then the new member receives the entries of the chat, then chat.added to the new member, whose head is the
 * cursor to start from. Removing: the user receives no more entries of the chat, then member.removed to the remaining
 * members, then chat.removed to the removed user.
 */

/** A user who can be added to a chat, by a viewer who may know of them. @throws not_found */
export async function requireActiveUser(db: Db, userId: string, viewer?: Viewer) {
  const row = await db
    .selectFrom('user')
    .where('id', '=', userId)
    .where('deactivatedAt', 'is', null)
    .where('pendingSince', 'is', null)
    .$if(viewer !== undefined, (q) => q.where(isVisibleTo(viewer as Viewer)))
    .select(userColumns)
    .executeTakeFirst()
  if (!row) throw notFound('This user')
  return toUser(row)
}

export interface NewMember {
  chatId: string
  userId: string
  role: ChatRole
  by: string
  /** The initial read number. */
  readNo: number
  /** Unread until they read it, although there may be no message that is. */
  isUnreadOnce?: boolean
}

/** Adds a user to a chat that has members; `announce` publishes it afterwards. */
export async function insertMember(op: Operation, arrival: NewMember): Promise<void> {
  await insertInitialMember(op, arrival)
  op.tell({ f: 'joined', chat: arrival.chatId, user: arrival.userId })
}

/** Adds a user to a new chat with its first members: it is published when all of them are added. */
export async function insertInitialMember(op: Operation, arrival: NewMember): Promise<void> {
  const { chatId, userId, role, by, readNo, isUnreadOnce = false } = arrival
  const user = await requireActiveUser(op.db, userId)
  const addedBy = isUnreadOnce && by !== userId ? by : null
  await insertMembership(op.db, { chatId, userId, role, at: op.now, readNo, addedBy })
  await op.append(`chat:${chatId}`, {
    type: 'member.added',
    by,
    target: userId,
    data: { role },
    content: { user, userId, role },
  })
}

/** Publishes the chat to its new member. */
export async function publishChatAdded(
  op: Operation,
  chatId: string,
  userId: string,
  by: string,
): Promise<void> {
  const chat = await findSummary(op.db, userId, chatId)
  if (!chat) throw new Error('a new member cannot see the chat')
  await op.append(`user:${userId}`, { type: 'chat.added', by, target: chatId, content: { chat } })
}

export async function removeMember(
  op: Operation,
  departure: { chatId: string; userId: string; role: ChatRole; by: string; reason: 'left' | 'removed' },
): Promise<void> {
  const { chatId, userId, role, by, reason } = departure
  const row = await op.db
    .selectFrom('user')
    .where('id', '=', userId)
    .select(userColumns)
    .executeTakeFirstOrThrow()
  await deleteMembership(op.db, chatId, userId)
  for (const table of ['mention', 'replyMention', 'activity'] as const)
    await op.db.deleteFrom(table).where('chatId', '=', chatId).where('userId', '=', userId).execute()
  // a user who joins again starts without followed threads
  await op.db
    .updateTable('threadFollower')
    .set({ following: 0 })
    .where('userId', '=', userId)
    .where('following', '=', 1)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('message')
          .whereRef('message.id', '=', 'threadFollower.thread')
          .where('message.chatId', '=', chatId)
          .select('message.id'),
      ),
    )
    .execute()
  op.tell({ f: 'left', chat: chatId, user: userId })
  await op.append(`chat:${chatId}`, {
    type: 'member.removed',
    by,
    target: userId,
    data: { role },
    content: { user: toUser(row), userId, role },
  })
  await publishChatRemoved(op, { chatId, userId, by, reason })
}

export async function changeRole(
  op: Operation,
  chatId: string,
  userId: string,
  role: ChatRole,
  by: string,
): Promise<void> {
  const user = await requireActiveUser(op.db, userId)
  await setRole(op.db, chatId, userId, role)
  await op.append(`chat:${chatId}`, {
    type: 'member.updated',
    by,
    target: userId,
    data: { role },
    content: { user, userId, role },
  })
}

export async function publishChatRemoved(
  op: Operation,
  removal: { chatId: string; userId: string; by: string; reason: 'left' | 'removed' | 'deleted' },
): Promise<void> {
  const { chatId, userId, by, reason } = removal
  await op.append(`user:${userId}`, {
    type: 'chat.removed',
    by,
    target: chatId,
    data: { reason },
    content: { chatId, reason },
  })
}

export async function requireMemberCapacity(db: Db, memberCount: number, coming: number): Promise<void> {
  const { groupMembers } = await db.selectFrom('hub').select('groupMembers').executeTakeFirstOrThrow()
  if (memberCount + coming > groupMembers) {
    throw new HubError('too_large', `A group can have at most ${groupMembers} members.`, {
      field: 'members',
    })
  }
}

/** Publishes to all users that a group is listed, or its new name. Returns true if it is listed. */
export async function publishGroupListed(op: Operation, chatId: string, by: string): Promise<boolean> {
  const row = await findListedGroup(op.db, chatId)
  if (!row) return false
  await op.append('hub', {
    type: 'group.listed',
    by,
    target: chatId,
    content: { group: toListedGroup(row) },
  })
  return true
}

export async function publishGroupUnlisted(op: Operation, chatId: string, by: string): Promise<void> {
  await op.append('hub', {
    type: 'group.unlisted',
    by,
    target: chatId,
    content: { group: { id: chatId } },
  })
}

export function toListedGroup(row: ListedGroupRow): ListedGroup {
  const group: ListedGroup = { id: row.id, name: row.name, memberCount: row.memberCount }
  if (row.topic !== null) group.topic = row.topic
  if (row.picture !== null) group.picture = row.picture
  return group
}
