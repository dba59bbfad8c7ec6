import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { AuthenticatedCaller } from '../dispatch.ts'
import type { Tx } from '../db/writer.ts'
import type { HubContext } from '../context.ts'
import { getMessage, publishMessageChange } from '../messages/publish-change.ts'
import type { FoundMessage } from '../access.ts'
import { allocateSeq } from '../log/log.ts'
import { normalizeEmoji } from './emoji.ts'
import { countReaction, deleteReaction, emojisOf, findReaction, insertReaction } from './queries.ts'

/** Set and unset: what is as it was makes no entry, so a retry is harmless. */
export async function addReaction(
  tx: Tx,
  hub: HubContext,
  { viewer: { userId } }: AuthenticatedCaller,
  input: Input<'reactions.add'>,
  message: FoundMessage,
) {
  const reaction = { messageId: message.id, emoji: normalizeEmoji(input.emoji), userId }
  const [there] = await findReaction(tx.db, reaction)
  if (there) return { message: await getMessage(tx.db, message.id) }
  const emojis = await emojisOf(tx.db, { messageId: message.id })
  if (emojis.length >= limits.reactions && !emojis.some(({ emoji }) => emoji === reaction.emoji)) {
    throw new HubError(
      'conflict',
      `This message has ${limits.reactions} different reactions already. Use one of those.`,
      { field: 'emoji' },
    )
  }
  const seq = await allocateSeq(tx.db, `chat:${message.chatId}`)
  await insertReaction(tx.db, { ...reaction, seq })
  await countReaction(tx.db, { messageId: message.id, by: 1 })
  return {
    message: await publishMessageChange(tx, hub, message, { type: 'reaction.added', by: userId, seq }),
  }
}

export async function removeReaction(
  tx: Tx,
  hub: HubContext,
  { viewer: { userId } }: AuthenticatedCaller,
  input: Input<'reactions.remove'>,
  message: FoundMessage,
) {
  const reaction = { messageId: message.id, emoji: normalizeEmoji(input.emoji), userId }
  const [there] = await findReaction(tx.db, reaction)
  if (!there) return { message: await getMessage(tx.db, message.id) }
  await deleteReaction(tx.db, reaction)
  await countReaction(tx.db, { messageId: message.id, by: -1 })
  return { message: await publishMessageChange(tx, hub, message, { type: 'reaction.removed', by: userId }) }
}
