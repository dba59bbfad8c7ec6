import type { Posting } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { newId } from '../ids.ts'
import type { Db } from '../db/schema.ts'
import type { Operation, UserOperation } from '../operation.ts'
import { initializeChat } from './begin-chat.ts'
import { insertMember, publishChatAdded, publishGroupListed } from './membership.ts'
import { insertChat } from './queries.ts'

/*
 * The group for everyone: at most one public group that all active users are in, also those who come later. It can be
 * muted, but not left. Bots are in it only if a member adds them. Its operations lock the hub.
 */

/** The group that a set-up begins with. */
export async function createTeamGroup(
  op: Operation,
  group: { name: string; posting: Posting; ownerId: string },
): Promise<void> {
  const { name, posting, ownerId } = group
  const id = newId()
  await insertChat(op.db, {
    ...{ id, kind: 'group', name, visibility: 'public', topic: null, posting, adding: 'all' },
    ...{ forEveryone: 1, directKey: null, createdBy: ownerId, at: op.now },
  })
  await initializeChat(op, id, ownerId, [{ userId: ownerId, role: 'owner' }])
  await publishGroupListed(op, id, ownerId)
}

/** A user has come: by registration, approval or reactivation. */
export async function joinTeamGroup(op: Operation, userId: string): Promise<void> {
  const group = await findTeamGroup(op.db)
  if (group) await bringIn(op, group.id, userId, userId)
}

export async function findTeamGroup(db: Db): Promise<{ id: string } | undefined> {
  return db.selectFrom('chat').where('forEveryone', '=', 1).select('id').executeTakeFirst()
}

/** Makes a public group the one for everyone, in place of the one before; null: no group is. @throws not_found, invalid */
export async function chooseTeamGroup(op: UserOperation, chatId: string | null): Promise<void> {
  const before = await findTeamGroup(op.db)
  if (before?.id === (chatId ?? undefined)) return
  if (before) await setForEveryone(op, before.id, false)
  if (chatId === null) return
  const group = await op.db
    .selectFrom('chat')
    .where('id', '=', chatId)
    .where('kind', '=', 'group')
    .where('visibility', '=', 'public')
    .where('archivedAt', 'is', null)
    .where('deletedAt', 'is', null)
    .select('id')
    .executeTakeFirst()
  if (!group) {
    throw new HubError('invalid', 'The group for everyone must be a public group that is not archived.', {
      field: 'teamGroup',
    })
  }
  await setForEveryone(op, chatId, true)
  for (const userId of await listUsersOutside(op.db, chatId))
    await bringIn(op, chatId, userId, op.viewer.userId)
}

async function setForEveryone(op: UserOperation, chatId: string, everyone: boolean): Promise<void> {
  await op.db
    .updateTable('chat')
    .set({ forEveryone: everyone ? 1 : 0 })
    .where('id', '=', chatId)
    .execute()
  await op.append(`chat:${chatId}`, {
    type: 'chat.updated',
    by: op.viewer.userId,
    target: chatId,
    data: { everyone },
    content: { changes: { everyone } },
  })
}

/** It has no limit of members: nobody may be kept out. */
async function bringIn(op: Operation, chatId: string, userId: string, by: string): Promise<void> {
  const chat = await op.db
    .selectFrom('chat')
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'chat.id').on('membership.userId', '=', userId),
    )
    .where('chat.id', '=', chatId)
    .select(['chat.lastNo', 'membership.userId'])
    .executeTakeFirstOrThrow()
  if (chat.userId !== null) return
  await insertMember(op, { chatId, userId, role: 'member', by, readNo: chat.lastNo, isUnreadOnce: true })
  await publishChatAdded(op, chatId, userId, by)
}

async function listUsersOutside(db: Db, chatId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('user')
    .leftJoin('membership', (join) =>
      join.onRef('membership.userId', '=', 'user.id').on('membership.chatId', '=', chatId),
    )
    .where('user.kind', '=', 'user')
    .where('user.deactivatedAt', 'is', null)
    .where('user.pendingSince', 'is', null)
    .where('membership.userId', 'is', null)
    .select('user.id')
    .orderBy('user.joinedNo')
    .execute()
  return rows.map(({ id }) => id)
}
