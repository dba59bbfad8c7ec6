import type { Input } from '../../shared/contract.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkText, normalizeText } from '../../shared/text/message.ts'
import type { FoundMessage } from '../access/messages.ts'
import { recordActivity } from '../activity/concerned.ts'
import { allocateSeq } from '../log/log.ts'
import { followMentioned } from '../threads/threads.ts'
import { deleteMentions, parseMentions, replaceMentions } from './mentions.ts'
import { getMessage, publishMessageChange } from './publish-change.ts'
import type { UserOperation } from '../operation.ts'
import { addToIndex, removeFromIndex } from './delete.ts'

const editWindowMs = limits.editHours * 60 * 60 * 1000

/** Only the text changes: `cid` and digest stay those of the send, so a late retry of the send is still recognised. */
export async function editMessage(
  op: UserOperation,
  { text: typed, rev }: Input<'messages.edit'>,
  found: FoundMessage,
): Promise<{ message: Message | Tombstone }> {
  const text = normalizeText(typed)
  const { userId } = op.viewer
  if (found.authorId !== userId) throw new HubError('forbidden', 'Only the author can edit a message.')
  const row = await op.db
    .selectFrom('message')
    .where('id', '=', found.id)
    .select(['text', 'at', 'editSeq'])
    .executeTakeFirstOrThrow()
  const hasFiles = await op.db
    .selectFrom('file')
    .where('messageId', '=', found.id)
    .select('id')
    .executeTakeFirst()
  const problem = checkText(text, hasFiles !== undefined)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  // a repeated edit ends here too
  if (row.text === text) return { message: await getMessage(op.db, found.id) }
  if (op.hub.time.elapsedSince(row.at) > editWindowMs) {
    throw new HubError('forbidden', 'You can edit a message for 24 hours after sending it. Write a new one.')
  }
  if (rev !== undefined && row.editSeq !== null && rev < row.editSeq) {
    throw new HubError(
      'conflict',
      'This message was edited in another window in the meantime. Read it, then edit it again.',
    )
  }
  op.hub.rateLimiter?.consumeTextChange(userId, 'edit', Math.max(row.text.length, text.length))
  const seq = await allocateSeq(op.db, `chat:${found.chatId}`)
  await removeFromIndex(op, found)
  await op.db
    .updateTable('message')
    .set({ text, editedAt: op.now, editSeq: seq })
    .where('id', '=', found.id)
    .execute()
  await addToIndex(op, found)
  await deleteMentions(op, found)
  const mentions = parseMentions(text)
  await replaceMentions(op, { ...found, mentions })
  await followMentioned(op, found, mentions)
  await recordActivity(op, { ...found, mentions })
  return { message: await publishMessageChange(op, found, { type: 'message.edited', by: userId, seq }) }
}
