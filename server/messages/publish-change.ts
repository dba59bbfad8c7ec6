import type { EntryType } from '../../shared/contract/entries.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { allocateSeq } from '../log/log.ts'
import { toMessage } from './message-view.ts'
import { listMessagesById } from './queries.ts'
import type { Operation } from '../operation.ts'

type MessageChangeType = Extract<
  EntryType,
  `message.${string}` | `reaction.${string}` | `pin.${string}` | 'thread.updated' | 'attachment.updated'
>

export interface MessageChange {
  type: Exclude<MessageChangeType, 'message.hidden' | 'message.unhidden' | 'message.sent'>
  by: string | undefined
  /** Set if it was allocated already, because the row contains it. */
  seq?: number
}

/** Sets the message's rev to the seq of the entry that announces the change, and appends that entry. Returns the message. */
export async function publishMessageChange(
  op: Operation,
  { id, chatId }: { id: string; chatId: string },
  { type, by, seq: taken }: MessageChange,
): Promise<Message | Tombstone> {
  const seq = taken ?? (await allocateSeq(op.db, `chat:${chatId}`))
  await setRev(op.db, { id, rev: seq })
  const message = await getMessage(op.db, id)
  await op.append(`chat:${chatId}`, { type, seq, by, target: id, content: { message } })
  return message
}

export async function getMessage(db: Db, id: string): Promise<Message | Tombstone> {
  const [row] = await listMessagesById(db, [id])
  if (!row) throw new Error('a message is missing within its transaction')
  return toMessage(row)
}

const setRev = prepared((db, p: { id: string; rev: number }) =>
  db.updateTable('message').set({ rev: p.rev }).where('id', '=', p.id),
)
