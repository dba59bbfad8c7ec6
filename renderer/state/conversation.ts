import type { Output } from '../../shared/contract.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Members } from './members.ts'
import type { MessageItem, MessageState } from './message-item.ts'
import type { ReadonlySignal } from './signal.ts'

/** `loading`: nothing to show yet. `offline`: nothing in the cache and no hub; it loads by itself when it is back. */
export type ConversationStatus = 'loading' | 'ready' | 'offline'

/** One opened chat: a window of its messages without gaps, and what waits in the outbox. */
export interface Conversation {
  readonly chatId: string
  /** Undefined once I am no longer in it. */
  readonly chat: ReadonlySignal<ChatSummary | undefined>
  readonly status: ReadonlySignal<ConversationStatus>
  /** Ascending. What is pending or failed stands at the end, while the window reaches the end of the chat. */
  readonly items: ReadonlySignal<readonly MessageItem[]>
  readonly hasOlder: ReadonlySignal<boolean>
  /** True after a jump into the past: the window does not reach the end. */
  readonly hasNewer: ReadonlySignal<boolean>
  readonly loadingOlder: ReadonlySignal<boolean>
  readonly loadingNewer: ReadonlySignal<boolean>
  /** The New divider stands above the first item with this `no` or a higher one; frozen when the chat was opened. */
  readonly firstUnreadNo: ReadonlySignal<number | undefined>
  readonly members: Members
  /** Ids of those who are typing here, without me. */
  readonly typing: ReadonlySignal<readonly string[]>
  /** What stands in the composer; kept within a second. */
  readonly draft: ReadonlySignal<string>

  /** The chat is on screen: loads what it needs. Call `hide` when another takes its place. */
  show(): void
  hide(): void

  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** Moves the window around the message with this `no`. */
  jumpTo(no: number): Promise<void>
  jumpToEnd(): Promise<void>

  /** Puts the message into the outbox and shows it at once; clears the draft. Check the text with `checkText` first. */
  send(text: string, replyTo?: string): void
  retry(cid: string): void
  discard(cid: string): void
  setDraft(text: string): void
  /** The person is typing: tells the others, at most every 3 s. */
  notifyTyping(): void

  /** Call when the window is visible and focused and the end is in view. */
  markRead(): void
  /** Of one of my messages; watched, so the row that draws with it draws again. Undefined for those of others. */
  stateOf(item: MessageItem): MessageState | undefined
  /** Who has got and read it, asked of the hub. */
  askStatus(messageId: string): Promise<Output<'messages.status'>>
}
