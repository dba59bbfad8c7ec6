import type { FoundMessage } from '../access/messages.ts'
import type { Db } from '../db/schema.ts'

export async function messageStatus(db: Db, message: FoundMessage) {
  if (message.thread !== '') return replyStatus(db, message)
  const marks = await db
    .selectFrom('membership')
    .where('chatId', '=', message.chatId)
    .where('userId', '!=', message.authorId)
    .where('deliveredNo', '>=', message.no)
    .select(['userId', 'readNo'])
    .orderBy('userId')
    .execute()
  return {
    deliveredTo: marks.map((mark) => mark.userId),
    readBy: marks.filter((mark) => mark.readNo >= message.no).map((mark) => mark.userId),
  }
}

/** A thread has its own read receipts and no delivered receipts: a member who has read a reply has received it. */
async function replyStatus(db: Db, { chatId, thread, no, authorId }: FoundMessage) {
  const rows = await db
    .selectFrom('threadFollower')
    .innerJoin('membership', (join) =>
      join.onRef('membership.userId', '=', 'threadFollower.userId').on('membership.chatId', '=', chatId),
    )
    .where('threadFollower.thread', '=', thread)
    .where('threadFollower.userId', '!=', authorId)
    .where('threadFollower.readNo', '>=', no)
    .select('threadFollower.userId')
    .orderBy('threadFollower.userId')
    .execute()
  const readBy = rows.map(({ userId }) => userId)
  return { deliveredTo: readBy, readBy }
}
