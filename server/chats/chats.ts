import type { ChatSummary, DeletedGroup } from '../../shared/contract/chats.ts'
import type { Input } from '../../shared/contract.ts'
import { limits, type Posting, type Visibility } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkLine, foldCase, normalizeLine } from '../../shared/text/names.ts'
import type { FoundChat, JoinableGroup, ManagedGroup } from '../access.ts'
import { audit } from '../audit/audit.ts'
import type { Viewer } from '../caller.ts'
import type { Db } from '../db/schema.ts'
import type { HubContext } from '../context.ts'
import { chatLock, directLock } from '../locks.ts'
import { newId } from '../ids.ts'
import { findFileNames } from '../search/message-index.ts'
import { rewindIndexCursor } from '../search/index-queue.ts'
import {
  insertInitialMember,
  publishChatAdded,
  requireMemberCapacity,
  removeMember,
  insertMember,
  requireActiveUser,
  publishGroupListed,
  publishChatRemoved,
  publishGroupUnlisted,
} from './membership.ts'
import { findDirectChatId, findNextOwner, insertChat, listMemberIds, setRole } from './queries.ts'
import { findSummary, summariesOfChat } from './summaries.ts'
import { type Operation, type UserOperation, runOperation } from '../operation.ts'
import type { FindLocks } from '../define-handlers.ts'

/** A summary that must be there. */
async function getSummary(db: Db, viewer: Viewer, chatId: string): Promise<ChatSummary> {
  const chat = await findSummary(db, viewer.userId, chatId)
  if (!chat) throw notFound('This chat')
  return chat
}

export async function openDirectChat(op: UserOperation, input: Input<'chats.direct'>) {
  const peer = await findPeer(op.db, input)
  if (peer === op.viewer.userId) {
    throw new HubError('invalid', 'You cannot open a direct chat with yourself. Choose another user.', {
      field: input.userId === undefined ? 'username' : 'userId',
    })
  }
  const directKey = [op.viewer.userId, peer].sort().join(':')
  const existing = await findDirectChatId(op.db, directKey)
  if (existing !== undefined) return { chat: await getSummary(op.db, op.viewer, existing) }
  await requireActiveUser(op.db, peer)
  const chatId = newId()
  await insertChat(op.db, {
    id: chatId,
    kind: 'direct',
    name: null,
    visibility: 'private',
    topic: null,
    directKey,
    createdBy: op.viewer.userId,
    at: op.now,
  })
  await initializeChat(op, chatId, [
    { userId: op.viewer.userId, role: 'member' },
    { userId: peer, role: 'member' },
  ])
  return { chat: await getSummary(op.db, op.viewer, chatId) }
}

/** The pair, which is found by id or by name. */
export const directChatLocks: FindLocks = async ({ userId, username }, viewer, db) => {
  if (!viewer || (userId === undefined) === (username === undefined)) return []
  return [directLock([viewer.userId, await findPeer(db, { userId, username })])]
}

async function findPeer(
  db: Db,
  input: { userId?: string | undefined; username?: string | undefined },
): Promise<string> {
  if ((input.userId === undefined) === (input.username === undefined)) {
    throw new HubError('invalid', 'Give either “userId” or “username”.')
  }
  const query = db.selectFrom('user').select('id').where('pendingSince', 'is', null)
  const row = await (
    input.userId !== undefined
      ? query.where('id', '=', input.userId)
      : query.where('usernameKey', '=', foldCase(input.username ?? ''))
  ).executeTakeFirst()
  if (!row) throw notFound('This user')
  return row.id
}

export async function createGroup(op: UserOperation, input: Input<'chats.create'>) {
  const name = parseGroupName(input.name)
  const topic = parseGroupTopic(input.topic)
  const others = [...new Set(input.members ?? [])].filter((id) => id !== op.viewer.userId)
  await requireMemberCapacity(op.db, 1, others.length)
  // a thousand members are written in a fifth of a second, in which nobody else is heard
  op.hub.rateLimiter?.consume(op.viewer.userId, 'chats.create', others.length / 20)
  const chatId = newId()
  await insertChat(op.db, {
    id: chatId,
    kind: 'group',
    name,
    visibility: input.visibility,
    topic,
    posting: input.posting ?? 'all',
    directKey: null,
    createdBy: op.viewer.userId,
    at: op.now,
  })
  await initializeChat(op, chatId, [
    { userId: op.viewer.userId, role: 'owner' },
    ...others.map((userId) => ({ userId, role: 'member' as const })),
  ])
  if (input.visibility === 'public') await publishGroupListed(op, chatId, op.viewer.userId)
  audit(op, {
    action: 'group.created',
    by: op.viewer.userId,
    target: chatId,
    detail: { visibility: input.visibility, posting: input.posting ?? 'all' },
  })
  return { chat: await getSummary(op.db, op.viewer, chatId) }
}

/** The first entries of a chat, so that folding its stream gives its members. */
async function initializeChat(
  op: UserOperation,
  chatId: string,
  members: { userId: string; role: 'owner' | 'member' }[],
): Promise<void> {
  const by = op.viewer.userId
  await op.append(`chat:${chatId}`, { type: 'chat.created', by, target: chatId, content: {} })
  for (const { userId, role } of members) {
    await insertInitialMember(op, { chatId, userId, role, by, readNo: 0 })
  }
  // the chat is heard from its chat.added on: nobody gets the entries before it
  for (const { userId } of members) op.tell({ f: 'joined', chat: chatId, user: userId })
  for (const [userId, chat] of await summariesOfChat(op.db, chatId)) {
    await op.append(`user:${userId}`, {
      type: 'chat.added',
      by,
      target: chatId,
      content: { chat },
    })
  }
}

export async function joinGroup(op: UserOperation, group: JoinableGroup) {
  if (!group.isMember) await addMember(op, group.id, op.viewer.userId)
  return { chat: await getSummary(op.db, op.viewer, group.id) }
}

/** Answers whether they were not in it before. */
export async function addMember(op: UserOperation, chatId: string, userId: string): Promise<boolean> {
  await requireActiveUser(op.db, userId)
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
  await insertMember(op, { chatId, userId, role: 'member', by, readNo: chat.lastNo })
  await publishChatAdded(op, chatId, userId, by)
  return true
}

export async function leaveGroup(op: UserOperation, chat: FoundChat): Promise<void> {
  const { userId } = op.viewer
  const heir = chat.role === 'owner' ? await findNextOwner(op.db, chat.id, userId) : undefined
  // with its owner goes a group in which nobody is left, or nobody whose account is open
  if (chat.memberCount === 1 || (chat.role === 'owner' && heir === undefined)) {
    return deleteEmptyGroup(op, chat)
  }
  await removeMember(op, { chatId: chat.id, userId, role: chat.role, by: userId, reason: 'left' })
  if (heir !== undefined) await changeRole(op, chat.id, heir, 'owner', userId)
}

export async function changeRole(
  op: Operation,
  chatId: string,
  userId: string,
  role: 'owner' | 'admin' | 'member',
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

export interface GroupChanges {
  name?: string
  topic?: string
  visibility?: Visibility
  posting?: Posting
  archived?: boolean
  picture?: string
}

/** What somebody who runs a group is answered: their view of it, if they are in it. */
export async function summaryIfMember(
  op: UserOperation,
  group: ManagedGroup,
): Promise<{ chat?: ChatSummary }> {
  return group.role === undefined ? {} : { chat: await getSummary(op.db, op.viewer, group.id) }
}

export async function updateGroup(op: UserOperation, group: ManagedGroup, input: Input<'chats.update'>) {
  const changes: GroupChanges = {}
  if (input.name !== undefined) {
    const name = parseGroupName(input.name)
    if (name !== group.name) changes.name = name
  }
  if (input.topic !== undefined) {
    const topic = parseGroupTopic(input.topic) ?? ''
    if (topic !== (group.topic ?? '')) changes.topic = topic
  }
  if (input.visibility !== undefined && input.visibility !== group.visibility)
    changes.visibility = input.visibility
  if (input.posting !== undefined && input.posting !== group.posting) changes.posting = input.posting
  if (Object.keys(changes).length > 0) {
    const { topic, ...rest } = changes
    await op.db
      .updateTable('chat')
      .set({ ...rest, ...(topic === undefined ? {} : { topic: topic === '' ? null : topic }) })
      .where('id', '=', group.id)
      .execute()
    await publishGroupChanges(op, group, changes)
    const { visibility, posting } = changes
    audit(op, {
      action: 'group.updated',
      by: op.viewer.userId,
      target: group.id,
      // which, and of what is not somebody's words, to what
      detail: {
        changed: Object.keys(changes).sort().join(' '),
        ...(visibility === undefined ? {} : { visibility }),
        ...(posting === undefined ? {} : { posting }),
      },
    })
  }
  return summaryIfMember(op, group)
}

/** In the archive or out of it; saying it again changes nothing. */
export async function archiveGroup(op: UserOperation, group: ManagedGroup, archived: boolean) {
  if (archived !== (group.archivedAt !== null)) {
    await op.db
      .updateTable('chat')
      .set({ archivedAt: archived ? op.now : null })
      .where('id', '=', group.id)
      .execute()
    await publishGroupChanges(op, group, { archived })
    audit(op, {
      action: archived ? 'group.archived' : 'group.unarchived',
      by: op.viewer.userId,
      target: group.id,
    })
  }
  return summaryIfMember(op, group)
}

/** To those in it, and to everybody if it can be found, or could be until now. */
export async function publishGroupChanges(
  op: UserOperation,
  group: ManagedGroup,
  changes: GroupChanges,
): Promise<void> {
  const by = op.viewer.userId
  await op.append(`chat:${group.id}`, {
    type: 'chat.updated',
    by,
    target: group.id,
    data: { ...changes },
    content: { changes },
  })
  const wasListed = group.visibility === 'public' && group.archivedAt === null
  const isListed = await publishGroupListed(op, group.id, by)
  if (wasListed && !isListed) await publishGroupUnlisted(op, group.id, by)
}

/** Gone for everybody at once. Its people and messages are kept for a week, so that it can be brought back. */
export async function deleteGroup(
  op: UserOperation,
  group: ManagedGroup,
  byHub = group.role !== 'owner',
): Promise<void> {
  await op.db
    .updateTable('chat')
    .set({ deletedAt: op.now, deletedByHub: byHub ? 1 : 0 })
    .where('id', '=', group.id)
    .execute()
  await publishChatDeleted(op, group, 'deleted')
  audit(op, {
    action: 'group.deleted',
    by: op.viewer.userId,
    target: group.id,
    detail: { visibility: group.visibility, members: group.memberCount, byHub },
  })
}

/** The last one has left: nobody could bring it back, so nothing is kept. */
async function deleteEmptyGroup(op: UserOperation, chat: FoundChat): Promise<void> {
  await op.db
    .updateTable('chat')
    .set({ deletedAt: op.now, memberCount: 0 })
    .where('id', '=', chat.id)
    .execute()
  await publishChatDeleted(op, chat, 'left')
  await op.db.deleteFrom('membership').where('chatId', '=', chat.id).execute()
  op.after(() => op.hub.jobs.runSoon('groups.purge'))
}

async function publishChatDeleted(
  op: UserOperation,
  chat: Pick<FoundChat, 'id' | 'visibility' | 'archivedAt'>,
  reason: 'deleted' | 'left',
): Promise<void> {
  const by = op.viewer.userId
  op.tell({ f: 'chatGone', chat: chat.id })
  for (const userId of await listMemberIds(op.db, chat.id)) {
    await publishChatRemoved(op, { chatId: chat.id, userId, by, reason })
  }
  if (chat.visibility === 'public' && chat.archivedAt === null) await publishGroupUnlisted(op, chat.id, by)
}

/** As it was, for everybody who was in it. */
export async function undeleteGroup(op: UserOperation, group: ManagedGroup) {
  const by = op.viewer.userId
  await op.db
    .updateTable('chat')
    .set({ deletedAt: null, deletedByHub: 0 })
    .where('id', '=', group.id)
    .execute()
  const summaries = await summariesOfChat(op.db, group.id)
  for (const userId of summaries.keys()) op.tell({ f: 'joined', chat: group.id, user: userId })
  for (const [userId, chat] of summaries) {
    await op.append(`user:${userId}`, {
      type: 'chat.added',
      by,
      target: group.id,
      content: { chat },
    })
  }
  await publishGroupListed(op, group.id, by)
  audit(op, { action: 'group.undeleted', by, target: group.id })
  return summaryIfMember(op, group)
}

const deletedGroupRetentionMs = limits.undeleteDays * 24 * 60 * 60_000

/** When a group that was deleted then goes for good. */
export function deletedGroupExpiresAt(deletedAt: number): number {
  return deletedAt + deletedGroupRetentionMs
}

export function toDeletedGroup(row: {
  id: string
  name: string | null
  memberCount: number
  deletedAt: number | null
}): DeletedGroup {
  const deletedAt = row.deletedAt ?? 0
  return {
    id: row.id,
    name: row.name ?? '',
    memberCount: row.memberCount,
    deletedAt,
    until: deletedGroupExpiresAt(deletedAt),
  }
}

/**
 * The job `groups.purge`: removes the members of deleted groups that nobody undeleted in time, and deletes the rows of all
 * deleted chats without members. One that fails does not stop the others.
 */
export async function purgeExpiredGroups(hub: HubContext): Promise<void> {
  const over = await runOperation(hub, { locks: 'hub' }, async ({ db, now }) => {
    const rows = await db
      .selectFrom('chat')
      .where('deletedAt', 'is not', null)
      .where((eb) => eb.or([eb('deletedAt', '<=', now - deletedGroupRetentionMs), eb('memberCount', '=', 0)]))
      .select('id')
      .execute()
    for (const { id } of rows) {
      await db.updateTable('chat').set({ memberCount: 0 }).where('id', '=', id).execute()
      await db.deleteFrom('membership').where('chatId', '=', id).execute()
    }
    return rows
  })
  let failure: Error | undefined
  for (const { id } of over) {
    await purgeDeletedChat(hub, id).catch((error: unknown) => (failure ??= error as Error))
  }
  if (failure) throw failure
}

const rowsPerStep = 200

/** Deletes what is left of a deleted chat, a few rows at a time, so that no request waits long. */
async function purgeDeletedChat(hub: HubContext, chatId: string): Promise<void> {
  for (let done = false; !done;) {
    done = await runOperation(hub, { locks: [chatLock(chatId)] }, async (op) => {
      const { db } = op
      const messages = await db
        .selectFrom('message')
        .where('chatId', '=', chatId)
        .select(['n', 'id', 'chatId', 'authorId', 'text'])
        .limit(rowsPerStep)
        .execute()
      if (messages.length > 0) {
        for (const message of messages) {
          hub.messageIndex.removeMessage(op, {
            ...message,
            files: await findFileNames(db, { messageId: message.id }),
          })
        }
        await db
          .deleteFrom('message')
          .where(
            'n',
            'in',
            messages.map((row) => row.n),
          )
          .execute()
        await rewindIndexCursor(db)
        hub.indexQueue.scheduleAfterCommit(op)
        return false
      }
      const entries = await db
        .selectFrom('entry')
        .where('stream', '=', `chat:${chatId}`)
        .select('seq')
        .orderBy('seq')
        .limit(rowsPerStep)
        .execute()
      const last = entries.at(-1)
      if (last) {
        await db
          .deleteFrom('entry')
          .where('stream', '=', `chat:${chatId}`)
          .where('seq', '<=', last.seq)
          .execute()
        return false
      }
      await db.deleteFrom('mention').where('chatId', '=', chatId).execute()
      await db.deleteFrom('replyMention').where('chatId', '=', chatId).execute()
      await db.deleteFrom('chat').where('id', '=', chatId).where('deletedAt', 'is not', null).execute()
      return true
    })
  }
}

function parseGroupName(typed: string): string {
  const name = normalizeLine(typed)
  const problem = checkLine(name, 'The name of a group', limits.groupName)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'name' })
  return name
}

function parseGroupTopic(typed: string | undefined): string | null {
  const topic = normalizeLine(typed ?? '')
  if (topic === '') return null
  const problem = checkLine(topic, 'The topic', limits.topic)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'topic' })
  return topic
}
