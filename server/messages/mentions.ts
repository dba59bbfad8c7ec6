import { mentionKey, resolveReading } from '../../shared/text/mentions.ts'
import { broadcastMentions, findMentionReadings, mayMentionEveryone } from '../../shared/text/message.ts'
import type { ChatToSend, FoundChat } from '../access/chats.ts'
import type { Db } from '../db/schema.ts'
import type { HubContext } from '../context.ts'
import { findKeywordUserIds } from './keywords.ts'
import { listUsersByKey } from './queries.ts'
import type { Operation } from '../operation.ts'

/** Rows of one insert: SQLite binds a limited number of values. */
const rowsPerInsert = 1000

export type MentionChat = Pick<FoundChat, 'id' | 'kind' | 'role' | 'memberCount'> &
  Partial<Pick<ChatToSend, 'hasKeywords'>>

type Broadcast = (typeof broadcastMentions)[number]

/** The mentions in a text. A text is parsed once per operation, and the result is passed on. */
export interface ParsedMentions {
  /** For each mention the names that it can stand for, longest first. */
  readonly readings: readonly (readonly string[])[]
  readonly text: string
}

/** The mentions of a text in a chat. */
export interface FoundMentions {
  /** Members of the chat. */
  readonly userIds: readonly string[]
  /** `@everyone` or `@here`; only some authors may use it. */
  readonly broadcast: Broadcast | undefined
}

/** Parses the Markdown of a text. Names within code mention nobody. */
export function parseMentions(text: string): ParsedMentions {
  return { readings: findMentionReadings(text), text }
}

/**
 * Finds the users that the mentions name. A mention names the user with the longest name that it can stand for. If that user
 * is no member of the chat, it reaches nobody: a shorter name would reach another user than the one who was meant.
 */
export async function findMentions(
  db: Db,
  chatId: string,
  { readings }: Pick<ParsedMentions, 'readings'>,
): Promise<FoundMentions> {
  if (readings.length === 0) return { userIds: [], broadcast: undefined }
  const users = await listUsersByKey(db, chatId, [...new Set(readings.flat().map(mentionKey))])
  const members = new Map(users.map(({ key, id, memberId }) => [key, memberId === null ? '' : id]))
  for (const name of broadcastMentions) members.set(name, name)
  const named = new Set(readings.map((each) => resolveReading(each, (key) => members.get(key))?.found ?? ''))
  const broadcast = broadcastMentions.find((name) => named.has(name))
  return { userIds: [...named].filter((id) => id !== '' && id !== 'everyone' && id !== 'here'), broadcast }
}

/**
 * Stores the mentions of a new message: members by name, all members of a group with `@everyone`, the connected ones with
 * `@here` if the author may do that.
 */
export async function insertMentions(
  op: Operation,
  chat: MentionChat,
  message: { no: number; authorId: string; mentions: ParsedMentions },
): Promise<{ keyworded: ReadonlySet<string> }> {
  const { called, keyworded } = await mentionedUserIds(op, chat, message)
  await insertMentionRows(op.db, chat.id, message.no, called)
  return { keyworded }
}

/** Stores the mentions of an edited or undeleted message. Users who hid the message are not mentioned. */
export async function replaceMentions(
  op: Operation,
  message: MentioningReply & { id: string },
  onlyUserId?: string,
): Promise<void> {
  const away = await listHidingUserIds(op.db, message.id)
  const wanted = (called: string[]) =>
    called.filter((userId) => !away.has(userId) && (onlyUserId === undefined || userId === onlyUserId))
  if (message.thread !== '') {
    const found = await findMentions(op.db, message.chatId, message.mentions)
    return insertReplyMentions(op, message, found, wanted)
  }
  const chat = await findMentionChat(op.db, message)
  const { called } = await mentionedUserIds(op, chat, message)
  await insertMentionRows(op.db, message.chatId, message.no, wanted(called))
}

/** Deletes the mentions of a message, for one user or for all. */
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
  mentions: ParsedMentions
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

/** In a thread, a broadcast mention reaches its followers. Insert the new followers of this reply first. */
export async function insertReplyMentions(
  op: Operation,
  reply: Omit<MentioningReply, 'mentions'>,
  found: FoundMentions,
  wanted = (called: string[]) => called,
): Promise<void> {
  const known = await listFollowers(op.db, reply)
  const chat = await findMentionChat(op.db, reply)
  const following = known.filter((one) => one.following === 1).map(({ userId }) => userId)
  const called = new Set([...found.userIds, ...broadcastMentionIds(op.hub, chat, found, following)])
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

async function mentionedUserIds(
  op: Operation,
  chat: MentionChat,
  message: { authorId: string; mentions: ParsedMentions },
): Promise<{ called: string[]; keyworded: ReadonlySet<string> }> {
  const found = await findMentions(op.db, chat.id, message.mentions)
  const called = new Set(found.userIds)
  if (found.broadcast !== undefined) {
    for (const userId of broadcastMentionIds(op.hub, chat, found, await listMemberIds(op.db, chat.id)))
      called.add(userId)
  }
  // a message with one of their keywords counts for users as one that mentions them
  const watched = { chatId: chat.id, authorId: message.authorId, text: message.mentions.text }
  const keyworded = chat.hasKeywords === 0 ? new Set<string>() : await findKeywordUserIds(op.db, watched)
  for (const userId of keyworded) called.add(userId)
  // authors do not mention themselves
  called.delete(message.authorId)
  return { called: [...called], keyworded }
}

/** Returns those of `all` that a broadcast mention reaches, if its author may use it. */
function broadcastMentionIds(
  hub: HubContext,
  { kind, role, memberCount }: MentionChat,
  { broadcast }: FoundMentions,
  all: readonly string[],
): readonly string[] {
  if (broadcast === undefined || kind !== 'group' || !mayMentionEveryone(role, memberCount)) return []
  return broadcast === 'everyone' ? all : all.filter((userId) => hub.live.isConnected(userId))
}

async function listHidingUserIds(db: Db, messageId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('hiddenMessage')
    .where('messageId', '=', messageId)
    .select('userId')
    .execute()
  return new Set(rows.map(({ userId }) => userId))
}

/** Returns the members of the chat who follow a thread or followed it. */
function listFollowers(db: Db, { chatId, thread }: Pick<MentioningReply, 'chatId' | 'thread'>) {
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
