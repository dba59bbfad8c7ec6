import type { Output } from '../../shared/contract.ts'
import type { FoundMessage } from '../access/messages.ts'
import type { Db } from '../db/schema.ts'

type Status = Output<'messages.status'>

/** `maySeeTime`: false for a member whose last seen time the viewer may not know. */
export async function messageStatus(
  db: Db,
  message: FoundMessage,
  maySeeTime: (userId: string) => boolean,
): Promise<Status> {
  if (message.thread !== '') return replyStatus(db, message, maySeeTime)
  const marks = await db
    .selectFrom('membership')
    .where('chatId', '=', message.chatId)
    .where('userId', '!=', message.authorId)
    .where('deliveredNo', '>=', message.no)
    .select(['userId', 'readNo', 'readAt', 'readBeforeNo', 'deliveredAt', 'deliveredBeforeNo'])
    .orderBy('userId')
    .execute()
  const times = marks.flatMap((mark) => {
    if (!maySeeTime(mark.userId)) return []
    const { no } = message
    const readAt = no > mark.readBeforeNo && no <= mark.readNo ? mark.readAt : null
    const deliveredAt = no > mark.deliveredBeforeNo ? mark.deliveredAt : null
    if (readAt === null && deliveredAt === null) return []
    return [
      {
        userId: mark.userId,
        ...(deliveredAt === null ? {} : { deliveredAt }),
        ...(readAt === null ? {} : { readAt }),
      },
    ]
  })
  return {
    deliveredTo: marks.map((mark) => mark.userId),
    readBy: marks.filter((mark) => mark.readNo >= message.no).map((mark) => mark.userId),
    times,
  }
}

/** A thread has its own read receipts and no delivered receipts: a member who has read a reply has received it. */
async function replyStatus(
  db: Db,
  { chatId, thread, no, authorId }: FoundMessage,
  maySeeTime: (userId: string) => boolean,
): Promise<Status> {
  const rows = await db
    .selectFrom('threadFollower')
    .innerJoin('membership', (join) =>
      join.onRef('membership.userId', '=', 'threadFollower.userId').on('membership.chatId', '=', chatId),
    )
    .where('threadFollower.thread', '=', thread)
    .where('threadFollower.userId', '!=', authorId)
    .where('threadFollower.readNo', '>=', no)
    .select(['threadFollower.userId', 'threadFollower.readAt', 'threadFollower.readBeforeNo'])
    .orderBy('threadFollower.userId')
    .execute()
  const readBy = rows.map(({ userId }) => userId)
  const times = rows.flatMap(({ userId, readAt, readBeforeNo }) =>
    readAt === null || no <= readBeforeNo || !maySeeTime(userId) ? [] : [{ userId, readAt }],
  )
  return { deliveredTo: readBy, readBy, times }
}
