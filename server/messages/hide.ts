import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { removeMessageActivity } from '../activity/activity.ts'
import { recordActivity } from '../activity/concerned.ts'
import type { MessageForDelete } from '../access/messages.ts'
import { deleteMentions, parseMentions, replaceMentions } from './mentions.ts'
import { getMessage } from './publish-change.ts'
import type { Operation } from '../operation.ts'

/** A user may undo a deletion for so long. */
export const undoWindowMs = limits.undeleteSeconds * 1000

export async function hideMessage(
  op: Operation,
  userId: string,
  { id, chatId, no, thread }: MessageForDelete,
): Promise<void> {
  const hidden = await op.db
    .insertInto('hiddenMessage')
    .values({ userId, messageId: id, at: op.now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('messageId')
    .executeTakeFirst()
  if (!hidden) return
  await deleteMentions(op, { chatId, thread, no }, userId)
  await removeMessageActivity(op, id, userId)
  await publishHidden(op, userId, 'message.hidden', { chatId, messageId: id })
}

/** @throws not_found after the time in which a deletion can be undone */
export async function unhideMessage(op: Operation, userId: string, found: MessageForDelete) {
  const { id, chatId } = found
  const hidden = await op.db
    .deleteFrom('hiddenMessage')
    .where('messageId', '=', id)
    .where('userId', '=', userId)
    .returning('at')
    .executeTakeFirst()
  if (!hidden || op.hub.time.elapsedSince(hidden.at) > undoWindowMs)
    throw new HubError('not_found', 'This deletion can no longer be undone.')
  const message = await getMessage(op.db, id)
  if (message.deleted !== true) {
    await deleteMentions(op, found, userId)
    const mentions = parseMentions('text' in message ? message.text : '')
    await replaceMentions(op, { ...found, mentions }, userId)
    await recordActivity(op, { ...found, mentions }, userId)
  }
  await publishHidden(op, userId, 'message.unhidden', { chatId, messageId: id })
  return message
}

async function publishHidden(
  op: Operation,
  userId: string,
  type: 'message.hidden' | 'message.unhidden',
  { chatId, messageId }: { chatId: string; messageId: string },
): Promise<void> {
  await op.append(`user:${userId}`, {
    type,
    by: userId,
    target: messageId,
    data: { chatId },
    content: { chatId, messageId },
  })
}
