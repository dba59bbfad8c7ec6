import { sql } from 'kysely'
import { limits } from '../../shared/contract/values.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { notHidden } from '../access/hidden.ts'
import { messageRows } from '../messages/message-view.ts'

/** Allocates the next `no` in a thread. */
export const allocateThreadNumber = prepared((db, p: { thread: string; at: number }) =>
  db
    .updateTable('message')
    .set((eb) => ({
      threadLastNo: eb('threadLastNo', '+', 1),
      replyCount: eb('replyCount', '+', 1),
      threadAt: p.at,
    }))
    .where('id', '=', p.thread)
    .returning('threadLastNo as no'),
)

interface ThreadScope {
  chatId: string
  thread: string
  userId: string
}

/** Newest first. */
export const repliesBefore = prepared((db, p: ThreadScope & { before: number; count: number }) =>
  messageRows(db)
    .where('message.chatId', '=', p.chatId)
    .where('message.thread', '=', p.thread)
    .where('message.no', '<', p.before)
    .where(notHidden(p.userId))
    .orderBy('message.no', 'desc')
    .limit(p.count),
)

/** Oldest first. */
export const repliesFrom = prepared((db, p: ThreadScope & { from: number; count: number }) =>
  messageRows(db)
    .where('message.chatId', '=', p.chatId)
    .where('message.thread', '=', p.thread)
    .where('message.no', '>=', p.from)
    .where(notHidden(p.userId))
    .orderBy('message.no')
    .limit(p.count),
)

/** A user's view of threads: of all that they follow, or of one, followed or not. */
function threadViews(db: Db, userId: string) {
  return db
    .selectFrom('message')
    .innerJoin('chat', 'chat.id', 'message.chatId')
    .innerJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'message.chatId').on('membership.userId', '=', userId),
    )
    .leftJoin('threadFollower', (join) =>
      join.onRef('threadFollower.thread', '=', 'message.id').on('threadFollower.userId', '=', userId),
    )
    .where('chat.deletedAt', 'is', null)
    .where('message.thread', '=', sql.lit(''))
    .select([
      'message.id',
      'message.chatId',
      'message.threadAt',
      sql<number>`coalesce(thread_follower.following, 0)`.as('following'),
      sql<number>`coalesce(thread_follower.read_no, 0)`.as('readNo'),
      sql<number>`(select count(*) from (
        select 1 from message u
        where u.chat_id = message.chat_id and u.thread = message.id and u.no > coalesce(thread_follower.read_no, 0)
          and u.author_id <> ${userId} and u.deleted_at is null and ${notHidden(userId, 'u')}
        limit ${sql.lit(limits.unread)}) as counted)`.as('unread'),
      sql<number>`(select count(*) from reply_mention n where n.user_id = ${userId}
        and n.chat_id = message.chat_id and n.thread = message.id)`.as('mentions'),
    ])
}

export const findThread = prepared((db, p: { userId: string; messageId: string }) =>
  threadViews(db, p.userId).where('message.id', '=', p.messageId),
)

export const followedThreads = prepared((db, p: { userId: string; limit: number }) =>
  threadViews(db, p.userId)
    .where('threadFollower.following', '=', 1)
    .where('message.threadLastNo', '>', 0)
    .where(notHidden(p.userId))
    .orderBy('message.threadAt', 'desc')
    .orderBy('message.id')
    .limit(p.limit),
)

/** Deletes read mentions: mentions are stored only to count unread ones. */
export const deleteReadMentions = prepared((db, p: { thread: string; userId: string; readNo: number }) =>
  db
    .deleteFrom('replyMention')
    .where('thread', '=', p.thread)
    .where('userId', '=', p.userId)
    .where('no', '<=', p.readNo),
)

export const findFollower = prepared((db, p: { thread: string; userId: string }) =>
  db
    .selectFrom('threadFollower')
    .where('thread', '=', p.thread)
    .where('userId', '=', p.userId)
    .select(['following', 'readNo', 'lastNo']),
)
