import type { Input } from '../../shared/contract.ts'
import type { Message, Quote, Tombstone } from '../../shared/contract/messages.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { summarizeQuotedFiles } from '../../shared/text/file-names.ts'
import { checkText, preview } from '../../shared/text/message.ts'
import { checkWritable, type FoundChat } from '../access/chats.ts'
import { requireMessageToForward } from '../access/messages.ts'
import type { AuthenticatedCaller } from '../caller.ts'
import { markReadByAuthor } from '../chats/receipts.ts'
import type { Db } from '../db/schema.ts'
import { newIdAt, sha256 } from '../ids.ts'
import { attachFiles, copyFiles, requireUnattached, requireQuotaForCopies } from '../files/attachments.ts'
import { type FileRow, parseFiles } from '../files/queries.ts'
import { allocateSeq } from '../log/log.ts'
import { allocateThreadNumber } from '../threads/queries.ts'
import { recordReply, requireThread } from '../threads/threads.ts'
import { findMentionedUsers, insertMentions, insertReplyMentions } from './mentions.ts'
import { toMessage } from './message-view.ts'
import { findByCid, insertMessage, listMessagesById, allocateNumber } from './queries.ts'
import type { Operation, UserOperation } from '../operation.ts'

/**
 * One message, exactly once: `cid` with its author is a permanent key, so a retry after a lost answer finds the first
 * result, and the same key for something else is told apart by the digest of what was sent.
 */
export async function sendMessage(
  op: UserOperation,
  input: Input<'messages.send'>,
  chat: FoundChat,
): Promise<{ message: Message | Tombstone }> {
  const attachmentIds = input.attachments ?? []
  const problem = checkText(input.text, attachmentIds.length > 0 || input.forward !== undefined)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  const { userId } = op.caller.viewer
  const digest = requestDigest(input)
  const [earlier] = await findByCid(op.db, { authorId: userId, cid: input.cid })
  if (earlier) {
    if (!digest.equals(earlier.digest)) {
      throw new HubError('conflict', 'Another message was already sent with this cid.', { field: 'cid' })
    }
    op.caller.isRepeat = true
    const [row] = await listMessagesById(op.db, [earlier.id])
    if (!row) throw new Error('a message is missing within its transaction')
    return { message: toMessage(row) }
  }
  // the door has looked already; a webhook comes by another one
  checkWritable(chat)
  const files = await requireUnattached(op.db, userId, attachmentIds)
  const forwardedFiles =
    input.forward === undefined ? [] : await requireForwardedFiles(op.db, op.caller, input)
  const reply = input.replyTo === undefined ? undefined : await requireQuote(op.db, chat.id, input.replyTo)
  const parent = input.thread === undefined ? undefined : await requireThread(op.db, chat.id, input.thread)

  const { no, seq } = parent ? await allocateInThread(op, parent) : await allocateInChat(op, chat.id)
  const id = newIdAt(op.now)
  await insertMessage(op.db, {
    id,
    chatId: chat.id,
    thread: parent?.id ?? '',
    no,
    seq,
    cid: input.cid,
    authorId: userId,
    text: input.text,
    digest,
    at: op.now,
    replyTo: reply?.id ?? null,
  })
  const place = { id, chatId: chat.id, seq }
  const attachments =
    forwardedFiles.length > 0
      ? await copyFiles(op, forwardedFiles, place, userId)
      : await attachFiles(op, files, place)
  op.hub.indexQueue.scheduleAfterCommit(op)
  if (!parent) {
    await insertMentions(op, chat, { no, authorId: userId, text: input.text })
    await markReadByAuthor(op, chat.id, userId, no)
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
    at: op.now,
    attachments,
    reactions: [],
    ...(reply ? { replyTo: reply } : {}),
    ...(parent ? { thread: parent.id } : {}),
  }
  await op.append(`chat:${chat.id}`, {
    type: 'message.sent',
    seq,
    by: userId,
    target: id,
    content: { message },
  })
  if (parent) {
    const reply = { chatId: chat.id, thread: parent.id, no, authorId: userId, text: input.text }
    const named = await findMentionedUsers(op.db, chat.id, input.text)
    await recordReply(op, parent, { no, by: userId, mentioned: named })
    await insertReplyMentions(op, reply, named)
  }
  return { message }
}

/** The files of the message that is passed on. @throws not_found, invalid, too_large */
async function requireForwardedFiles(
  db: Db,
  { viewer }: AuthenticatedCaller,
  { text, forward = '', attachments = [] }: Input<'messages.send'>,
): Promise<FileRow[]> {
  const field = { field: 'forward' }
  if (attachments.length > 0) {
    throw new HubError('invalid', 'A forwarded message can contain only the files of its original.', field)
  }
  const source = await requireMessageToForward(db, viewer, forward)
  const files = await requireQuotaForCopies(db, viewer.userId, source.id)
  const problem = checkText(text, files.length > 0)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  return files
}

async function allocateInChat(op: Operation, chatId: string): Promise<{ no: number; seq: number }> {
  const [place] = await allocateNumber(op.db, { chatId, at: op.now })
  if (!place) throw new Error('a chat is missing within its transaction')
  return place
}

async function allocateInThread(op: Operation, parent: { id: string; chatId: string }) {
  const [place] = await allocateThreadNumber(op.db, { thread: parent.id, at: op.now })
  if (!place) throw new Error('a thread is missing within its transaction')
  return { no: place.no, seq: await allocateSeq(op.db, `chat:${parent.chatId}`) }
}

/** What a repeat must repeat. */
function requestDigest(input: Input<'messages.send'>): Buffer {
  const { chatId, text, replyTo = null, attachments = [], thread, forward } = input
  // what was sent before there were threads, or forwards, keeps its digest
  const later = [...(thread === undefined ? [] : [thread]), ...(forward === undefined ? [] : [{ forward }])]
  return sha256(JSON.stringify([chatId, text, replyTo, attachments, ...later]))
}

async function requireQuote(db: Db, chatId: string, messageId: string): Promise<Quote> {
  const [row] = await listMessagesById(db, [messageId])
  if (!row || row.chatId !== chatId) throw notFound('The message that you reply to')
  return {
    id: row.id,
    no: row.no,
    author: row.authorId,
    ...(row.deletedAt === null
      ? { text: preview(row.text), ...summarizeQuotedFiles(parseFiles(row.files)) }
      : { text: '' }),
  }
}
