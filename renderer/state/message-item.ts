import type { Message } from '../../shared/contract/messages.ts'

/** How far a message of mine has come. In groups `delivered` and `read` mean: to all the others. */
export type MessageState = 'sending' | 'failed' | 'sent' | 'delivered' | 'read'

/** A message as a row shows it, whether it waits in the outbox or stands in the chat. Never changed, only replaced. */
export interface MessageItem {
  /** Stays the same when a pending message becomes a sent one, and when a message is deleted. */
  readonly key: string
  readonly chatId: string
  /** Undefined while it is in the outbox. */
  readonly id: string | undefined
  readonly no: number | undefined
  readonly cid: string | undefined
  /** Undefined where all that is known is that somebody deleted a message here. */
  readonly author: string | undefined
  readonly mine: boolean
  readonly text: string
  /** Undefined for a deleted message that was never seen. */
  readonly at: number | undefined
  readonly editedAt: number | undefined
  readonly deleted: boolean
  readonly replyTo: Message['replyTo']
  readonly attachments: Message['attachments']
  readonly reactions: Message['reactions']
  /** Set while it is in the outbox. */
  readonly pending: 'sending' | 'failed' | undefined
  /** Why it failed, in words for a person. */
  readonly reason: string | undefined
}
