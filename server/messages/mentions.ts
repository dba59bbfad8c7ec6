import { mayMentionEveryone, mentionedNames } from '../../shared/text/message.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { FoundChat } from '../access/chats.ts'
import type { Db } from '../db/schema.ts'
import type { HubContext } from '../context.ts'
import { listMentioned } from './queries.ts'
import type { Operation } from '../operation.ts'

/** Rows of one insert: SQLite binds a limited number of values. */
const rowsPerInsert = 1000

type MentionChat = Pick<FoundChat, 'id' | 'kind' | 'role' | 'memberCount'>

/**
 * Notes who a message calls: by name, and all of a group with `@everyone`, those who are here at this moment with `@here`,
 * where its author may do that. Names within code call nobody.
 */
export async function insertMentions(
  op: Operation,
  chat: MentionChat,
  message: { no: number; authorId: string; text: string },
): Promise<void> {
  await insertMentionRows(op.db, chat.id, message.no, await mentionedUserIds(op, chat, message))
}

/** Of a message whose text has changed, or is back. Who has deleted it for themselves is not called. */
export async function replaceMentions(
  op: Operation,
  message: MentioningReply & { id: string },
  onlyUserId?: string,
): Promise<void> {
  const away = await listHidingUserIds(op.db, message.id)
  const wanted = (called: string[]) =>
    called.filter((userId) => !away.has(userId) && (onlyUserId === undefined || userId === onlyUserId))
  if (message.thread !== '') {
    const named = await findMentionedUsers(op.db, message.chatId, message.text)
    return insertReplyMentions(op, message, named, wanted)
  }
  const chat = await findMentionChat(op.db, message)
  const called = await mentionedUserIds(op, chat, message)
  await insertMentionRows(op.db, message.chatId, message.no, wanted(called))
}

/** Of a message that was taken back, or is to be noted again; for one person or for all. */
export async function deleteMentions(
  op: Operation,
  { chatId, thread, no }: Pick<MentioningReply, 'chatId' | 'thread' | 'no'>,
  userId?: string,
): Promise<void> {
  if (thread === '') {
    let gone = op.db.deleteFrom('mention').where('chatId', '=', chatId).where('no', '=', no)
    if (userId !== undefined) gone = gone.where('userId', '=', userId)
    await gone.execute()
  } else {
    let gone = op.db.deleteFrom('replyMention').where('thread', '=', thread).where('no', '=', no)
    if (userId !== undefined) gone = gone.where('userId', '=', userId)
    await gone.execute()
  }
}

interface MentioningReply {
  chatId: string
  /** '' in the chat itself. */
  thread: string
  no: number
  authorId: string
  text: string
}

async function findMentionChat(db: Db, message: { chatId: string; authorId: string }): Promise<MentionChat> {
  const chat = await db
    .selectFrom('chat')
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'chat.id').on('membership.userId', '=', message.authorId),
    )
    .where('chat.id', '=', message.chatId)
    .select(['chat.id', 'chat.kind', 'chat.memberCount', 'membership.role'])
    .executeTakeFirstOrThrow()
  return { ...chat, role: chat.role ?? 'member' }
}

/** In a thread it is those who follow it that are called with all others: who comes to follow by this reply is noted before. */
export async function insertReplyMentions(
  op: Operation,
  reply: MentioningReply,
  named: string[],
  wanted = (called: string[]) => called,
): Promise<void> {
  const known = await listFollowers(op.db, reply)
  const chat = await findMentionChat(op.db, reply)
  const following = known.filter((one) => one.following === 1).map(({ userId }) => userId)
  const called = new Set([...named, ...broadcastMentionIds(op.hub, chat, reply, following)])
  called.delete(reply.authorId)
  const readNos = new Map(known.map(({ userId, readNo }) => [userId, readNo]))
  const rows = wanted([...called])
    .filter((userId) => reply.no > (readNos.get(userId) ?? 0))
    .map((userId) => ({ userId, chatId: reply.chatId, thread: reply.thread, no: reply.no }))
  for (let at = 0; at < rows.length; at += rowsPerInsert) {
    await op.db
      .insertInto('replyMention')
      .values(rows.slice(at, at + rowsPerInsert))
      .execute()
  }
}

/** Who is named in a text, among the members of its chat. */
export async function findMentionedUsers(db: Db, chatId: string, text: string): Promise<string[]> {
  const keys = mentionedNames(text).map(foldCase)
  return keys.length === 0 ? [] : listMentioned(db, chatId, keys)
}

async function mentionedUserIds(
  op: Operation,
  chat: MentionChat,
  message: { authorId: string; text: string },
): Promise<string[]> {
  const called = new Set(await findMentionedUsers(op.db, chat.id, message.text))
  if (broadcastMention(chat, message.text) !== undefined) {
    for (const userId of broadcastMentionIds(op.hub, chat, message, await listMemberIds(op.db, chat.id)))
      called.add(userId)
  }
  // nobody calls themselves
  called.delete(message.authorId)
  return [...called]
}

/** Those of `all` whom a text calls without their names. */
function broadcastMentionIds(
  hub: HubContext,
  chat: MentionChat,
  message: { authorId: string; text: string },
  all: readonly string[],
): string[] {
  const call = broadcastMention(chat, message.text)
  if (call === undefined) return []
  const isCalled = (userId: string) => call === 'everyone' || hub.live.sessionsOf(userId).size > 0
  return all.filter((userId) => userId !== message.authorId && isCalled(userId))
}

function broadcastMention(chat: MentionChat, text: string): 'everyone' | 'here' | undefined {
  if (chat.kind !== 'group' || !mayMentionEveryone(chat.role, chat.memberCount)) return undefined
  const keys = mentionedNames(text).map(foldCase)
  return keys.includes('everyone') ? 'everyone' : keys.includes('here') ? 'here' : undefined
}

async function listHidingUserIds(db: Db, messageId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('hiddenMessage')
    .where('messageId', '=', messageId)
    .select('userId')
    .execute()
  return new Set(rows.map(({ userId }) => userId))
}

/** Those in the chat who follow a thread, or did. */
function listFollowers(db: Db, { chatId, thread }: MentioningReply) {
  return db
    .selectFrom('threadFollower')
    .innerJoin('membership', (join) =>
      join.onRef('membership.userId', '=', 'threadFollower.userId').on('membership.chatId', '=', chatId),
    )
    .where('threadFollower.thread', '=', thread)
    .select(['threadFollower.userId', 'threadFollower.readNo', 'threadFollower.following'])
    .execute()
}

async function insertMentionRows(db: Db, chatId: string, no: number, called: string[]): Promise<void> {
  const rows = called.map((userId) => ({ userId, chatId, no }))
  for (let at = 0; at < rows.length; at += rowsPerInsert) {
    await db
      .insertInto('mention')
      .values(rows.slice(at, at + rowsPerInsert))
      .execute()
  }
}

async function listMemberIds(db: Db, chatId: string): Promise<string[]> {
  const rows = await db.selectFrom('membership').where('chatId', '=', chatId).select('userId').execute()
  return rows.map((row) => row.userId)
}
