import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { batch, computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import { firstUnreadNo } from './chat-summary.ts'
import type { Chats } from './chats.ts'
import type { Entry } from '../../shared/contract/entries.ts'
import type { ChatEvent } from './chat-event.ts'
import { ChatEvents } from './chat-events.ts'
import type { KeptEvents } from './kept-events.ts'
import { Members } from './members.ts'
import type { MessageItem, MessageState, ReceiptCounts } from './message-item.ts'
import type { CachedMessage, Change } from './cached-message.ts'
import type { MessageRange } from './message-range.ts'
import { isDeleted } from './recent-messages.ts'
import { Timeline, type NewestMessages, type TimelineOptions } from './timeline.ts'
import type { Typing } from './typing.ts'
import type { Users } from './users.ts'

export interface ConversationOptions extends TimelineOptions {
  cursor: () => number
  chats: Chats
  users: Users
  typing: Typing
  keptEvents: KeptEvents
}

/** One opened chat: its timeline, its members, and where its unread messages begin. */
export class Conversation extends Timeline {
  readonly #options: ConversationOptions
  readonly #firstUnreadNo = signal<number | undefined>(undefined)
  /** Marked as unread while it is on screen: it stays unread until it is opened again. */
  #keepsUnread = false
  readonly #events: ChatEvents
  #unsubscribeAttention: (() => void) | undefined

  /** Undefined once I am no longer a member. */
  readonly chat: ReadonlySignal<ChatSummary | undefined>
  /** The New divider is above the first item with this `no` or a higher one; frozen when the chat is opened. */
  readonly firstUnreadNo: ReadonlySignal<number | undefined> = this.#firstUnreadNo
  override readonly events: ReadonlySignal<readonly ChatEvent[]>
  readonly members: Members
  /** Ids of the members who are typing here, without me. */
  readonly typing: ReadonlySignal<readonly string[]>

  constructor(options: ConversationOptions) {
    super(options)
    const { chatId, chats, typing } = options
    this.#options = options
    this.members = new Members(options)
    this.#events = new ChatEvents(options)
    this.events = this.#events.all
    this.chat = computed(() => chats.get(chatId))
    this.typing = computed(() => typing.usersIn(chatId))
    this.showCached()
  }

  override show(): void {
    if (this.isShown) return
    const { chats, recentMessages, window } = this.#options
    recentMessages.markUsed(this.chatId)
    const chat = chats.peek(this.chatId)
    this.#firstUnreadNo.value = chat && chat.unread > 0 ? firstUnreadNo(chat) : undefined
    this.#unsubscribeAttention = window.onAttention(() => {
      // Messages that were read are no longer new when the user comes back.
      if (!this.isWindowActive() && chats.peek(this.chatId)?.unread === 0)
        this.#firstUnreadNo.value = undefined
    })
    super.show()
  }

  override hide(): void {
    this.#keepsUnread = false
    this.#firstUnreadNo.value = undefined
    this.#unsubscribeAttention?.()
    this.#unsubscribeAttention = undefined
    super.hide()
  }

  override onReconnected(): void {
    if (this.isShown && this.#options.isLive()) this.retryOnFailure(this.members.refresh())
    super.onReconnected()
    this.onRangeShown(this.range)
  }

  override send(text: string, replyTo?: Message['replyTo']): void {
    this.#keepsUnread = false
    batch(() => {
      super.send(text, replyTo)
      this.#firstUnreadNo.value = undefined
    })
    this.#options.typing.onMessageSent(this.chatId)
  }

  /** Tells the others, at most every 3 s. */
  override notifyTyping(): void {
    this.#options.typing.notify(this.chatId)
  }

  /** Makes this message and those after it unread again, though they are on screen. @throws RequestError */
  async markUnread(no: number): Promise<void> {
    this.#keepsUnread = true
    await this.#options.chats.updatePreferences(this.chatId, { unreadFrom: no })
    if (this.isShown) this.#firstUnreadNo.value = no
  }

  override stateOf(item: MessageItem): MessageState | undefined {
    if (!item.isMine || item.deleted) return undefined
    if (item.pending) return item.pending
    const chat = this.chat.value
    if (!chat || item.no === undefined) return 'sent'
    if (chat.kind === 'direct') {
      if (item.no <= (chat.peerReadNo ?? 0)) return 'read'
      return item.no <= (chat.peerDeliveredNo ?? 0) ? 'delivered' : 'sent'
    }
    const counts = this.receiptsOf(item)
    if (!counts) return 'sent'
    if (counts.read === counts.total) return 'read'
    return counts.delivered > 0 ? 'delivered' : 'sent'
  }

  /** Of a message of mine in a group. In large groups receipts are not live, so there is none. Watched. */
  override receiptsOf({ no, isMine, deleted, pending }: MessageItem): ReceiptCounts | undefined {
    const chat = this.chat.value
    if (!isMine || deleted || pending || no === undefined || chat?.kind !== 'group') return undefined
    return chat.memberCount > limits.liveReceiptMembers ? undefined : this.members.receiptsOf(no)
  }

  applyEntry(entry: Entry): void {
    this.members.applyEntry(entry)
    this.#events.applyEntry(entry)
  }

  override reset(): void {
    this.members.reset()
    this.#events.reset()
    super.reset()
  }

  override close(): void {
    this.#unsubscribeAttention?.()
    super.close()
  }

  protected override scopeChange(change: Change): Change | undefined {
    return change.message.thread === undefined ? change : undefined
  }

  protected override cachedNewest(): NewestMessages | undefined {
    return this.#options.recentMessages.get(this.chatId)
  }

  protected override cacheNewest({ messages, fromStart }: NewestMessages): void {
    this.#options.recentMessages.begin(this.chatId, messages, fromStart, this.#options.cursor())
  }

  protected override onRead(no: number): void {
    if (!this.#keepsUnread) this.#options.chats.markRead(this.chatId, no)
  }

  /** A direct chat has always had the same members. */
  protected override onRangeShown({ messages, hasOlder, hasNewer }: MessageRange): void {
    const { chats, chatId } = this.#options
    const chat = chats.peek(chatId)
    if (chat?.kind !== 'group' || !this.#options.isLive() || this.status.peek() !== 'ready') return
    const first = hasOlder ? (messages[0]?.seq ?? 0) : 1
    const last = hasNewer ? (messages.at(-1)?.seq ?? 0) : chat.head
    this.#events.ensureQuietly(first, last)
  }

  /** Messages that arrived while the connection was lost are new, unless the divider is there already. */
  protected override onUpToDate(): void {
    const chat = this.#options.chats.peek(this.chatId)
    if (chat && chat.unread > 0) this.#firstUnreadNo.value ??= firstUnreadNo(chat)
  }

  protected override onNewMessage(message: CachedMessage): void {
    if (isDeleted(message) || message.author === this.#options.myId) return
    if (this.isShown && !this.isWindowActive()) this.#firstUnreadNo.value ??= message.no
  }
}
