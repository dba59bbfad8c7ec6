import type { Input } from '../../shared/contract.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkText, preview } from '../../shared/text/message.ts'
import { checkWritable, type FoundChat, type FoundMessage } from '../access.ts'
import type { Known } from '../call.ts'
import { markOwn } from '../chats/marks.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { newId, sha256 } from '../ids.ts'
import { attach, requireLoose } from '../files/attach.ts'
import { append } from '../streams/log.ts'
import { noteMentions } from './mentions.ts'
import { toMessage } from './project.ts'
import {
  findByCid,
  insertMessage,
  listMessagesById,
  messagesBefore,
  messagesFrom,
  takePlace,
} from './queries.ts'

/**
 * One message, exactly once: `cid` with its author is a permanent key, so a retry after a lost answer finds the first
 * result, and the same key for something else is told apart by the digest of what was sent.
 */
export async function sendMessage(
  tx: Tx,
  hub: Hub,
  caller: Known,
  input: Input<'messages.send'>,
  chat: FoundChat,
): Promise<{ message: Message | Tombstone }> {
  const wanted = input.attachments ?? []
  const problem = checkText(input.text, wanted.length > 0)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  const { userId } = caller.viewer
  const digest = digestOf(input)
  const [earlier] = await findByCid(tx.db, { authorId: userId, cid: input.cid })
  if (earlier) {
    if (!digest.equals(earlier.digest)) {
      throw new HubError('conflict', 'Another message was already sent under this id.', { field: 'cid' })
    }
    caller.repeated = true
    const [row] = await listMessagesById(tx.db, [earlier.id])
    if (!row) throw new Error('a message vanished within its transaction')
    return { message: toMessage(row) }
  }
  // the door has looked already; a webhook comes by another one
  checkWritable(chat)
  const files = await requireLoose(tx.db, userId, wanted)
  const reply = input.replyTo === undefined ? undefined : await requireInChat(tx.db, chat.id, input.replyTo)

  const [place] = await takePlace(tx.db, { chatId: chat.id, at: tx.now })
  if (!place) throw new Error('a chat vanished within its transaction')
  const id = newId()
  const { seq } = place
  const [row] = await insertMessage(tx.db, {
    id,
    chatId: chat.id,
    no: place.no,
    seq,
    cid: input.cid,
    authorId: userId,
    text: input.text,
    digest,
    at: tx.now,
    replyTo: reply?.id ?? null,
  })
  const attachments = await attach(tx, files, { id, chatId: chat.id, seq })
  if (row) {
    const indexed = { n: row.n, chatId: chat.id, authorId: userId, text: input.text, files: attachments }
    hub.index.put(tx, indexed)
  }
  await noteMentions(tx, hub, chat, { no: place.no, authorId: userId, text: input.text })
  await markOwn(tx, chat.id, userId, place.no)
  const message: Message = {
    id,
    chatId: chat.id,
    no: place.no,
    seq,
    rev: seq,
    cid: input.cid,
    author: userId,
    text: input.text,
    at: tx.now,
    attachments,
    reactions: [],
    ...(reply ? { replyTo: reply } : {}),
  }
  await append(tx, hub.live, `chat:${chat.id}`, {
    type: 'message.sent',
    seq,
    by: userId,
    target: id,
    content: { message },
  })
  return { message }
}

/** What a repeat must repeat. */
function digestOf(input: Input<'messages.send'>): Buffer {
  return sha256(JSON.stringify([input.chatId, input.text, input.replyTo ?? null, input.attachments ?? []]))
}

async function requireInChat(
  db: Db,
  chatId: string,
  messageId: string,
): Promise<NonNullable<Message['replyTo']>> {
  const [row] = await listMessagesById(db, [messageId])
  if (!row || row.chatId !== chatId) throw notFound('The message you answer')
  return {
    id: row.id,
    no: row.no,
    author: row.authorId,
    text: row.deletedAt === null ? preview(row.text) : '',
  }
}

/** A page of history, ascending, by keyset: its cost does not depend on how much lies before it. */
export async function listMessages(db: Db, input: Input<'messages.list'>) {
  const { chatId, before, after, around } = input
  if ([before, after, around].filter((no) => no !== undefined).length > 1) {
    throw new HubError('invalid', 'Ask for what is before, after or around a message, not for two of them.')
  }
  const limit = Math.min(input.limit ?? 50, limits.page.messages)
  if (around !== undefined) {
    const older = await olderThan(db, chatId, around, Math.floor(limit / 2))
    const newer = await newerFrom(db, chatId, around, limit - older.messages.length)
    return { messages: [...older.messages, ...newer.messages], more: older.more, moreAfter: newer.more }
  }
  if (after !== undefined) return newerFrom(db, chatId, after + 1, limit)
  return olderThan(db, chatId, before ?? Number.MAX_SAFE_INTEGER, limit)
}

async function olderThan(db: Db, chatId: string, before: number, limit: number) {
  const rows = await messagesBefore(db, { chatId, before, count: limit + 1 })
  return { messages: rows.slice(0, limit).reverse().map(toMessage), more: rows.length > limit }
}

async function newerFrom(db: Db, chatId: string, from: number, limit: number) {
  const rows = await messagesFrom(db, { chatId, from, count: limit + 1 })
  return { messages: rows.slice(0, limit).map(toMessage), more: rows.length > limit }
}

export async function messageStatus(db: Db, message: FoundMessage) {
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
