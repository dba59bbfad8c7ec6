// A window of the messages of a chat or of a thread, with the messages that wait in the outbox for it.
//
// - The window is one stretch without gaps. Entries extend it while it reaches the end; otherwise they only replace messages.
// - Entries that arrive while a page request is in flight are buffered, then applied on top of the page. So nothing that
//   happened between the request and its response is lost.
// - Stale means that there may be a gap after the window: nothing extends it until the newest page is loaded again.
// - Each load has a number. The response to an earlier load is dropped.
import type { Message } from '../../shared/contract/messages.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Clock, WindowLike } from '../connection/platform.ts'
import { batch, computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import type { ChatEvent } from './chat-event.ts'
import type { DraftPlace } from './draft-register.ts'
import type { Drafts } from './drafts.ts'
import type { Edits } from './edits.ts'
import {
  toMessageItem,
  toPendingItem,
  withEdit,
  type MessageItem,
  type MessageState,
  type ReceiptCounts,
} from './message-item.ts'
import {
  emptyRange,
  maxLoadedMessages,
  trimEnd,
  trimSlackMessages,
  trimStart,
  type MessageRange,
} from './message-range.ts'
import type { Outbox } from './outbox.ts'
import type { CachedMessage, Change } from './cached-message.ts'
import { applyChange, indexOfNumber, putMessage, type RecentMessages } from './recent-messages.ts'
import type { Upload } from './upload.ts'
import type { Uploads } from './uploads.ts'

/** `loading`: nothing to show yet. `offline`: nothing in the cache and no hub; it loads by itself when the hub is back. */
export type TimelineStatus = 'loading' | 'ready' | 'offline'

export interface TimelineOptions {
  chatId: string
  myId: string
  request: Request
  isLive: () => boolean
  clock: Clock
  window: WindowLike
  outbox: Outbox
  edits: Edits
  drafts: Drafts
  uploads: Uploads
  recentMessages: RecentMessages
}

export interface MessageTarget {
  readonly no: number
}

/** The newest messages as the cache has them, or as a page of the hub brought them. */
export interface NewestMessages {
  readonly messages: readonly CachedMessage[]
  /** True if they begin with the first message of the chat or thread. */
  readonly fromStart: boolean
}

/** An entry that arrived while a page request was in flight. */
type BufferedChange = Change | { hiddenId: string }

const pageSize = 50
const retryDelayMs = 2_000

export abstract class Timeline {
  readonly chatId: string
  /** The id of the parent message, if this is a thread. */
  readonly threadId: string | undefined
  readonly #options: TimelineOptions
  readonly #range = signal(emptyRange)
  readonly #status = signal<TimelineStatus>('loading')
  readonly #loadingOlder = signal(false)
  readonly #loadingNewer = signal(false)
  readonly #shownAround = signal<MessageTarget | undefined>(undefined)
  readonly #cachedItems = new WeakMap<object, MessageItem>()
  readonly #retryTimer: Timer
  readonly #buffers = new Set<BufferedChange[]>()
  #isShown = false
  #loadCount = 0
  #isStale = false

  readonly status: ReadonlySignal<TimelineStatus> = this.#status
  /** Ascending. Pending and failed messages come last, while the window reaches the end. */
  readonly items: ReadonlySignal<readonly MessageItem[]>
  readonly hasOlder: ReadonlySignal<boolean> = computed(() => this.#range.value.hasOlder)
  /** True after a jump into the past: the window does not reach the end. */
  readonly hasNewer: ReadonlySignal<boolean> = computed(() => this.#range.value.hasNewer)
  readonly loadingOlder: ReadonlySignal<boolean> = this.#loadingOlder
  readonly loadingNewer: ReadonlySignal<boolean> = this.#loadingNewer
  /** The message that was requested last, to be scrolled to and highlighted; a new object each time. */
  readonly shownAround: ReadonlySignal<MessageTarget | undefined> = this.#shownAround
  /** The text in the composer; saved within a second. */
  readonly draft: ReadonlySignal<string>
  /** The files in the tray of the composer. */
  readonly attachments: ReadonlySignal<readonly Upload[]>
  /** What happened to the chat besides its messages; undefined in a thread. */
  readonly events: ReadonlySignal<readonly ChatEvent[]> | undefined

  constructor(options: TimelineOptions, threadId?: string) {
    const { chatId, myId, drafts, edits, outbox, uploads } = options
    this.#options = options
    this.chatId = chatId
    this.threadId = threadId
    this.#retryTimer = new Timer(options.clock)
    this.draft = computed(() => drafts.get(threadId ?? chatId))
    this.attachments = computed(() => uploads.attachmentsOf(chatId, threadId))
    this.items = computed(() => {
      const { messages, hasNewer } = this.#range.value
      const editsById = edits.all.value
      const items = messages.map((message) =>
        withEdit(
          this.#cachedItem(message, () => toMessageItem(chatId, message, myId)),
          editsById,
        ),
      )
      if (hasNewer) return items
      const sentKeys = new Set(items.slice(-maxLoadedMessages).map((item) => item.key))
      const pending = outbox.messagesOf(chatId, threadId).filter(({ cid }) => !sentKeys.has(cid))
      return [...items, ...pending.map((each) => this.#cachedItem(each, () => toPendingItem(each, myId)))]
    })
  }

  /** The messages of the window, as the hub sent them. */
  get messages(): readonly CachedMessage[] {
    return this.#range.peek().messages
  }

  protected get range(): MessageRange {
    return this.#range.peek()
  }

  get isShown(): boolean {
    return this.#isShown
  }

  /** It is on screen: loads what it needs. Call `hide` when another takes its place. */
  show(): void {
    if (this.#isShown) return
    this.#isShown = true
    this.onReconnected()
    this.onRangeShown(this.#range.peek())
  }

  hide(): void {
    this.#isShown = false
    this.#shownAround.value = undefined
    // The next time it opens at its end.
    if (this.#range.peek().hasNewer) this.showCached()
  }

  /** Call when the connection is live again, or lost: if it is on screen, loads what is missing. */
  onReconnected(): void {
    if (!this.#isShown) return
    if (!this.#options.isLive()) {
      if (this.#status.peek() === 'loading') this.#status.value = 'offline'
      return
    }
    if (this.#status.peek() !== 'ready' || this.#isStale || this.mayLackMessages()) {
      this.retryOnFailure(this.#loadNewest())
    } else this.onUpToDate()
  }

  /** @throws RequestError, as the loads below. */
  async loadOlder(): Promise<void> {
    const { messages, hasOlder } = this.#range.peek()
    const first = messages[0]
    if (!first || !hasOlder || this.#loadingOlder.peek() || this.#isStale) return
    const load = this.#loadCount
    this.#loadingOlder.value = true
    try {
      const page = await this.#fetchPage({ before: first.no })
      if (load !== this.#loadCount) return
      const range = this.#range.peek()
      const older = page.messages.filter((message) => message.no < (range.messages[0]?.no ?? Infinity))
      this.#setRange(trimEnd({ ...range, messages: [...older, ...range.messages], hasOlder: page.more }))
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
      const range = this.#range.peek()
      const joined = [...page.messages, ...(page.more ? [] : page.beyond)].reduce(putMessage, range.messages)
      this.#setRange(trimStart({ ...range, messages: joined, hasNewer: page.more }, maxLoadedMessages))
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
   * Moves the window to a message and requests to scroll to it; to its neighbour, if the message no longer exists.
   * Returns whether it exists.
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
    if (!this.showCached()) await this.#loadNewest()
  }

  /**
   * Puts the message, with the files in the tray, into the outbox and shows it at once; clears the draft. Check the text with
   * `checkText` first.
   */
  send(text: string, replyTo?: Message['replyTo']): void {
    const { outbox, drafts } = this.#options
    const files = this.attachments.peek().map(({ id }) => id)
    batch(() => {
      const draft = drafts.send(this.#draftPlace)
      outbox.add(this.chatId, text, { replyTo, files, thread: this.threadId, draft })
    })
    this.retryOnFailure(this.jumpToEnd())
  }

  retry(cid: string): void {
    this.#options.outbox.retry(cid)
  }

  discard(cid: string): void {
    this.#options.outbox.discard(cid)
  }

  setDraft(text: string): void {
    this.#options.drafts.set(this.#draftPlace, text)
  }

  /** Call while the user types. */
  abstract notifyTyping(): void

  /** How far a message of mine has come; undefined for those of others. Watched. */
  abstract stateOf(item: MessageItem): MessageState | undefined

  /** How many members of a group have a message of mine; undefined if that is not known. Watched. */
  receiptsOf(_item: MessageItem): ReceiptCounts | undefined {
    return undefined
  }

  /** Call while the end is in view. Nothing is read while the window is hidden or has no focus. */
  markRead(): void {
    const { messages, hasNewer } = this.#range.peek()
    const last = messages.at(-1)
    // Stale messages may be from before the hub was restored.
    if (this.#status.peek() !== 'ready' || hasNewer || this.#isStale || !this.isWindowActive()) return
    this.onRead(last?.no ?? 0)
  }

  /** A message was sent or changed, here or in a chat that this thread belongs to. */
  applyChange(unscoped: Change): void {
    const change = this.scopeChange(unscoped)
    if (!change) return
    for (const buffer of this.#buffers) buffer.push(change)
    if (this.#status.peek() !== 'ready' || this.#isStale) return
    const range = this.#range.peek()
    const isNew = change.isNew && change.message.no > (range.messages.at(-1)?.no ?? 0)
    if (isNew && range.hasNewer) return
    const messages = applyChange(range.messages, change)
    if (messages === range.messages) return
    this.#setRange(trimStart({ ...range, messages }, maxLoadedMessages + trimSlackMessages))
    if (isNew) this.onNewMessage(change.message)
  }

  /** The message was hidden: deleted for me only. */
  removeMessage(messageId: string): void {
    for (const buffer of this.#buffers) buffer.push({ hiddenId: messageId })
    const range = this.#range.peek()
    this.#setRange({ ...range, messages: range.messages.filter(({ id }) => id !== messageId) })
  }

  /** Entries are missing, or the epoch is another: everything is loaded again. Until then the old stays on screen. */
  reset(): void {
    this.#loadCount += 1
    if (this.#isShown) {
      this.#isStale = true
    } else {
      this.#setRange(emptyRange)
      this.#status.value = 'loading'
    }
  }

  close(): void {
    this.#isShown = false
    this.#loadCount += 1
    this.#retryTimer.clear()
  }

  /** The change as it concerns these messages; undefined if it does not. */
  protected abstract scopeChange(change: Change): Change | undefined

  /** The newest messages in the cache. */
  protected abstract cachedNewest(): NewestMessages | undefined

  protected abstract cacheNewest(newest: NewestMessages): void

  /** The messages up to this `no` were read. */
  protected abstract onRead(no: number): void

  /** True if the window reaches the end but may lack messages in between. */
  protected mayLackMessages(): boolean {
    return false
  }

  /** The connection is live and the window lacks nothing. */
  protected onUpToDate(): void {}

  protected onNewMessage(_message: CachedMessage): void {}

  /** These messages are on screen. */
  protected onRangeShown(_range: MessageRange): void {}

  /** Returns false if the cache has nothing. */
  protected showCached(): boolean {
    const newest = this.cachedNewest()
    if (!newest) return false
    this.#loadCount += 1
    this.#replaceRange({ messages: newest.messages, hasOlder: !newest.fromStart, hasNewer: false })
    return true
  }

  /**
   * Requests that fail because the hub is offline are repeated by `onReconnected`. Requests that fail because it is
   * busy are repeated later.
   */
  protected retryOnFailure(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      if (error.code === 'offline' || error.code === 'not_found' || error.code === 'unauthenticated') return
      const delayMs = error.retryAfter === undefined ? retryDelayMs : error.retryAfter * 1000
      this.#retryTimer.setIfUnset(delayMs, () => this.onReconnected())
    })
  }

  protected isWindowActive(): boolean {
    const { window } = this.#options
    return window.isVisible() && window.isFocused()
  }

  get #draftPlace(): DraftPlace {
    return { chatId: this.chatId, thread: this.threadId }
  }

  async #loadNewest(): Promise<void> {
    const load = ++this.#loadCount
    const page = await this.#fetchPage({})
    if (load !== this.#loadCount) return
    const messages = [...page.messages, ...page.beyond]
    this.cacheNewest({ messages, fromStart: !page.more })
    this.#replaceRange({ messages, hasOlder: page.more, hasNewer: false })
    this.onUpToDate()
  }

  #replaceRange(range: MessageRange): void {
    batch(() => {
      this.#isStale = false
      this.#status.value = 'ready'
      this.#setRange(range)
    })
  }

  #setRange(range: MessageRange): void {
    batch(() => {
      this.#range.value = range
      for (const { author, cid } of range.messages.slice(-maxLoadedMessages)) {
        if (cid !== undefined && author === this.#options.myId) this.#options.outbox.settle(cid)
      }
    })
    if (this.#isShown) this.onRangeShown(range)
  }

  /**
   * Returns a page with the entries applied that arrived during the request. `beyond` has the messages of those entries that
   * lie after the page. If the page reaches the end, they continue it without a gap.
   */
  async #fetchPage(where: { before: number } | { after: number } | { around: number } | object) {
    const buffer: BufferedChange[] = []
    this.#buffers.add(buffer)
    try {
      const page = await this.#options.request('messages.list', {
        chatId: this.chatId,
        limit: pageSize,
        ...(this.threadId === undefined ? {} : { thread: this.threadId }),
        ...where,
      })
      const last = page.messages.at(-1)?.no ?? 0
      let messages: readonly CachedMessage[] = page.messages
      let beyond: readonly CachedMessage[] = []
      for (const change of buffer) {
        if ('hiddenId' in change) {
          messages = messages.filter(({ id }) => id !== change.hiddenId)
          beyond = beyond.filter(({ id }) => id !== change.hiddenId)
          continue
        }
        const isBeyond = change.message.no > last
        // A new message with a number within the page is on the page already, or is hidden for me.
        messages = applyChange(messages, isBeyond ? { ...change, isNew: false } : change)
        beyond = applyChange(beyond, isBeyond ? change : { ...change, isNew: false })
      }
      return { ...page, messages, beyond }
    } finally {
      this.#buffers.delete(buffer)
    }
  }

  #cachedItem(source: object, create: () => MessageItem): MessageItem {
    let item = this.#cachedItems.get(source)
    if (!item) this.#cachedItems.set(source, (item = create()))
    return item
  }
}
