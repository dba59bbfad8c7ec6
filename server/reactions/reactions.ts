import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { getMessage, publishMessageChange } from '../messages/publish-change.ts'
import type { FoundMessage } from '../access/messages.ts'
import { addReactionActivity, removeReactionActivity } from '../activity/activity.ts'
import { allocateSeq } from '../log/log.ts'
import { normalizeEmoji } from '../emoji.ts'
import { countReaction, deleteReaction, emojisOf, findReaction, insertReaction } from './queries.ts'
import type { UserOperation } from '../operation.ts'

/** Adds and removes reactions. An unchanged reaction appends no entry, so a retry is harmless. */
export async function addReaction(op: UserOperation, input: Input<'reactions.add'>, message: FoundMessage) {
  const { userId } = op.viewer
  const reaction = { messageId: message.id, emoji: normalizeEmoji(input.emoji), userId }
  const [there] = await findReaction(op.db, reaction)
  if (there) return { message: await getMessage(op.db, message.id) }
  const emojis = await emojisOf(op.db, { messageId: message.id })
  if (emojis.length >= limits.reactions && !emojis.some(({ emoji }) => emoji === reaction.emoji)) {
    throw new HubError(
      'conflict',
      `This message already has ${limits.reactions} different reactions. Use one of those.`,
      { field: 'emoji' },
    )
  }
  const seq = await allocateSeq(op.db, `chat:${message.chatId}`)
  await insertReaction(op.db, { ...reaction, seq })
  await countReaction(op.db, { messageId: message.id, by: 1 })
  await addReactionActivity(op, message, { by: userId, emoji: reaction.emoji })
  return {
    message: await publishMessageChange(op, message, { type: 'reaction.added', by: userId, seq }),
  }
}

export async function removeReaction(
  op: UserOperation,
  input: Input<'reactions.remove'>,
  message: FoundMessage,
) {
  const { userId } = op.viewer
  const reaction = { messageId: message.id, emoji: normalizeEmoji(input.emoji), userId }
  const [there] = await findReaction(op.db, reaction)
  if (!there) return { message: await getMessage(op.db, message.id) }
  await deleteReaction(op.db, reaction)
  await countReaction(op.db, { messageId: message.id, by: -1 })
  await removeReactionActivity(op, message.id, { by: userId, emoji: reaction.emoji })
  return { message: await publishMessageChange(op, message, { type: 'reaction.removed', by: userId }) }
}
