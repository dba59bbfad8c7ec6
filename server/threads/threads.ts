import { sql } from 'kysely'
import type { Input } from '../../shared/contract.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import { limits } from '../../shared/contract/values.ts'
import { notFound } from '../../shared/errors.ts'
import type { FoundMessage } from '../access/messages.ts'
import { greatest } from '../db/dialect.ts'
import type { Db } from '../db/schema.ts'
import { getMessage, publishMessageChange } from '../messages/publish-change.ts'
import { findMentions, type ParsedMentions } from '../messages/mentions.ts'
import { toMessage } from '../messages/message-view.ts'
import { listMessagesById } from '../messages/queries.ts'
import { deleteReadMentions, findFollower, findThread, followedThreads } from './queries.ts'
import type { Operation, UserOperation } from '../operation.ts'

/*
 * A thread belongs to a parent message of the chat. Its replies are entries of the same stream with a `no` of their
 * own. The parent has a summary (`replies`), and is published again with each reply. The author of the parent,
 * authors of replies and users mentioned in replies follow the thread.
 */

/**
 * Requires the parent of a reply: a message of the chat itself, and a deleted one only if it has a thread. @throws
 * HubError `not_found`
 */
export async function requireThread(db: Db, chatId: string, thread: string) {
  const parent = await db
    .selectFrom('message')
    .where('id', '=', thread)
    .where('chatId', '=', chatId)
    .where('thread', '=', sql.lit(''))
    .where((eb) => eb.or([eb('deletedAt', 'is', null), eb('threadLastNo', '>', 0)]))
    .select(['id', 'chatId', 'authorId'])
    .executeTakeFirst()
  if (!parent) throw notFound('The message of this thread')
  return parent
}

/** A reply was sent: publishes the parent again, and lets the participants follow. */
export async function recordReply(
  op: Operation,
  parent: { id: string; chatId: string; authorId: string },
  reply: { no: number; by: string; mentioned: readonly string[] },
): Promise<void> {
  await upsertFollower(op, parent, reply.by, { readNo: reply.no, readAt: op.now, lastNo: reply.no })
  const [ofAuthor] = await findFollower(op.db, { thread: parent.id, userId: parent.authorId })
  // a user who stopped following follows again only when mentioned
  const isNew = !ofAuthor && parent.authorId !== reply.by
  if (isNew && (await isMember(op.db, parent.chatId, parent.authorId))) {
    await upsertFollower(op, parent, parent.authorId, {})
  }
  await followMentionedUsers(op, parent, reply)
  await publishMessageChange(op, parent, { type: 'thread.updated', by: reply.by })
}

/** An edit of a reply may mention users who were not mentioned before: they follow the thread from it. */
export async function followMentioned(
  op: Operation,
  { chatId, thread, no, authorId }: FoundMessage,
  mentions: ParsedMentions,
): Promise<void> {
  if (thread === '') return
  const { userIds } = await findMentions(op.db, chatId, mentions)
  await followMentionedUsers(op, { id: thread, chatId }, { no, by: authorId, mentioned: userIds })
}

/** Mentioned users read from this reply on. */
async function followMentionedUsers(
  op: Operation,
  thread: { id: string; chatId: string },
  reply: { no: number; by: string; mentioned: readonly string[] },
): Promise<void> {
  for (const userId of new Set(reply.mentioned)) {
    const [known] = await findFollower(op.db, { thread: thread.id, userId })
    if (known?.following === 1 || userId === reply.by) continue
    await upsertFollower(op, thread, userId, { readNo: reply.no - 1 })
  }
}

/** A reply was deleted or restored: computes the summary of its thread again. */
export async function recountThread(
  op: Operation,
  reply: FoundMessage,
  by: string | undefined,
): Promise<void> {
  const { thread, chatId, authorId } = reply
  if (thread === '') return
  const there = op.db
    .selectFrom('message')
    .where('chatId', '=', chatId)
    .where('thread', '=', thread)
    .where('deletedAt', 'is', null)
  const all = await there
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('at').as('at')])
    .executeTakeFirstOrThrow()
  const own = await there
    .where('authorId', '=', authorId)
    .select((eb) => eb.fn.max('no').as('no'))
    .executeTakeFirstOrThrow()
  await op.db
    .updateTable('message')
    .set({ replyCount: all.count, threadAt: all.at })
    .where('id', '=', thread)
    .execute()
  await op.db
    .updateTable('threadFollower')
    .set({ lastNo: own.no ?? 0 })
    .where('thread', '=', thread)
    .where('userId', '=', authorId)
    .execute()
  await publishMessageChange(op, { id: thread, chatId }, { type: 'thread.updated', by })
}

export async function listThreads(db: Db, userId: string, input: Input<'threads.list'>) {
  const limit = Math.min(input.limit ?? 50, limits.page.threads)
  const rows = await followedThreads(db, { userId, limit: limit + 1 })
  const shown = rows.slice(0, limit)
  const messages = new Map(
    (
      await listMessagesById(
        db,
        shown.map(({ id }) => id),
      )
    ).map((row) => [row.id, toMessage(row)]),
  )
  const threads = shown.flatMap((row): Thread[] => {
    const message = messages.get(row.id)
    return message ? [toThread(row, message)] : []
  })
  return { threads, more: rows.length > limit }
}

export async function getThread(db: Db, userId: string, messageId: string): Promise<Thread> {
  const [row] = await findThread(db, { userId, messageId })
  if (!row) throw notFound('This thread')
  return toThread(row, await getMessage(db, messageId))
}

/** Stores a read receipt, which only grows, and never beyond the last reply. */
export async function markThreadRead(
  op: UserOperation,
  { no }: Input<'threads.read'>,
  message: FoundMessage,
) {
  const { userId } = op.viewer
  const [known] = await findFollower(op.db, { thread: message.id, userId })
  const { threadLastNo } = await op.db
    .selectFrom('message')
    .where('id', '=', message.id)
    .select('threadLastNo')
    .executeTakeFirstOrThrow()
  const readNo = Math.max(known?.readNo ?? 0, Math.min(no, threadLastNo))
  if (!known || readNo === known.readNo) return { readNo }
  await setThreadRead(op, message, userId, readNo)
  return { readNo }
}

/** Lists the threads that the viewer follows. */
export async function markThreadsRead(op: Operation, userId: string): Promise<void> {
  const behind = await op.db
    .selectFrom('threadFollower')
    .innerJoin('message', 'message.id', 'threadFollower.thread')
    .innerJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'message.chatId').on('membership.userId', '=', userId),
    )
    .where('threadFollower.userId', '=', userId)
    .where('threadFollower.following', '=', 1)
    .whereRef('threadFollower.readNo', '<', 'message.threadLastNo')
    .select(['message.id', 'message.chatId', 'message.threadLastNo as no'])
    .execute()
  for (const { id, chatId, no } of behind) await setThreadRead(op, { id, chatId }, userId, no)
}

async function setThreadRead(
  op: Operation,
  { id: thread, chatId }: { id: string; chatId: string },
  userId: string,
  readNo: number,
): Promise<void> {
  await op.db
    .updateTable('threadFollower')
    // All expressions see the row as it was: the time belongs to the replies that this step adds.
    .set((eb) => ({
      readNo: greatest('readNo', readNo),
      readAt: eb.case().when('readNo', '<', readNo).then(op.now).else(eb.ref('readAt')).end(),
      readBeforeNo: eb
        .case()
        .when('readNo', '<', readNo)
        .then(eb.ref('readNo'))
        .else(eb.ref('readBeforeNo'))
        .end(),
    }))
    .where('thread', '=', thread)
    .where('userId', '=', userId)
    .execute()
  await deleteReadMentions(op.db, { thread, userId, readNo })
  op.tell({ f: 'tell', user: userId, message: { t: 'threadRead', chat: chatId, thread, no: readNo } })
}

export async function setFollowing(op: UserOperation, message: FoundMessage, following: boolean) {
  const { userId } = op.viewer
  if (following) {
    await upsertFollower(op, message, userId, {})
  } else {
    const stopped = await op.db
      .updateTable('threadFollower')
      .set({ following: 0 })
      .where('thread', '=', message.id)
      .where('userId', '=', userId)
      .where('following', '=', 1)
      .returning('thread')
      .executeTakeFirst()
    if (stopped) await publishFollowing(op, userId, 'thread.unfollowed', message)
  }
  return { thread: await getThread(op.db, userId, message.id) }
}

/**
 * Receipts only grow. A thread that is already followed is not published again. `readAt`: the user has read up to `readNo` now;
 * without it, what was before counts as read, and nobody knows when.
 */
async function upsertFollower(
  op: Operation,
  thread: { id: string; chatId: string },
  userId: string,
  { readNo = 0, readAt, lastNo = 0 }: { readNo?: number; readAt?: number; lastNo?: number },
): Promise<void> {
  const [known] = await findFollower(op.db, { thread: thread.id, userId })
  const knownNo = known?.readNo ?? 0
  const step =
    readNo > knownNo ? { readAt: readAt ?? null, readBeforeNo: readAt === undefined ? readNo : knownNo } : {}
  await op.db
    .insertInto('threadFollower')
    .values({ thread: thread.id, userId, readNo, lastNo, following: 1, ...step })
    .onConflict((conflict) =>
      conflict.columns(['thread', 'userId']).doUpdateSet({
        following: 1,
        readNo: Math.max(readNo, knownNo),
        ...step,
        lastNo: Math.max(lastNo, known?.lastNo ?? 0),
      }),
    )
    .execute()
  await deleteReadMentions(op.db, { thread: thread.id, userId, readNo })
  if (known?.following !== 1) await publishFollowing(op, userId, 'thread.followed', thread)
}

async function publishFollowing(
  op: Operation,
  userId: string,
  type: 'thread.followed' | 'thread.unfollowed',
  { id, chatId }: { id: string; chatId: string },
): Promise<void> {
  await op.append(`user:${userId}`, {
    type,
    target: id,
    data: { chatId },
    content: { chatId, messageId: id },
  })
}

async function isMember(db: Db, chatId: string, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('membership')
    .where('chatId', '=', chatId)
    .where('userId', '=', userId)
    .select('userId')
    .executeTakeFirst()
  return row !== undefined
}

function toThread(
  row: { chatId: string; following: number; readNo: number; unread: number; mentions: number },
  message: Thread['message'],
): Thread {
  const { chatId, following, readNo, unread, mentions } = row
  return { chatId, message, following: following === 1, readNo, unread, mentions }
}
