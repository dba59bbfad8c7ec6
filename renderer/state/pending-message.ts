import type { SentDraft } from '../../shared/contract/drafts.ts'
import type { Message } from '../../shared/contract/messages.ts'

/** A message that waits in the outbox, or is kept for the case that the hub loses it. */
export interface PendingMessage {
  readonly cid: string
  readonly chatId: string
  readonly text: string
  readonly replyTo: Message['replyTo']
  /** Ids of its uploads. */
  readonly files?: readonly string[] | undefined
  /** The forwarded message whose files it brings along; these are shown meanwhile. */
  readonly forward?: { readonly id: string; readonly files: Message['attachments'] } | undefined
  /** The parent message of its thread. Missing in messages that were stored before there were threads. */
  readonly thread?: string | undefined
  /** The draft it was written from, which the hub clears with it. */
  readonly draft?: SentDraft | undefined
  /** When the user pressed Enter, for display. */
  readonly at: number
  readonly order: number
  readonly state: 'waiting' | 'failed' | 'sent'
  /** Why it failed, or waits for long, as the user reads it. */
  readonly reason: string | undefined
  /** The seq of its entry, once it is sent. */
  readonly seq: number | undefined
  /** Another history of the hub had acknowledged it: what it referred to may be gone, or it may be there already. */
  readonly isRepeat?: true | undefined
}
