import type { Input } from '../../shared/contract.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkText } from '../../shared/text/message.ts'
import type { FoundMessage, MessageInHand } from '../access.ts'
import { audit } from '../audit/audit.ts'
import type { Known } from '../call.ts'
import type { Tx } from '../db/writer.ts'
import { removeFilesOf } from '../files/attach.ts'
import type { Hub } from '../hub.ts'
import { findIndexed } from '../search/index-messages.ts'
import { append, takeSeq } from '../streams/log.ts'
import { followNamed, recountThread } from '../threads/threads.ts'
import { noteMentionsAgain, unnoteMentions } from './mentions.ts'
import { getMessage, touch } from './touch.ts'

const editFor = limits.editHours * 60 * 60 * 1000
const undoFor = limits.undoSeconds * 1000

/** The text alone changes: `cid` and digest stay those of what was sent, so a late retry of the send is still told apart. */
export async function editMessage(
  tx: Tx,
  hub: Hub,
  { viewer: { userId } }: Known,
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
  if (tx.now - row.at > editFor) {
    throw new HubError('forbidden', 'A message can be edited for a day after it was sent. Write a new one.')
  }
  if (rev !== undefined && row.editSeq !== null && rev < row.editSeq) {
    throw new HubError(
      'conflict',
      'This message was edited meanwhile, in another window. Look at it, then edit it again.',
    )
  }
  const seq = await takeSeq(tx.db, `chat:${found.chatId}`)
  await withdraw(tx, hub, found)
  await tx.db
    .updateTable('message')
    .set({ text, editedAt: tx.now, editSeq: seq })
    .where('id', '=', found.id)
    .execute()
  await index(tx, hub, found)
  await unnoteMentions(tx, found)
  await noteMentionsAgain(tx, hub, { ...found, text })
  await followNamed(tx, hub, { ...found, text })
  return { message: await touch(tx, hub, found, { type: 'message.edited', by: userId, seq }) }
}

/** For everyone, or for me. A repeat changes nothing. */
export async function deleteMessage(
  tx: Tx,
  hub: Hub,
  { viewer: { userId } }: Known,
  input: Input<'messages.delete'>,
  found: MessageInHand,
): Promise<void> {
  if (input.for === 'me') {
    if (!found.isMember) throw notFound('This message')
    return hide(tx, hub, userId, found)
  }
  if (found.authorId !== userId && !found.mayDelete) {
    throw new HubError('forbidden', 'Only its author, or who runs the group, deletes a message for everyone.')
  }
  if (found.deletedAt !== null) return
  const { text } = await tx.db
    .selectFrom('message')
    .where('id', '=', found.id)
    .select('text')
    .executeTakeFirstOrThrow()
  await tx.db
    .insertInto('withheld')
    .values({ messageId: found.id, byId: userId, text, until: tx.now + undoFor })
    .execute()
  await clearMessage(tx, hub, found, userId)
  if (found.authorId !== userId) {
    await audit(tx, {
      action: 'message.deleted',
      by: userId,
      target: found.id,
      detail: { chatId: found.chatId },
    })
  }
  tx.after(() => purgeSoon(hub))
}

/** What was said goes; its place stays, and everybody is told. */
export async function clearMessage(
  tx: Tx,
  hub: Hub,
  found: FoundMessage,
  by: string | undefined,
): Promise<void> {
  await withdraw(tx, hub, found)
  await tx.db.updateTable('message').set({ text: '', deletedAt: tx.now }).where('id', '=', found.id).execute()
  await unnoteMentions(tx, found)
  await touch(tx, hub, found, { type: 'message.deleted', by })
  await recountThread(tx, hub, found, by)
}

/** What belongs to a message that nobody brings back. */
export async function removeBelongings(tx: Tx, hub: Hub, messageId: string): Promise<void> {
  await tx.db.deleteFrom('reaction').where('messageId', '=', messageId).execute()
  await tx.db.updateTable('message').set({ reactionCount: 0 }).where('id', '=', messageId).execute()
  await removeFilesOf(tx, hub, messageId)
}

/** Takes back the last deletion: within ten seconds, and by whoever deleted. @throws not_found */
export async function undeleteMessage(
  tx: Tx,
  hub: Hub,
  { viewer: { userId } }: Known,
  _input: Input<'messages.undelete'>,
  found: MessageInHand,
): Promise<{ message: Message | Tombstone }> {
  const withheld = await tx.db
    .deleteFrom('withheld')
    .where('messageId', '=', found.id)
    .where('byId', '=', userId)
    .where('until', '>=', tx.now)
    .returning('text')
    .executeTakeFirst()
  if (!withheld) return { message: await unhide(tx, hub, userId, found) }
  const { text } = withheld
  await tx.db.updateTable('message').set({ text, deletedAt: null }).where('id', '=', found.id).execute()
  await index(tx, hub, found)
  await noteMentionsAgain(tx, hub, { ...found, text })
  const message = await touch(tx, hub, found, { type: 'message.restored', by: userId })
  await recountThread(tx, hub, found, userId)
  return { message }
}

/** What can no longer be undone goes for good: text, reactions, files. SQLite overwrites it (secure_delete). */
export async function purgeDeleted(hub: Hub): Promise<void> {
  const left = await hub.writer.write(async (tx) => {
    const gone = await tx.db
      .deleteFrom('withheld')
      .where('until', '<', tx.now)
      .returning('messageId')
      .execute()
    for (const { messageId } of gone) await removeBelongings(tx, hub, messageId)
    return tx.db.selectFrom('withheld').select('messageId').limit(1).executeTakeFirst()
  })
  hub.writer.truncateLog()
  if (left) purgeSoon(hub)
}

const purging = new WeakSet<Hub>()

/** One timer for all; a hub that stops before goes on at its next start. */
function purgeSoon(hub: Hub): void {
  if (purging.has(hub)) return
  purging.add(hub)
  setTimeout(() => {
    purging.delete(hub)
    purgeDeleted(hub).catch((error: unknown) =>
      hub.log.warn({ err: error }, 'deleted messages wait to be cleared away'),
    )
  }, undoFor + 1000).unref()
}

async function hide(
  tx: Tx,
  hub: Hub,
  userId: string,
  { id, chatId, no, thread }: MessageInHand,
): Promise<void> {
  const hidden = await tx.db
    .insertInto('hidden')
    .values({ userId, messageId: id, at: tx.now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('messageId')
    .executeTakeFirst()
  if (!hidden) return
  await unnoteMentions(tx, { chatId, thread, no }, userId)
  await tellMe(tx, hub, userId, 'message.hidden', { chatId, messageId: id })
}

async function unhide(tx: Tx, hub: Hub, userId: string, found: MessageInHand) {
  const { id, chatId } = found
  const hidden = await tx.db
    .deleteFrom('hidden')
    .where('messageId', '=', id)
    .where('userId', '=', userId)
    .returning('messageId')
    .executeTakeFirst()
  if (!hidden) throw new HubError('not_found', 'This deletion cannot be taken back any more.')
  const message = await getMessage(tx.db, id)
  if (message.deleted !== true) {
    await unnoteMentions(tx, found, userId)
    await noteMentionsAgain(tx, hub, { ...found, text: 'text' in message ? message.text : '' }, userId)
  }
  await tellMe(tx, hub, userId, 'message.unhidden', { chatId, messageId: id })
  return message
}

/** What is found is what is there now: out of the index before the row changes, into it afterwards. */
async function withdraw(tx: Tx, hub: Hub, { id }: FoundMessage): Promise<void> {
  const indexed = await findIndexed(tx.db, id)
  if (indexed) hub.index.withdraw(tx, indexed)
  hub.intake.note(tx)
}

async function index(tx: Tx, hub: Hub, { id }: FoundMessage): Promise<void> {
  const indexed = await findIndexed(tx.db, id)
  if (indexed) hub.index.put(tx, indexed)
}

async function tellMe(
  tx: Tx,
  hub: Hub,
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
