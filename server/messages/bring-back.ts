import type { File } from '../../shared/contract/files.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { HubError } from '../../shared/errors.ts'
import { findChat } from '../access/chats.ts'
import { recordActivity } from '../activity/concerned.ts'
import type { KeptFile, KeptMessage, MessageOrigin } from '../continuity/set-aside-messages.ts'
import type { Db } from '../db/schema.ts'
import { restoreFiles } from '../files/attachments.ts'
import { newIdAt } from '../ids.ts'
import type { Operation } from '../operation.ts'
import { requireThread } from '../threads/threads.ts'
import { parseMentions } from './mentions.ts'
import { findByCid, insertMessage } from './queries.ts'
import { allocateInChat, allocateInThread, publishSent, recordMentions, requireQuote } from './send.ts'

/** `known`: its author has sent it again. `refused`: its author, its chat or its thread is not there any more. */
export type BroughtBack = 'brought' | 'known' | 'refused'

/**
 * Puts a message that another database of this hub has at the end of its chat, as its author sent it: with its `cid`, its
 * time and its files. The digest of the request comes along, so that a client which sends it again gets this one. Once: the
 * key decides, not who is first.
 * @param files those whose content is here
 */
export async function bringBackMessage(
  op: Operation,
  kept: KeptMessage,
  files: readonly KeptFile[],
): Promise<BroughtBack> {
  const { db } = op
  const { author, cid, chatId, text, at } = kept
  const [known] = await findByCid(db, { authorId: author, cid })
  if (known) return 'known'
  const chat = await findChat(db, { chatId, userId: author })
  const parent = kept.thread && (await findThread(db, chatId, kept.thread))
  const hasContent = text !== '' || files.length > 0
  if (!chat || !hasContent || (kept.thread && !parent)) return 'refused'
  const quoted = kept.replyTo && (await findOrigin(db, chatId, kept.replyTo))
  const quote = quoted === undefined ? undefined : await requireQuote(db, chatId, quoted)
  const { no, seq } = parent ? await allocateInThread(op, parent) : await allocateInChat(op, chatId)
  const id = (await isIdFree(db, kept.id)) ? kept.id : newIdAt(op.now)
  const thread = parent?.id ?? ''
  const n = await insertMessage(db, {
    ...{ id, chatId, thread, no, seq, cid, authorId: author, text, at },
    digest: Buffer.from(kept.digest, 'hex'),
    replyTo: quote?.id ?? null,
  })
  if (kept.editedAt !== null) {
    const edited = { editedAt: kept.editedAt, editSeq: seq }
    await db.updateTable('message').set(edited).where('id', '=', id).execute()
  }
  const attachments: File[] = await restoreFiles(op, files, { id, chatId, seq }, author)
  op.hub.indexing.messageSent(op, { n, chatId, authorId: author, text, files: attachments })
  const message: Message = {
    ...{ id, chatId, no, seq, rev: seq, cid, author, text, at, attachments, reactions: [] },
    ...(kept.editedAt === null ? {} : { editedAt: kept.editedAt }),
    ...(quote ? { replyTo: quote } : {}),
    ...(parent ? { thread } : {}),
  }
  await publishSent(op, message)
  const mentions = parseMentions(text)
  await recordMentions(op, chat, { ...message, mentions }, parent)
  await recordActivity(op, { ...message, isNew: true, mentions, thread, authorId: author })
  return 'brought'
}

/** The message may have been sent again by its author since: then its key finds it. */
async function findOrigin(
  db: Db,
  chatId: string,
  { id, author, cid }: MessageOrigin,
): Promise<string | undefined> {
  const same = await db
    .selectFrom('message')
    .where('id', '=', id)
    .where('chatId', '=', chatId)
    .select('id')
    .executeTakeFirst()
  if (same) return same.id
  const [sent] = await findByCid(db, { authorId: author, cid })
  return sent?.chatId === chatId ? sent.id : undefined
}

async function findThread(db: Db, chatId: string, origin: MessageOrigin) {
  const id = await findOrigin(db, chatId, origin)
  if (id === undefined) return undefined
  return requireThread(db, chatId, id).catch((error: unknown) => {
    if (error instanceof HubError && error.code === 'not_found') return undefined
    throw error
  })
}

async function isIdFree(db: Db, id: string): Promise<boolean> {
  return !(await db.selectFrom('message').where('id', '=', id).select('id').executeTakeFirst())
}
