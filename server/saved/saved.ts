import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { FoundMessage } from '../access/messages.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { notHidden } from '../access/hidden.ts'
import { messageRows, toMessage } from '../messages/message-view.ts'
import type { Operation } from '../operation.ts'

/**
 * Saves a message for one user. A message that they can no longer see is not listed, and is listed again when they
 * can.
 */
export async function saveMessage(
  op: Operation,
  userId: string,
  { id, chatId }: FoundMessage,
): Promise<void> {
  const ids = await findSavedMessages(op.db, { userId })
  if (ids.some((row) => row.messageId === id)) return
  if (ids.length >= limits.saved) {
    throw new HubError('conflict', `You already have ${limits.saved} saved messages. Remove some first.`)
  }
  // the time of saving is also the cursor of a page, so no two are equal
  const at = Math.max(op.now, ...ids.slice(0, 1).map((row) => row.at + 1))
  await op.db.insertInto('savedMessage').values({ userId, messageId: id, at }).execute()
  await op.append(`user:${userId}`, {
    type: 'saved.added',
    by: userId,
    target: id,
    data: { chatId },
    content: { chatId, messageId: id },
  })
}

export async function unsaveMessage(op: Operation, userId: string, messageId: string): Promise<void> {
  const [row] = await op.db
    .deleteFrom('savedMessage')
    .where('userId', '=', userId)
    .where('messageId', '=', messageId)
    .returning('messageId')
    .execute()
  if (!row) return
  await op.append(`user:${userId}`, {
    type: 'saved.removed',
    by: userId,
    target: messageId,
    content: { messageId },
  })
}

export async function listSaved(db: Db, userId: string, input: Input<'saved.list'>) {
  const limit = Math.min(input.limit ?? 50, limits.page.messages)
  const rows = await messageRows(db)
    .innerJoin('savedMessage', 'savedMessage.messageId', 'message.id')
    .innerJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'message.chatId').on('membership.userId', '=', userId),
    )
    .innerJoin('chat', 'chat.id', 'message.chatId')
    .where('savedMessage.userId', '=', userId)
    .where('savedMessage.at', '<', input.before ?? Number.MAX_SAFE_INTEGER)
    .where('chat.deletedAt', 'is', null)
    .where('message.deletedAt', 'is', null)
    .where(notHidden(userId))
    .orderBy('savedMessage.at', 'desc')
    .leftJoin('message as root', 'root.id', 'message.thread')
    .select(['savedMessage.at as savedAt', 'root.no as threadNo'])
    .limit(limit + 1)
    .execute()
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    saved: page.flatMap((row) => {
      const message = toMessage(row)
      if (message.deleted === true) return []
      const threadNo = row.threadNo === null ? {} : { threadNo: row.threadNo }
      return [{ message, ...threadNo, at: row.savedAt }]
    }),
    ...(rows.length > limit && last ? { next: last.savedAt } : {}),
  }
}

export const findSavedMessages = prepared((db, p: { userId: string }) =>
  db
    .selectFrom('savedMessage')
    .where('userId', '=', p.userId)
    .select(['messageId', 'at'])
    .orderBy('at', 'desc'),
)
