import type { DeletedGroup } from '../../shared/contract/chats.ts'
import { limits } from '../../shared/contract/values.ts'
import type { FoundChat } from '../access/chats.ts'
import type { ManagedGroup } from '../access/groups.ts'
import { audit } from '../audit/audit.ts'
import { inOrder } from '../db/in-order.ts'
import type { HubContext } from '../context.ts'
import { chatLock } from '../locks.ts'
import { findFileNames, takeStep } from '../search-index/message-index.ts'
import { publishGroupListed, publishChatRemoved, publishGroupUnlisted } from './membership.ts'
import { listMemberIds } from './queries.ts'
import { summariesOfChat } from './summaries.ts'
import { type UserOperation, runOperation } from '../operation.ts'
import { summaryIfMember } from './groups.ts'
import { keepTeamGroup } from './team-group-errors.ts'

/**
 * Deletes the group for all members at once. Its members and messages are stored for a week, so that it can be
 * undeleted.
 */
export async function deleteGroup(
  op: UserOperation,
  group: ManagedGroup,
  byHub = group.role !== 'owner',
): Promise<void> {
  if (group.forEveryone === 1) throw keepTeamGroup()
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

/** The last member has left. No one could undelete the group, so nothing is stored. */
export async function deleteEmptyGroup(op: UserOperation, chat: FoundChat): Promise<void> {
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
  await inOrder(await listMemberIds(op.db, chat.id), (userId) =>
    publishChatRemoved(op, { chatId: chat.id, userId, by, reason }),
  )
  if (chat.visibility === 'public' && chat.archivedAt === null) await publishGroupUnlisted(op, chat.id, by)
}

/** Restores the group for all users who were members. */
export async function undeleteGroup(op: UserOperation, group: ManagedGroup) {
  const by = op.viewer.userId
  await op.db
    .updateTable('chat')
    .set({ deletedAt: null, deletedByHub: 0 })
    .where('id', '=', group.id)
    .execute()
  const summaries = await summariesOfChat(op.db, group.id)
  for (const userId of summaries.keys()) op.tell({ f: 'joined', chat: group.id, user: userId })
  await inOrder(summaries, ([userId, chat]) =>
    op.append(`user:${userId}`, { type: 'chat.added', by, target: group.id, content: { chat } }),
  )
  await publishGroupListed(op, group.id, by)
  audit(op, { action: 'group.undeleted', by, target: group.id })
  return summaryIfMember(op, group)
}

const deletedGroupRetentionMs = limits.undeleteDays * 24 * 60 * 60_000

/** Returns the time at which a deleted group is purged. */
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
 * Removes the members of deleted groups that nobody undeleted in time: then nobody sees them any more. Returns the deleted
 * chats without members. It locks the hub, since it covers all groups that are due; it touches few.
 */
export function expireDeletedGroups(hub: HubContext): Promise<{ id: string }[]> {
  // a group without members goes in any case
  const dueBefore = hub.time.isTrusted ? hub.clock() - deletedGroupRetentionMs : 0
  return runOperation(hub, { locks: 'hub' }, async ({ db }) => {
    const rows = await db
      .selectFrom('chat')
      .where('deletedAt', 'is not', null)
      .where((eb) => eb.or([eb('deletedAt', '<=', dueBefore), eb('memberCount', '=', 0)]))
      .select('id')
      .execute()
    for (const { id } of rows) {
      await db.updateTable('chat').set({ memberCount: 0 }).where('id', '=', id).execute()
      await db.deleteFrom('membership').where('chatId', '=', id).execute()
    }
    return rows
  })
}

/** The job `groups.purge`: deletes the rows of all deleted chats without members. One that fails does not stop the others. */
export async function purgeExpiredGroups(hub: HubContext): Promise<void> {
  const over = await expireDeletedGroups(hub)
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
      const found = await db
        .selectFrom('message')
        .where('chatId', '=', chatId)
        .select(['n', 'id', 'chatId', 'authorId', 'text'])
        .limit(rowsPerStep)
        .execute()
      const messages = takeStep(found)
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
        hub.indexing.rowsDeleted(op)
        op.after(() => hub.fileRemoval.schedule())
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
      op.after(() => hub.fileRemoval.schedule())
      await db.deleteFrom('chat').where('id', '=', chatId).where('deletedAt', 'is not', null).execute()
      return true
    })
  }
}
