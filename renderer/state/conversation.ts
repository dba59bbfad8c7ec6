// One opened chat: a window of its messages, and what waits in the outbox.
//
// - The window is one stretch without gaps. While it reaches the end, entries extend it; else they only replace.
// - A page is asked for while entries go on arriving: those are kept aside (`#collecting`) and put on top of the answer,
//   so what came between the asking and the answer is never lost.
// - Stale means that there may be a gap behind the window: nothing extends it until it is fetched anew.
// - Each load has a number; the answer to an earlier one is thrown away.
import type { Output } from '../../shared/contract.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Clock, WindowLike } from '../connection/platform.ts'
import type { Edits } from './edits.ts'
import type { Outbox } from './outbox.ts'
import {
  applyChange,
  isDeleted,
  indexOfNumber,
  putMessage,
  type Change,
  type CachedMessage,
  type RecentMessages,
} from './recent-messages.ts'
import { firstUnreadNo, type Chats } from './chats.ts'
import type { Drafts } from './drafts.ts'
import { Members } from './members.ts'
import {
  toMessageItem,
  toPendingItem,
  withEdit,
  type MessageItem,
  type MessageState,
} from './message-item.ts'
import type { Users } from './users.ts'
import { batch, computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import type { Typing } from './typing.ts'
import type { Upload, Uploads } from './uploads.ts'

/** `loading`: nothing to show yet. `offline`: nothing in the cache and no hub; it loads by itself when it is back. */
export type ConversationStatus = 'loading' | 'ready' | 'offline'

export interface ConversationOptions {
  chatId: string
  myId: string
  request: Request
  isLive: () => boolean
  cursor: () => number
  clock: Clock
  window: WindowLike
  chats: Chats
  users: Users
  typing: Typing
  drafts: Drafts
  outbox: Outbox
  edits: Edits
  uploads: Uploads
  recentMessages: RecentMessages
}

/** An entry that came while a page was on its way. */
type BufferedChange = Change | { gone: string }

export interface MessageTarget {
  readonly no: number
}

interface MessageRange {
  readonly messages: readonly CachedMessage[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}

const pageSize = 50
/** Messages of a chat held in memory, and by how many that may be passed before the far end is let go. */
const maxLoadedMessages = 500
const trimSlackMessages = 100
const retryDelayMs = 2_000

export class Conversation {
  readonly chatId: string
  readonly #options: ConversationOptions
  readonly #range = signal<MessageRange>({ messages: [], hasOlder: false, hasNewer: false })
  readonly #status = signal<ConversationStatus>('loading')
  readonly #loadingOlder = signal(false)
  readonly #loadingNewer = signal(false)
  readonly #firstUnreadNo = signal<number | undefined>(undefined)
  readonly #shownAround = signal<MessageTarget | undefined>(undefined)
  readonly #shown = signal(false)
  readonly #cachedItems = new WeakMap<object, MessageItem>()
  readonly #retryTimer: Timer
  readonly #buffers = new Set<BufferedChange[]>()
  #loadCount = 0
  #isStale = false
  /** Marked as unread while it is on screen: it stays so until it is opened again. */
  #keepsUnread = false
  #unsubscribeAttention: (() => void) | undefined

  /** Undefined once I am no longer in it. */
  readonly chat: ReadonlySignal<ChatSummary | undefined>
  readonly status: ReadonlySignal<ConversationStatus> = this.#status
  /** Ascending. What is pending or failed stands at the end, while the window reaches the end of the chat. */
  readonly items: ReadonlySignal<readonly MessageItem[]>
  readonly hasOlder: ReadonlySignal<boolean> = computed(() => this.#range.value.hasOlder)
  /** True after a jump into the past: the window does not reach the end. */
  readonly hasNewer: ReadonlySignal<boolean> = computed(() => this.#range.value.hasNewer)
  readonly loadingOlder: ReadonlySignal<boolean> = this.#loadingOlder
  readonly loadingNewer: ReadonlySignal<boolean> = this.#loadingNewer
  /** The New divider stands above the first item with this `no` or a higher one; frozen when the chat was opened. */
  readonly firstUnreadNo: ReadonlySignal<number | undefined> = this.#firstUnreadNo
  /** The message that was asked for last, to be brought into view and marked; a new object each time. */
  readonly shownAround: ReadonlySignal<MessageTarget | undefined> = this.#shownAround
  readonly members: Members
  /** Ids of those who are typing here, without me. */
  readonly typing: ReadonlySignal<readonly string[]>
  /** What stands in the composer; kept within a second. */
  readonly draft: ReadonlySignal<string>
  /** The files beside it. */
  readonly attachments: ReadonlySignal<readonly Upload[]>

  constructor(options: ConversationOptions) {
    const { chatId, myId, chats, typing, drafts, edits, outbox, uploads, recentMessages: tails } = options
    this.#options = options
    this.chatId = chatId
    this.#retryTimer = new Timer(options.clock)
    this.members = new Members(options)
    this.chat = computed(() => chats.get(chatId))
    this.typing = computed(() => typing.usersIn(chatId))
    this.draft = computed(() => drafts.get(chatId))
    this.attachments = computed(() => uploads.attachmentsOf(chatId))
    this.items = computed(() => {
      const { messages, hasNewer } = this.#range.value
      const saved = edits.all.value
      const items = messages.map((message) =>
        withEdit(
          this.#cachedItem(message, () => toMessageItem(chatId, message, myId)),
          saved,
        ),
      )
      if (hasNewer) return items
      const arrived = new Set(items.slice(-maxLoadedMessages).map((item) => item.key))
      const waiting = outbox.messagesOf(chatId).filter(({ cid }) => !arrived.has(cid))
      return [...items, ...waiting.map((each) => this.#cachedItem(each, () => toPendingItem(each, myId)))]
    })
    if (tails.get(chatId)) this.#showRecentMessages()
  }

  /** What the window holds, as the hub said it. */
  get messages(): readonly CachedMessage[] {
    return this.#range.peek().messages
  }

  get isShown(): boolean {
    return this.#shown.peek()
  }

  /** The chat is on screen: loads what it needs. Call `hide` when another takes its place. */
  show(): void {
    if (this.#shown.peek()) return
    const { chats, recentMessages: tails, window } = this.#options
    this.#shown.value = true
    tails.markUsed(this.chatId)
    const chat = chats.peek(this.chatId)
    this.#firstUnreadNo.value = chat && chat.unread > 0 ? firstUnreadNo(chat) : undefined
    this.#unsubscribeAttention = window.onAttention(() => {
      // What was read is no longer new when the person comes back.
      if (!this.#isWindowActive() && chats.peek(this.chatId)?.unread === 0)
        this.#firstUnreadNo.value = undefined
    })
    this.onReconnected()
  }

  hide(): void {
    this.#shown.value = false
    this.#keepsUnread = false
    this.#shownAround.value = undefined
    this.#firstUnreadNo.value = undefined
    this.#unsubscribeAttention?.()
    this.#unsubscribeAttention = undefined
    // The next time it is opened at its end.
    if (this.#range.peek().hasNewer && this.#options.recentMessages.get(this.chatId))
      this.#showRecentMessages()
  }

  /** On screen, and the hub is there: what is missing is asked for. */
  onReconnected(): void {
    if (!this.#shown.peek()) return
    if (!this.#options.isLive()) {
      if (this.#status.peek() === 'loading') this.#status.value = 'offline'
      return
    }
    this.#retryOnFailure(this.members.refresh())
    if (this.#status.peek() !== 'ready' || this.#isStale) this.#retryOnFailure(this.#loadNewest())
    else this.#updateFirstUnread()
  }

  /** This and the following throw RequestError. */
  async loadOlder(): Promise<void> {
    const { messages, hasOlder } = this.#range.peek()
    const first = messages[0]
    if (!first || !hasOlder || this.#loadingOlder.peek() || this.#isStale) return
    const load = this.#loadCount
    this.#loadingOlder.value = true
    try {
      const page = await this.#fetchPage({ before: first.no })
      if (load !== this.#loadCount) return
      const held = this.#range.peek()
      const older = page.messages.filter((message) => message.no < (held.messages[0]?.no ?? Infinity))
      this.#setRange(trimEnd({ ...held, messages: [...older, ...held.messages], hasOlder: page.more }))
    } finally {
      this.#loadingOlder.value = false
    }
  }

  async loadNewer(): Promise<void> {
    const { messages, hasNewer } = this.#range.peek()
    const last = messages.at(-1)
    if (!last || !hasNewer || this.#loadingNewer.peek() || this.#isStale) return
    const load = this.#loadCount
    this.#loadingNewer.value = true
    try {
      const page = await this.#fetchPage({ after: last.no })
      if (load !== this.#loadCount) return
      const held = this.#range.peek()
      const joined = [...page.messages, ...(page.more ? [] : page.beyond)].reduce(putMessage, held.messages)
      this.#setRange(trimStart({ ...held, messages: joined, hasNewer: page.more }, maxLoadedMessages))
    } finally {
      this.#loadingNewer.value = false
    }
  }

  /** Moves the window around the message with this `no`. */
  async jumpTo(no: number): Promise<void> {
    const { messages } = this.#range.peek()
    if (messages[indexOfNumber(messages, no)]?.no === no) return
    const load = ++this.#loadCount
    const page = await this.#fetchPage({ around: no })
    if (load !== this.#loadCount) return
    const hasNewer = page.moreAfter ?? false
    this.#replaceRange({
      messages: hasNewer ? page.messages : [...page.messages, ...page.beyond],
      hasOlder: page.more,
      hasNewer,
    })
  }

  /**
   * Brings a message into view, wherever it stands; of one that is not there any more, its neighbourhood. Answers whether
   * it is there.
   */
  async showAround(no: number): Promise<boolean> {
    await this.jumpTo(no)
    const { messages } = this.#range.peek()
    const found = messages[indexOfNumber(messages, no)] ?? messages.at(-1)
    if (found) this.#shownAround.value = { no: found.no }
    return found?.no === no
  }

  async jumpToEnd(): Promise<void> {
    if (!this.#range.peek().hasNewer) return
    if (this.#options.recentMessages.get(this.chatId)) this.#showRecentMessages()
    else await this.#loadNewest()
  }

  /** Puts the message, with the files in the tray, into the outbox and shows it at once; clears the draft. Check the text with `checkText` first. */
  send(text: string, replyTo?: Message['replyTo']): void {
    const { outbox, drafts, typing } = this.#options
    this.#keepsUnread = false
    const files = this.attachments.peek().map(({ id }) => id)
    batch(() => {
      outbox.add(this.chatId, text, { replyTo, files })
      drafts.set(this.chatId, '')
      this.#firstUnreadNo.value = undefined
    })
    typing.onMessageSent(this.chatId)
    this.#retryOnFailure(this.jumpToEnd())
  }

  retry(cid: string): void {
    this.#options.outbox.retry(cid)
  }

  discard(cid: string): void {
    this.#options.outbox.discard(cid)
  }

  setDraft(text: string): void {
    this.#options.drafts.set(this.chatId, text)
  }

  /** The person is typing: tells the others, at most every 3 s. */
  notifyTyping(): void {
    this.#options.typing.notify(this.chatId)
  }

  /** Call when the window is visible and focused and the end is in view. */
  markRead(): void {
    const { messages, hasNewer } = this.#range.peek()
    const last = messages.at(-1)
    // what stands there may be of a past that is no more
    if (last && !hasNewer && !this.#isStale && !this.#keepsUnread && this.#isWindowActive())
      this.#options.chats.markRead(this.chatId, last.no)
  }

  /** From this message on it is new to me again, though it is on screen. Throws RequestError. */
  async markUnread(no: number): Promise<void> {
    const { chats } = this.#options
    this.#keepsUnread = true
    await chats.updatePreferences(this.chatId, { unreadFrom: no })
    if (this.#shown.peek()) this.#firstUnreadNo.value = no
  }

  /** Of one of my messages; watched, so the row that draws with it draws again. Undefined for those of others. */
  stateOf(item: MessageItem): MessageState | undefined {
    if (!item.isMine || item.deleted) return undefined
    if (item.pending) return item.pending
    const chat = this.chat.value
    if (!chat || item.no === undefined) return 'sent'
    const isDirect = chat.kind === 'direct'
    if (!isDirect && chat.memberCount > limits.liveReceiptMembers) return 'sent'
    const readNo = isDirect ? chat.peerReadNo : this.members.readByAll.value
    const deliveredNo = isDirect ? chat.peerDeliveredNo : this.members.deliveredToAll.value
    if (item.no <= (readNo ?? 0)) return 'read'
    return item.no <= (deliveredNo ?? 0) ? 'delivered' : 'sent'
  }

  /** Who has got and read it, asked of the hub. Throws RequestError. */
  fetchStatus(messageId: string): Promise<Output<'messages.status'>> {
    return this.#options.request('messages.status', { messageId })
  }

  /** What an entry says of a message. */
  applyChange(change: Change): void {
    for (const fresh of this.#buffers) fresh.push(change)
    if (this.#status.peek() !== 'ready' || this.#isStale) return
    const { message } = change
    const held = this.#range.peek()
    const isNew = change.isNew && message.no > (held.messages.at(-1)?.no ?? 0)
    if (isNew && held.hasNewer) return
    const messages = applyChange(held.messages, change)
    if (messages === held.messages) return
    this.#setRange(trimStart({ ...held, messages }, maxLoadedMessages + trimSlackMessages))
    const ofOthers = !isDeleted(message) && message.author !== this.#options.myId
    if (isNew && ofOthers && this.#shown.peek() && !this.#isWindowActive()) {
      this.#firstUnreadNo.value ??= message.no
    }
  }

  /** Deleted for me only. */
  removeMessage(messageId: string): void {
    for (const fresh of this.#buffers) fresh.push({ gone: messageId })
    const held = this.#range.peek()
    this.#setRange({ ...held, messages: held.messages.filter(({ id }) => id !== messageId) })
  }

  /** What is known may have gaps, or be of another epoch: all is fetched anew; on screen it stays till then. */
  reset(): void {
    this.#loadCount += 1
    this.members.reset()
    if (this.#shown.peek()) {
      this.#isStale = true
    } else {
      this.#setRange({ messages: [], hasOlder: false, hasNewer: false })
      this.#status.value = 'loading'
    }
  }

  close(): void {
    this.#loadCount += 1
    this.#retryTimer.clear()
    this.#unsubscribeAttention?.()
  }

  async #loadNewest(): Promise<void> {
    const load = ++this.#loadCount
    const page = await this.#fetchPage({})
    if (load !== this.#loadCount) return
    const messages = [...page.messages, ...page.beyond]
    this.#options.recentMessages.begin(this.chatId, messages, !page.more, this.#options.cursor())
    this.#replaceRange({ messages, hasOlder: page.more, hasNewer: false })
    this.#updateFirstUnread()
  }

  #showRecentMessages(): void {
    const recent = this.#options.recentMessages.get(this.chatId)
    if (!recent) return
    this.#loadCount += 1
    this.#replaceRange({ messages: recent.messages, hasOlder: !recent.fromStart, hasNewer: false })
  }

  #replaceRange(range: MessageRange): void {
    batch(() => {
      this.#isStale = false
      this.#setRange(range)
      this.#status.value = 'ready'
    })
  }

  #setRange(range: MessageRange): void {
    batch(() => {
      this.#range.value = range
      for (const { author, cid } of range.messages.slice(-maxLoadedMessages)) {
        if (cid !== undefined && author === this.#options.myId) this.#options.outbox.settle(cid)
      }
    })
  }

  /** After a break: what came meanwhile is new, unless somebody was looking. */
  #updateFirstUnread(): void {
    const chat = this.#options.chats.peek(this.chatId)
    if (chat && chat.unread > 0) this.#firstUnreadNo.value ??= firstUnreadNo(chat)
  }

  /**
   * A page as it is after the entries that came while it was on its way; `beyond` is what they brought that lies
   * behind it, and continues it without a gap where the page reached the end.
   */
  async #fetchPage(where: { before: number } | { after: number } | { around: number } | object) {
    const fresh: BufferedChange[] = []
    this.#buffers.add(fresh)
    try {
      const page = await this.#options.request('messages.list', {
        chatId: this.chatId,
        limit: pageSize,
        ...where,
      })
      const last = page.messages.at(-1)?.no ?? 0
      let messages: readonly CachedMessage[] = page.messages
      let beyond: readonly CachedMessage[] = []
      for (const each of fresh) {
        if ('gone' in each) {
          messages = messages.filter(({ id }) => id !== each.gone)
          beyond = beyond.filter(({ id }) => id !== each.gone)
          continue
        }
        const isBeyond = each.message.no > last
        // what is new and within the page was there already, or was left out for me
        messages = applyChange(messages, isBeyond ? { ...each, isNew: false } : each)
        beyond = applyChange(beyond, isBeyond ? each : { ...each, isNew: false })
      }
      return { ...page, messages, beyond }
    } finally {
      this.#buffers.delete(fresh)
    }
  }

  /** What fails for want of a hub is done again by `wake`; what the hub was too busy for, a little later. */
  #retryOnFailure(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      if (error.code === 'offline' || error.code === 'not_found' || error.code === 'unauthenticated') return
      const wait = error.retryAfter === undefined ? retryDelayMs : error.retryAfter * 1000
      this.#retryTimer.setIfUnset(wait, () => this.onReconnected())
    })
  }

  #isWindowActive(): boolean {
    const { window } = this.#options
    return window.isVisible() && window.isFocused()
  }

  #cachedItem(of: object, make: () => MessageItem): MessageItem {
    let row = this.#cachedItems.get(of)
    if (!row) this.#cachedItems.set(of, (row = make()))
    return row
  }
}

function trimEnd(range: MessageRange): MessageRange {
  if (range.messages.length <= maxLoadedMessages) return range
  return { ...range, messages: range.messages.slice(0, maxLoadedMessages), hasNewer: true }
}

function trimStart(range: MessageRange, maxMessages: number): MessageRange {
  const over = range.messages.length - maxMessages
  if (over <= 0) return range
  return {
    ...range,
    messages: range.messages.slice(range.messages.length - maxLoadedMessages),
    hasOlder: true,
  }
}
