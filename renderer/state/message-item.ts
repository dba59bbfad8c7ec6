import type { Message } from '../../shared/contract/messages.ts'
import type { Edit } from './edits.ts'
import type { PendingMessage } from './outbox.ts'
import { isDeleted, type CachedMessage } from './recent-messages.ts'

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
  readonly isMine: boolean
  readonly text: string
  /** Undefined for a deleted message that was never seen. */
  readonly at: number | undefined
  readonly editedAt: number | undefined
  readonly deleted: boolean
  /** For everybody in the chat. */
  readonly pinned: boolean
  /** An edit of mine that the hub has not confirmed. */
  readonly editing?: 'sending' | 'waiting'
  /** What an edit is based on. Undefined while it is in the outbox. */
  readonly rev: number | undefined
  /** In a thread: the message it hangs on. */
  readonly thread: string | undefined
  /** What hangs on it. */
  readonly replies: Message['replies']
  readonly replyTo: Message['replyTo']
  readonly attachments: Message['attachments']
  /** Its files as the store of uploads knows them, while it is in the outbox. */
  readonly uploads?: readonly string[]
  readonly reactions: Message['reactions']
  /** Set while it is in the outbox. */
  readonly pending: 'sending' | 'failed' | undefined
  /** Why it failed, in words for a person. */
  readonly reason: string | undefined
}

export function toMessageItem(chatId: string, message: CachedMessage, myId: string): MessageItem {
  const mine = message.author === myId
  const deleted = isDeleted(message)
  return {
    // A cid is unique per author only, so that of another person is no key.
    key: mine && message.cid !== undefined ? message.cid : message.id,
    chatId,
    id: message.id,
    no: message.no,
    cid: message.cid,
    author: message.author,
    isMine: mine,
    text: deleted ? '' : message.text,
    at: message.at,
    editedAt: deleted ? undefined : message.editedAt,
    deleted,
    pinned: !deleted && message.pinned === true,
    rev: message.rev,
    thread: message.thread,
    replies: message.replies,
    replyTo: deleted ? undefined : message.replyTo,
    attachments: deleted ? [] : message.attachments,
    uploads: [],
    reactions: deleted ? [] : message.reactions,
    pending: undefined,
    reason: undefined,
  }
}

/** With the words that I have saved and the hub has not confirmed. */
export function withEdit(item: MessageItem, edits: ReadonlyMap<string, Edit>): MessageItem {
  const edit = edits.size > 0 && item.id !== undefined ? edits.get(item.id) : undefined
  if (!edit || item.deleted) return item
  return { ...item, text: edit.text, editing: edit.isPaused ? 'waiting' : 'sending' }
}

export function toPendingItem(outgoing: PendingMessage, myId: string): MessageItem {
  const { cid, chatId, text, at, replyTo, files = [], forward, state, reason } = outgoing
  return {
    key: cid,
    chatId,
    id: undefined,
    no: undefined,
    cid,
    author: myId,
    isMine: true,
    text,
    at,
    editedAt: undefined,
    deleted: false,
    pinned: false,
    rev: undefined,
    thread: outgoing.thread,
    replies: undefined,
    replyTo,
    attachments: forward?.files ?? [],
    uploads: files,
    reactions: [],
    pending: state === 'failed' ? 'failed' : 'sending',
    reason,
  }
}
