import type { Input } from '../../shared/contract.ts'
import type { Message, Quote, Tombstone } from '../../shared/contract/messages.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { summarizeQuotedFiles } from '../../shared/text/file-names.ts'
import { checkText, normalizeText, preview } from '../../shared/text/message.ts'
import { checkWritable, type ChatToSend } from '../access/chats.ts'
import { requireMessageToForward } from '../access/messages.ts'
import { recordActivity } from '../activity/concerned.ts'
import type { AuthenticatedCaller } from '../caller.ts'
import type { StoredPlace, UnnumberedMessage } from '../db/joined-changes.ts'
import type { Db } from '../db/schema.ts'
import { clearSentDraft, findSentFromDraft } from '../drafts/drafts.ts'
import { newIdAt, sha256 } from '../ids.ts'
import { attachFiles, copyFiles, requireUnattached, requireQuotaForCopies } from '../files/attachments.ts'
import type { FileRow } from '../file-storage/queries.ts'
import { parseFiles } from '../files/queries.ts'
import { allocateSeq, type NewEntry, publishEntry } from '../log/log.ts'
import { allocateThreadNumber } from '../threads/queries.ts'
import { recordReply, requireThread } from '../threads/threads.ts'
import {
  findMentions,
  insertMentions,
  insertReplyMentions,
  type MentionChat,
  parseMentions,
  type ParsedMentions,
} from './mentions.ts'
import { toMessage } from './message-view.ts'
import { insertMessage, listMessagesById, allocateNumber } from './queries.ts'
import { missingChat, storeInChat, storeSentEntry } from './store.ts'
import type { Operation, UserOperation } from '../operation.ts'

/**
 * Sends one message exactly once: `cid` with its author is a permanent key. A retry after a lost response returns the
 * first result; the same key with another content is a conflict, found by the digest of the request. A draft that two
 * devices have sent is one message too.
 * @throws HubError invalid, too_large, conflict, forbidden, not_found
 */
export async function sendMessage(
  op: UserOperation,
  request: Input<'messages.send'>,
  chat: ChatToSend,
): Promise<{ message: Message | Tombstone }> {
  const input = { ...request, text: normalizeText(request.text) }
  const problem = checkText(input.text, Boolean(input.attachments?.length) || input.forward !== undefined)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  const digest = requestDigest(input)
  const earlierId = await findEarlierId(op, input, chat, digest)
  if (earlierId !== undefined) return { message: await repeatResult(op, earlierId) }
  // dispatch has checked this, but a webhook does not use dispatch
  checkWritable(chat)
  const content = await gatherContent(op, input, chat)
  const message = await writeMessage(op, input, chat, content, digest)
  publishEntry(op, `chat:${chat.id}`, sentEntry(message))
  const mentions = parseMentions(message.text)
  // most messages concern nobody in particular
  if (content.parent || mentions.readings.length > 0 || chat.hasKeywords !== 0)
    await recordConcerned(op, chat, message, mentions, content.parent)
  if (input.draft) await clearSentDraft(op, input, message.id)
  return { message }
}

async function recordConcerned(
  op: UserOperation,
  chat: ChatToSend,
  message: Message,
  mentions: ParsedMentions,
  parent: MessageContent['parent'],
): Promise<void> {
  const keyworded = await recordMentions(op, chat, { ...message, mentions }, parent)
  await recordActivity(op, {
    ...message,
    isNew: true,
    mentions,
    ...(keyworded && { keyworded }),
    thread: parent?.id ?? '',
    authorId: message.author,
  })
}

/**
 * Returns the id of the message that an earlier request with this `cid`, or from this version of the draft, stored.
 * @throws conflict if the content of this `cid` was another
 */
function findEarlierId(
  op: UserOperation,
  input: Input<'messages.send'>,
  { sentId, sentDigest }: ChatToSend,
  digest: Buffer,
): string | undefined | Promise<string | undefined> {
  if (sentDigest && !digest.equals(sentDigest)) {
    throw new HubError('conflict', 'Another message was already sent with this cid.', { field: 'cid' })
  }
  return sentId ?? (input.draft && findSentFromDraft(op, input, digest))
}

async function repeatResult(op: UserOperation, id: string): Promise<Message | Tombstone> {
  op.caller.isRepeat = true
  const [row] = await listMessagesById(op.db, [id])
  if (!row) throw new Error('a message is missing within its transaction')
  return toMessage(row)
}

interface MessageContent {
  files: FileRow[]
  forwardedFiles: FileRow[]
  quote: Quote | undefined
  /** The message whose thread this is a reply in. */
  parent: Awaited<ReturnType<typeof requireThread>> | undefined
}

/** Finds everything that the message refers to. @throws not_found, invalid, too_large */
async function gatherContent(
  op: UserOperation,
  input: Input<'messages.send'>,
  chat: ChatToSend,
): Promise<MessageContent> {
  const { attachments = [], forward, replyTo, thread } = input
  return {
    files: attachments.length === 0 ? [] : await requireUnattached(op.db, op.viewer.userId, attachments),
    forwardedFiles: forward === undefined ? [] : await requireForwardedFiles(op.db, op.caller, input),
    quote: replyTo === undefined ? undefined : await requireQuote(op.db, chat.id, replyTo),
    parent: thread === undefined ? undefined : await requireThread(op.db, chat.id, thread),
  }
}

async function writeMessage(
  op: UserOperation,
  { cid, text }: Input<'messages.send'>,
  chat: ChatToSend,
  { files, forwardedFiles, quote, parent }: MessageContent,
  digest: Buffer,
): Promise<Message> {
  const { userId } = op.viewer
  const chatId = chat.id
  const id = newIdAt(op.now)
  const unnumbered = {
    ...{ id, chatId, thread: parent?.id ?? '', cid, authorId: userId, text, digest, at: op.now },
    replyTo: quote?.id ?? null,
  }
  const { n, ...place } = parent
    ? await storeInThread(op, parent, unnumbered)
    : await storeInChat(op, unnumbered)
  const { no, seq } = place
  const row = { ...unnumbered, ...place }
  const attachments =
    forwardedFiles.length > 0
      ? await copyFiles(op, forwardedFiles, row, userId)
      : files.length > 0
        ? await attachFiles(op, files, row)
        : []
  op.hub.indexing.messageSent(op, { n, chatId, authorId: userId, text, files: attachments })
  return {
    ...{ id, chatId, no, seq, rev: seq, cid, author: userId, text, at: op.now },
    attachments,
    reactions: [],
    ...(quote ? { replyTo: quote } : {}),
    ...(parent ? { thread: parent.id } : {}),
  }
}

async function storeInThread(
  op: Operation,
  parent: { id: string; chatId: string },
  message: UnnumberedMessage,
): Promise<StoredPlace> {
  const row = { ...message, ...(await allocateInThread(op, parent)) }
  const n = await insertMessage(op.db, row)
  await storeSentEntry(op, row)
  return { no: row.no, seq: row.seq, n }
}

export async function publishSent(op: Operation, message: Message): Promise<void> {
  await op.append(`chat:${message.chatId}`, sentEntry(message))
}

function sentEntry(message: Message): NewEntry<'message.sent'> & { seq: number } {
  return {
    type: 'message.sent',
    seq: message.seq,
    by: message.author,
    target: message.id,
    content: { message },
  }
}

/**
 * A reply also changes its thread and the users who follow it. Returns the users one of whose keywords is in the message,
 * unless it is a reply.
 */
export async function recordMentions(
  op: Operation,
  chat: MentionChat,
  { no, author, mentions }: Message & { mentions: ParsedMentions },
  parent: MessageContent['parent'],
): Promise<ReadonlySet<string> | undefined> {
  if (!parent) {
    const { keyworded } = await insertMentions(op, chat, { no, authorId: author, mentions })
    return keyworded
  }
  const found = await findMentions(op.db, chat.id, mentions)
  await recordReply(op, parent, { no, by: author, mentioned: found.userIds })
  const reply = { chatId: chat.id, thread: parent.id, no, authorId: author }
  await insertReplyMentions(op, reply, found)
  return undefined
}

/** Returns the files of the message that is forwarded. @throws not_found, invalid, too_large */
async function requireForwardedFiles(
  db: Db,
  { viewer }: AuthenticatedCaller,
  { text, forward = '', attachments = [] }: Input<'messages.send'>,
): Promise<FileRow[]> {
  const field = { field: 'forward' }
  if (attachments.length > 0) {
    throw new HubError(
      'invalid',
      'A forwarded message can contain only the files of the original message.',
      field,
    )
  }
  const source = await requireMessageToForward(db, viewer, forward)
  const files = await requireQuotaForCopies(db, viewer.userId, source.id)
  const problem = checkText(text, files.length > 0)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  return files
}

export async function allocateInChat(op: Operation, chatId: string): Promise<{ no: number; seq: number }> {
  const [place] = await allocateNumber(op.db, { chatId, at: op.now })
  if (!place) throw missingChat()
  return place
}

export async function allocateInThread(op: Operation, parent: { id: string; chatId: string }) {
  const [place] = await allocateThreadNumber(op.db, { thread: parent.id, at: op.now })
  if (!place) throw new Error('a thread is missing within its transaction')
  return { no: place.no, seq: await allocateSeq(op.db, `chat:${parent.chatId}`) }
}

/** Returns the digest of everything that a retry must repeat. */
function requestDigest(input: Input<'messages.send'>): Buffer {
  const { chatId, text, replyTo = null, attachments = [], thread, forward } = input
  // messages from before threads and forwarding existed keep their digest
  const later = [...(thread === undefined ? [] : [thread]), ...(forward === undefined ? [] : [{ forward }])]
  return sha256(JSON.stringify([chatId, text, replyTo, attachments, ...later]))
}

export async function requireQuote(db: Db, chatId: string, messageId: string): Promise<Quote> {
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
