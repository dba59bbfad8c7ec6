import type { MessageItem } from '../state/message-item.ts'

/** A dialog over the shell. Any element opens one with `openDialog(this, …)`. */
export type DialogRequest =
  | { kind: 'switcher' }
  | { kind: 'new-chat' }
  | { kind: 'new-group' }
  | { kind: 'browse-groups' }
  | { kind: 'edit-group'; chatId: string }
  | { kind: 'webhooks'; chatId: string }
  | { kind: 'invite' }
  | { kind: 'shortcuts' }
  | { kind: 'set-status' }
  /** A section of the chat list: one to rename, or a new one, perhaps with its first chat. */
  | { kind: 'section'; sectionId?: string; chatId?: string }
  /** Who has received and read a message of the user. */
  | { kind: 'read-by'; item: MessageItem }
  /** A calendar that leads to the messages of a day, at first that of a time. */
  | { kind: 'go-to-date'; chatId: string; at?: number | undefined }
  /** A message to forward to another chat. */
  | { kind: 'forward'; item: MessageItem }

export function openDialog(from: EventTarget, request: DialogRequest): void {
  from.dispatchEvent(new CustomEvent('hb-open-dialog', { detail: request, bubbles: true, composed: true }))
}

/** Opens a chat from any element: with `no` at a message, with `reply` at a reply in the thread of that message. */
export function openChat(
  from: EventTarget,
  chatId: string,
  place: { no?: number; reply?: number } = {},
): void {
  const detail = { chatId, ...place }
  from.dispatchEvent(new CustomEvent('hb-open-chat', { detail, bubbles: true, composed: true }))
}

/** `threadNo`: of the parent message, if `no` is the number of a reply. */
export function openMessage(
  from: EventTarget,
  { chatId, no, threadNo }: { chatId: string; no: number; threadNo?: number | undefined },
): void {
  openChat(from, chatId, threadNo === undefined ? { no } : { no: threadNo, reply: no })
}

declare global {
  interface HTMLElementEventMap {
    'hb-open-dialog': CustomEvent<DialogRequest>
    'hb-open-chat': CustomEvent<{ chatId: string; no?: number; reply?: number }>
  }
}
