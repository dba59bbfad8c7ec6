import type { Input } from '../../shared/contract.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import type { FoundMessage, MessageForDelete } from '../access/messages.ts'
import { removeMessageActivity } from '../activity/activity.ts'
import { recordActivity } from '../activity/concerned.ts'
import { audit } from '../audit/audit.ts'
import { deleteUnreachableDrafts } from '../drafts/drafts.ts'
import { removeFilesOfMessage } from '../files/attachments.ts'
import type { HubContext } from '../context.ts'
import { findIndexedMessage } from '../search-index/message-index.ts'
import { recountThread } from '../threads/threads.ts'
import { deleteMentions, parseMentions, replaceMentions } from './mentions.ts'
import { publishMessageChange } from './publish-change.ts'
import { type Operation, type UserOperation, runOperation } from '../operation.ts'
import { hideMessage, undoWindowMs, unhideMessage } from './hide.ts'

const purgeDelayMs = undoWindowMs + 1000

/** Deletes for everyone, or only for the viewer. A repeat changes nothing. */
export async function deleteMessage(
  op: UserOperation,
  input: Input<'messages.delete'>,
  found: MessageForDelete,
): Promise<void> {
  const { userId } = op.viewer
  if (input.for === 'me') {
    if (!found.isMember) throw notFound('This message')
    return hideMessage(op, userId, found)
  }
  if (found.authorId !== userId && !found.mayDeleteForEveryone) {
    throw new HubError(
      'forbidden',
      'Only the author, and the owner and admins of the group, can delete a message for everyone.',
    )
  }
  if (found.deletedAt !== null) return
  const { text } = await op.db
    .selectFrom('message')
    .where('id', '=', found.id)
    .select('text')
    .executeTakeFirstOrThrow()
  op.hub.rateLimiter?.consumeTextChange(userId, 'deletion', text.length)
  await op.db
    .insertInto('pendingDeletion')
    .values({ messageId: found.id, byId: userId, text, until: op.now + undoWindowMs })
    .execute()
  await eraseMessage(op, found, userId)
  if (found.authorId !== userId) {
    audit(op, {
      action: 'message.deleted',
      by: userId,
      target: found.id,
      detail: { chatId: found.chatId },
    })
  }
  op.after(() => op.hub.jobs.runSoon('messages.purge', purgeDelayMs))
}

/** Deletes the text and leaves a tombstone, and publishes it to all members. */
export async function eraseMessage(
  op: Operation,
  found: FoundMessage,
  by: string | undefined,
): Promise<void> {
  await removeFromIndex(op, found)
  await op.db.updateTable('message').set({ text: '', deletedAt: op.now }).where('id', '=', found.id).execute()
  await deleteMentions(op, found)
  await removeMessageActivity(op, found.id)
  await publishMessageChange(op, found, { type: 'message.deleted', by })
  await recountThread(op, found, by)
}

/** Deletes the data of a message that can no longer be undeleted. */
export async function removeReactionsAndFiles(op: Operation, messageId: string): Promise<void> {
  await op.db.deleteFrom('reaction').where('messageId', '=', messageId).execute()
  await op.db.updateTable('message').set({ reactionCount: 0 }).where('id', '=', messageId).execute()
  await removeFilesOfMessage(op, messageId)
  await deleteUnreachableDrafts(op, messageId)
}

/** Undoes a deletion: within ten seconds, and only by the user who deleted. @throws not_found */
export async function undeleteMessage(
  op: UserOperation,
  _input: Input<'messages.undelete'>,
  found: MessageForDelete,
): Promise<{ message: Message | Tombstone }> {
  const { userId } = op.viewer
  const pendingDeletion = await op.db
    .selectFrom('pendingDeletion')
    .where('messageId', '=', found.id)
    .where('byId', '=', userId)
    .select(['text', 'until'])
    .executeTakeFirst()
  if (!pendingDeletion || isOver(op.hub, pendingDeletion))
    return { message: await unhideMessage(op, userId, found) }
  const { text } = pendingDeletion
  await op.db.deleteFrom('pendingDeletion').where('messageId', '=', found.id).execute()
  await op.db.updateTable('message').set({ text, deletedAt: null }).where('id', '=', found.id).execute()
  await addToIndex(op, found)
  const mentions = parseMentions(text)
  await replaceMentions(op, { ...found, mentions })
  await recordActivity(op, { ...found, mentions })
  const message = await publishMessageChange(op, found, { type: 'message.undeleted', by: userId })
  await recountThread(op, found, userId)
  return { message }
}

/** Measured by the monotonic clock: setting the computer's clock neither ends the window nor keeps it open. */
function isOver({ time }: HubContext, { until }: { until: number }): boolean {
  return time.elapsedSince(until - undoWindowMs) > undoWindowMs
}

/**
 * The job `messages.purge`: permanently deletes what can no longer be undeleted: text, reactions, files. SQLite
 * overwrites it (secure_delete). Locks the hub, since the messages are of any chat; it runs seldom and on few rows.
 */
export async function purgeDeleted(hub: HubContext): Promise<void> {
  const left = await runOperation(hub, { locks: 'hub' }, async (op) => {
    const pending = await op.db.selectFrom('pendingDeletion').select(['messageId', 'until']).execute()
    const gone = pending.filter((one) => isOver(hub, one))
    for (const { messageId } of gone) {
      await op.db.deleteFrom('pendingDeletion').where('messageId', '=', messageId).execute()
      await removeReactionsAndFiles(op, messageId)
    }
    return pending.length > gone.length
  })
  hub.store.eraseDeleted()
  if (left) hub.jobs.runSoon('messages.purge', purgeDelayMs)
}

/** The index must match the row: remove the message before the row changes, and add it afterwards. */
export async function removeFromIndex(op: Operation, { id }: FoundMessage): Promise<void> {
  const indexed = await findIndexedMessage(op.db, id)
  if (indexed) op.hub.messageIndex.removeMessage(op, indexed)
  op.hub.indexing.indexChanged(op)
}

export async function addToIndex(op: Operation, { id }: FoundMessage): Promise<void> {
  const indexed = await findIndexedMessage(op.db, id)
  if (indexed) op.hub.messageIndex.addMessage(op, indexed)
}
