import type { Message } from '../../shared/contract/messages.ts'
import type { Edit } from './edits.ts'
import type { PendingMessage } from './pending-message.ts'
import type { CachedMessage } from './cached-message.ts'
import { isDeleted } from './recent-messages.ts'

/**
 * How far a message of the user has come. In groups `delivered` means at least one other member, and `read` all of
 * them: one member who is away must not hide that the others have it. `ReceiptCounts` says how many.
 */
export type MessageState = 'sending' | 'failed' | 'sent' | 'delivered' | 'read'

/** Of the other members of a group. Who has read has received. */
export interface ReceiptCounts {
  readonly total: number
  readonly delivered: number
  readonly read: number
}

/** A message as a row shows it, from the outbox or from the chat. Never changed, only replaced. */
export interface MessageItem {
  /** Stays the same when a pending message is sent, and when a message is deleted. */
  readonly key: string
  readonly chatId: string
  /** Undefined while it is in the outbox. */
  readonly id: string | undefined
  readonly no: number | undefined
  /** Its place among the entries of the chat. */
  readonly seq?: number
  readonly cid: string | undefined
  /** Undefined if only the tombstone is known. */
  readonly author: string | undefined
  readonly isMine: boolean
  readonly text: string
  /** Undefined for a tombstone whose message was never seen. */
  readonly at: number | undefined
  readonly editedAt: number | undefined
  readonly deleted: boolean
  /** Deleted for all members. */
  readonly pinned: boolean
  /** An edit of the user that the hub has not confirmed. */
  readonly editing?: 'sending' | 'waiting'
  /** The base of an edit. Undefined while it is in the outbox. */
  readonly rev: number | undefined
  /** In a thread: the id of the parent message. */
  readonly thread: string | undefined
  /** The summary of its thread. */
  readonly replies: Message['replies']
  readonly replyTo: Message['replyTo']
  readonly attachments: Message['attachments']
  /** Its uploads, while it is in the outbox. */
  readonly uploads?: readonly string[]
  readonly reactions: Message['reactions']
  /** Set while it is in the outbox. */
  readonly pending: 'sending' | 'failed' | undefined
  /** Why it failed, as the user reads it. */
  readonly reason: string | undefined
}

export function toMessageItem(chatId: string, message: CachedMessage, myId: string): MessageItem {
  const mine = message.author === myId
  const deleted = isDeleted(message)
  return {
    // A cid is unique only together with its author, so the cid of another user is no key.
    key: mine && message.cid !== undefined ? message.cid : message.id,
    chatId,
    id: message.id,
    no: message.no,
    seq: message.seq,
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

/** With the text that the user saved and the hub has not confirmed. */
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
