import type { Input } from '../../shared/contract.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkText } from '../../shared/text/message.ts'
import type { FoundMessage, MessageForDelete } from '../access.ts'
import { audit } from '../audit/audit.ts'
import type { AuthenticatedCaller } from '../dispatch.ts'
import type { Tx } from '../db/writer.ts'
import { removeFilesOfMessage } from '../files/attachments.ts'
import type { HubContext } from '../context.ts'
import { findIndexedMessage } from '../search/message-index.ts'
import { append, allocateSeq } from '../log/log.ts'
import { followMentioned, recountThread } from '../threads/threads.ts'
import { replaceMentions, deleteMentions } from './mentions.ts'
import { getMessage, publishMessageChange } from './publish-change.ts'

const editWindowMs = limits.editHours * 60 * 60 * 1000
const undoWindowMs = limits.undeleteSeconds * 1000
const purgeDelayMs = undoWindowMs + 1000

/** The text alone changes: `cid` and digest stay those of what was sent, so a late retry of the send is still told apart. */
export async function editMessage(
  tx: Tx,
  hub: HubContext,
  { viewer: { userId } }: AuthenticatedCaller,
  { text, rev }: Input<'messages.edit'>,
  found: FoundMessage,
): Promise<{ message: Message | Tombstone }> {
  if (found.authorId !== userId) throw new HubError('forbidden', 'Only its author edits a message.')
  const row = await tx.db
    .selectFrom('message')
    .where('id', '=', found.id)
    .select(['text', 'at', 'editSeq'])
    .executeTakeFirstOrThrow()
  const hasFiles = await tx.db
    .selectFrom('file')
    .where('messageId', '=', found.id)
    .select('id')
    .executeTakeFirst()
  const problem = checkText(text, hasFiles !== undefined)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  // also a repeat of what was done already
  if (row.text === text) return { message: await getMessage(tx.db, found.id) }
  if (tx.now - row.at > editWindowMs) {
    throw new HubError('forbidden', 'A message can be edited for a day after it was sent. Write a new one.')
  }
  if (rev !== undefined && row.editSeq !== null && rev < row.editSeq) {
    throw new HubError(
      'conflict',
      'This message was edited meanwhile, in another window. Look at it, then edit it again.',
    )
  }
  const seq = await allocateSeq(tx.db, `chat:${found.chatId}`)
  await removeFromIndex(tx, hub, found)
  await tx.db
    .updateTable('message')
    .set({ text, editedAt: tx.now, editSeq: seq })
    .where('id', '=', found.id)
    .execute()
  await addToIndex(tx, hub, found)
  await deleteMentions(tx, found)
  await replaceMentions(tx, hub, { ...found, text })
  await followMentioned(tx, hub, { ...found, text })
  return { message: await publishMessageChange(tx, hub, found, { type: 'message.edited', by: userId, seq }) }
}

/** For everyone, or for me. A repeat changes nothing. */
export async function deleteMessage(
  tx: Tx,
  hub: HubContext,
  { viewer: { userId } }: AuthenticatedCaller,
  input: Input<'messages.delete'>,
  found: MessageForDelete,
): Promise<void> {
  if (input.for === 'me') {
    if (!found.isMember) throw notFound('This message')
    return hideMessage(tx, hub, userId, found)
  }
  if (found.authorId !== userId && !found.mayDeleteForEveryone) {
    throw new HubError('forbidden', 'Only its author, or who runs the group, deletes a message for everyone.')
  }
  if (found.deletedAt !== null) return
  const { text } = await tx.db
    .selectFrom('message')
    .where('id', '=', found.id)
    .select('text')
    .executeTakeFirstOrThrow()
  await tx.db
    .insertInto('pendingDeletion')
    .values({ messageId: found.id, byId: userId, text, until: tx.now + undoWindowMs })
    .execute()
  await eraseMessage(tx, hub, found, userId)
  if (found.authorId !== userId) {
    await audit(tx, {
      action: 'message.deleted',
      by: userId,
      target: found.id,
      detail: { chatId: found.chatId },
    })
  }
  tx.after(() => hub.jobs.runSoon('messages.purge', purgeDelayMs))
}

/** What was said goes; its place stays, and everybody is told. */
export async function eraseMessage(
  tx: Tx,
  hub: HubContext,
  found: FoundMessage,
  by: string | undefined,
): Promise<void> {
  await removeFromIndex(tx, hub, found)
  await tx.db.updateTable('message').set({ text: '', deletedAt: tx.now }).where('id', '=', found.id).execute()
  await deleteMentions(tx, found)
  await publishMessageChange(tx, hub, found, { type: 'message.deleted', by })
  await recountThread(tx, hub, found, by)
}

/** What belongs to a message that nobody brings back. */
export async function removeReactionsAndFiles(tx: Tx, hub: HubContext, messageId: string): Promise<void> {
  await tx.db.deleteFrom('reaction').where('messageId', '=', messageId).execute()
  await tx.db.updateTable('message').set({ reactionCount: 0 }).where('id', '=', messageId).execute()
  await removeFilesOfMessage(tx, hub, messageId)
}

/** Takes back the last deletion: within ten seconds, and by whoever deleted. @throws not_found */
export async function undeleteMessage(
  tx: Tx,
  hub: HubContext,
  { viewer: { userId } }: AuthenticatedCaller,
  _input: Input<'messages.undelete'>,
  found: MessageForDelete,
): Promise<{ message: Message | Tombstone }> {
  const pendingDeletion = await tx.db
    .deleteFrom('pendingDeletion')
    .where('messageId', '=', found.id)
    .where('byId', '=', userId)
    .where('until', '>=', tx.now)
    .returning('text')
    .executeTakeFirst()
  if (!pendingDeletion) return { message: await unhideMessage(tx, hub, userId, found) }
  const { text } = pendingDeletion
  await tx.db.updateTable('message').set({ text, deletedAt: null }).where('id', '=', found.id).execute()
  await addToIndex(tx, hub, found)
  await replaceMentions(tx, hub, { ...found, text })
  const message = await publishMessageChange(tx, hub, found, { type: 'message.undeleted', by: userId })
  await recountThread(tx, hub, found, userId)
  return { message }
}

/**
 * The job `messages.purge`: deletes for good what can no longer be undeleted: text, reactions, files. SQLite overwrites it
 * (secure_delete).
 */
export async function purgeDeleted(hub: HubContext): Promise<void> {
  const left = await hub.writer.write(async (tx) => {
    const gone = await tx.db
      .deleteFrom('pendingDeletion')
      .where('until', '<', tx.now)
      .returning('messageId')
      .execute()
    for (const { messageId } of gone) await removeReactionsAndFiles(tx, hub, messageId)
    return tx.db.selectFrom('pendingDeletion').select('messageId').limit(1).executeTakeFirst()
  })
  hub.writer.truncateWal()
  if (left) hub.jobs.runSoon('messages.purge', purgeDelayMs)
}

async function hideMessage(
  tx: Tx,
  hub: HubContext,
  userId: string,
  { id, chatId, no, thread }: MessageForDelete,
): Promise<void> {
  const hidden = await tx.db
    .insertInto('hiddenMessage')
    .values({ userId, messageId: id, at: tx.now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('messageId')
    .executeTakeFirst()
  if (!hidden) return
  await deleteMentions(tx, { chatId, thread, no }, userId)
  await publishHidden(tx, hub, userId, 'message.hidden', { chatId, messageId: id })
}

async function unhideMessage(tx: Tx, hub: HubContext, userId: string, found: MessageForDelete) {
  const { id, chatId } = found
  const hidden = await tx.db
    .deleteFrom('hiddenMessage')
    .where('messageId', '=', id)
    .where('userId', '=', userId)
    .returning('messageId')
    .executeTakeFirst()
  if (!hidden) throw new HubError('not_found', 'This deletion cannot be taken back any more.')
  const message = await getMessage(tx.db, id)
  if (message.deleted !== true) {
    await deleteMentions(tx, found, userId)
    await replaceMentions(tx, hub, { ...found, text: 'text' in message ? message.text : '' }, userId)
  }
  await publishHidden(tx, hub, userId, 'message.unhidden', { chatId, messageId: id })
  return message
}

/** What is found is what is there now: out of the index before the row changes, into it afterwards. */
async function removeFromIndex(tx: Tx, hub: HubContext, { id }: FoundMessage): Promise<void> {
  const indexed = await findIndexedMessage(tx.db, id)
  if (indexed) hub.messageIndex.removeMessage(tx, indexed)
  hub.indexQueue.scheduleAfterCommit(tx)
}

async function addToIndex(tx: Tx, hub: HubContext, { id }: FoundMessage): Promise<void> {
  const indexed = await findIndexedMessage(tx.db, id)
  if (indexed) hub.messageIndex.addMessage(tx, indexed)
}

async function publishHidden(
  tx: Tx,
  hub: HubContext,
  userId: string,
  type: 'message.hidden' | 'message.unhidden',
  { chatId, messageId }: { chatId: string; messageId: string },
): Promise<void> {
  await append(tx, hub.live, `user:${userId}`, {
    type,
    by: userId,
    target: messageId,
    data: { chatId },
    content: { chatId, messageId },
  })
}
