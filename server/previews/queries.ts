import { sql } from 'kysely'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { PictureInfo } from '../file-storage/inspect.ts'
import { chatLock, userLock } from '../locks.ts'

/** The oldest first. */
export const listOwedPreviews = prepared((db, _: object) =>
  db
    .selectFrom('file')
    .where('previewOwed', '=', 1)
    .orderBy('createdAt')
    .select(['digest', 'size', 'userId', 'writer', 'touchedAt']),
)

/** Returns the messages that show this picture without a preview. */
export const listMessagesWith = prepared((db, p: { digest: string }) =>
  db
    .selectFrom('file')
    .innerJoin('message', 'message.id', 'file.messageId')
    .where('file.digest', '=', p.digest)
    .where('file.previewOwed', '=', 1)
    .where('message.deletedAt', 'is', null)
    .select(['message.id', 'message.chatId', 'message.thread', 'message.no'])
    .distinct(),
)

/** A reply after more messages than this was sent later than a preview takes. */
const maxDistance = 500

/** Returns the replies close after this message that quote it: a quote shows its picture. */
export const listQuoting = prepared((db, p: { id: string; chatId: string; thread: string; no: number }) =>
  db
    .selectFrom('message')
    .where('chatId', '=', p.chatId)
    .where('thread', '=', p.thread)
    .where('no', '>', p.no)
    .where('no', '<=', sql<number>`${p.no} + ${sql.lit(maxDistance)}`)
    .where('replyTo', '=', p.id)
    .where('deletedAt', 'is', null)
    .select(['id', 'chatId']),
)

export async function storePicture(db: Db, digest: string, info: PictureInfo): Promise<void> {
  await db
    .updateTable('file')
    .set({ ...info, previewOwed: 0 })
    .where('digest', '=', digest)
    .where('previewOwed', '=', 1)
    .execute()
}

export async function findPictureLocks(db: Db, digest: string): Promise<string[]> {
  const rows = await db.selectFrom('file').where('digest', '=', digest).select(['userId', 'chatId']).execute()
  return rows.flatMap(({ userId, chatId }) => [
    userLock(userId),
    ...(chatId === null ? [] : [chatLock(chatId)]),
  ])
}
