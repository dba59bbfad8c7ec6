import type { Input } from '../../shared/contract.ts'
import type { Message, Quote, Tombstone } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { filesInQuote } from '../../shared/text/file-names.ts'
import { checkText, preview } from '../../shared/text/message.ts'
import { checkWritable, type FoundChat, type FoundMessage, requireMessageToForward } from '../access.ts'
import type { Known } from '../call.ts'
import { markOwn } from '../chats/marks.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { newIdAt, sha256 } from '../ids.ts'
import { attach, copyFiles, requireLoose, requireRoomForCopies } from '../files/attach.ts'
import { type FileRow, parseFiles } from '../files/queries.ts'
import { append, takeSeq } from '../streams/log.ts'
import { repliesBefore, repliesFrom, takePlaceInThread } from '../threads/queries.ts'
import { noteReply, requireThread } from '../threads/threads.ts'
import { mentionedIn, noteMentions, putReplyMentions } from './mentions.ts'
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
  const problem = checkText(input.text, wanted.length > 0 || input.forward !== undefined)
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
  const passedOn = input.forward === undefined ? [] : await requireForward(tx.db, caller, input)
  const reply = input.replyTo === undefined ? undefined : await requireInChat(tx.db, chat.id, input.replyTo)
  const parent = input.thread === undefined ? undefined : await requireThread(tx.db, chat.id, input.thread)

  const { no, seq } = parent ? await placeInThread(tx, parent) : await placeInChat(tx, chat.id)
  const id = newIdAt(tx.now)
  await insertMessage(tx.db, {
    id,
    chatId: chat.id,
    thread: parent?.id ?? '',
    no,
    seq,
    cid: input.cid,
    authorId: userId,
    text: input.text,
    digest,
    at: tx.now,
    replyTo: reply?.id ?? null,
  })
  const place = { id, chatId: chat.id, seq }
  const attachments =
    passedOn.length > 0 ? await copyFiles(tx, passedOn, place, userId) : await attach(tx, files, place)
  hub.intake.note(tx)
  if (!parent) {
    await noteMentions(tx, hub, chat, { no, authorId: userId, text: input.text })
    await markOwn(tx, chat.id, userId, no)
  }
  const message: Message = {
    id,
    chatId: chat.id,
    no,
    seq,
    rev: seq,
    cid: input.cid,
    author: userId,
    text: input.text,
    at: tx.now,
    attachments,
    reactions: [],
    ...(reply ? { replyTo: reply } : {}),
    ...(parent ? { thread: parent.id } : {}),
  }
  await append(tx, hub.live, `chat:${chat.id}`, {
    type: 'message.sent',
    seq,
    by: userId,
    target: id,
    content: { message },
  })
  if (parent) {
    const reply = { chatId: chat.id, thread: parent.id, no, authorId: userId, text: input.text }
    const named = await mentionedIn(tx.db, chat.id, input.text)
    await noteReply(tx, hub, parent, { no, by: userId, mentioned: named })
    await putReplyMentions(tx, hub, reply, named)
  }
  return { message }
}

/** The files of the message that is passed on. @throws not_found, invalid, too_large */
async function requireForward(
  db: Db,
  { viewer }: Known,
  { text, forward = '', attachments = [] }: Input<'messages.send'>,
): Promise<FileRow[]> {
  const field = { field: 'forward' }
  if (attachments.length > 0) {
    throw new HubError('invalid', 'A forward brings the files of its message, and no others.', field)
  }
  const source = await requireMessageToForward(db, viewer, forward)
  const files = await requireRoomForCopies(db, viewer.userId, source.id)
  const problem = checkText(text, files.length > 0)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  return files
}

async function placeInChat(tx: Tx, chatId: string): Promise<{ no: number; seq: number }> {
  const [place] = await takePlace(tx.db, { chatId, at: tx.now })
  if (!place) throw new Error('a chat vanished within its transaction')
  return place
}

async function placeInThread(tx: Tx, parent: { id: string; chatId: string }) {
  const [place] = await takePlaceInThread(tx.db, { thread: parent.id, at: tx.now })
  if (!place) throw new Error('a thread vanished within its transaction')
  return { no: place.no, seq: await takeSeq(tx.db, `chat:${parent.chatId}`) }
}

/** What a repeat must repeat. */
function digestOf(input: Input<'messages.send'>): Buffer {
  const { chatId, text, replyTo = null, attachments = [], thread, forward } = input
  // what was sent before there were threads, or forwards, keeps its digest
  const later = [...(thread === undefined ? [] : [thread]), ...(forward === undefined ? [] : [{ forward }])]
  return sha256(JSON.stringify([chatId, text, replyTo, attachments, ...later]))
}

async function requireInChat(db: Db, chatId: string, messageId: string): Promise<Quote> {
  const [row] = await listMessagesById(db, [messageId])
  if (!row || row.chatId !== chatId) throw notFound('The message you answer')
  return {
    id: row.id,
    no: row.no,
    author: row.authorId,
    ...(row.deletedAt === null
      ? { text: preview(row.text), ...filesInQuote(parseFiles(row.files)) }
      : { text: '' }),
  }
}

/** A page of history, ascending, by keyset: its cost does not depend on how much lies before it. */
export async function listMessages(db: Db, userId: string, input: Input<'messages.list'>) {
  const { chatId, thread = '', before, after, around } = input
  if ([before, after, around].filter((no) => no !== undefined).length > 1) {
    throw new HubError('invalid', 'Ask for what is before, after or around a message, not for two of them.')
  }
  const limit = Math.min(input.limit ?? 50, limits.page.messages)
  const place = { chatId, thread, userId }
  if (around !== undefined) {
    const older = await olderThan(db, place, around, Math.floor(limit / 2))
    const newer = await newerFrom(db, place, around, limit - older.messages.length)
    return { messages: [...older.messages, ...newer.messages], more: older.more, moreAfter: newer.more }
  }
  if (after !== undefined) return newerFrom(db, place, after + 1, limit)
  return olderThan(db, place, before ?? Number.MAX_SAFE_INTEGER, limit)
}

interface Place {
  chatId: string
  /** '' for the chat itself. */
  thread: string
  userId: string
}

async function olderThan(db: Db, place: Place, before: number, limit: number) {
  const find = place.thread === '' ? messagesBefore : repliesBefore
  const rows = await find(db, { ...place, before, count: limit + 1 })
  return { messages: rows.slice(0, limit).reverse().map(toMessage), more: rows.length > limit }
}

async function newerFrom(db: Db, place: Place, from: number, limit: number) {
  const find = place.thread === '' ? messagesFrom : repliesFrom
  const rows = await find(db, { ...place, from, count: limit + 1 })
  return { messages: rows.slice(0, limit).map(toMessage), more: rows.length > limit }
}

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

/** A thread has marks of its own, and none of what was delivered: who has read it has received it. */
async function replyStatus(db: Db, { chatId, thread, no, authorId }: FoundMessage) {
  const rows = await db
    .selectFrom('follower')
    .innerJoin('membership', (join) =>
      join.onRef('membership.userId', '=', 'follower.userId').on('membership.chatId', '=', chatId),
    )
    .where('follower.thread', '=', thread)
    .where('follower.userId', '!=', authorId)
    .where('follower.readNo', '>=', no)
    .select('follower.userId')
    .orderBy('follower.userId')
    .execute()
  const readBy = rows.map(({ userId }) => userId)
  return { deliveredTo: readBy, readBy }
}
