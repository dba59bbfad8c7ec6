// The replies of one thread: from its end backwards, kept right by the entries of its chat, with what waits in the outbox.
// What is kept of it here is shown at once, and asked for anew when the hub is there: another tab may have kept less.
import type { Message } from '../../shared/contract/messages.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { WindowLike } from '../connection/platform.ts'
import type { Edits } from './edits.ts'
import type { Outbox } from './outbox.ts'
import { applyToThread, type Change, type CachedMessage, type RecentMessages } from './recent-messages.ts'
import type { Drafts } from './drafts.ts'
import { toMessageItem, toPendingItem, withEdit, type MessageItem } from './message-item.ts'
import { batch, computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import type { Upload, Uploads } from './uploads.ts'

export interface OpenThreadOptions {
  chatId: string
  /** The message that it hangs on. */
  id: string
  myId: string
  request: Request
  isLive: () => boolean
  window: WindowLike
  outbox: Outbox
  edits: Edits
  drafts: Drafts
  uploads: Uploads
  recentMessages: RecentMessages
  /** What it hangs on, as far as that is known by now. */
  parent: () => CachedMessage | undefined
  markRead: (no: number) => void
}

const pageSize = 50

export class OpenThread {
  readonly chatId: string
  readonly id: string
  readonly #options: OpenThreadOptions
  readonly #messages = signal<readonly CachedMessage[]>([])
  readonly #hasOlder = signal(false)
  readonly #ready = signal(false)
  readonly #loadingOlder = signal(false)
  readonly #shownAround = signal<{ no: number } | undefined>(undefined)
  readonly #cachedItems = new WeakMap<object, MessageItem>()
  #buffer: Change[] | undefined
  #loadCount = 0
  #isStale = false
  #wantedNo: number | undefined

  readonly items: ReadonlySignal<readonly MessageItem[]>
  readonly ready: ReadonlySignal<boolean> = this.#ready
  readonly hasOlder: ReadonlySignal<boolean> = this.#hasOlder
  readonly loadingOlder: ReadonlySignal<boolean> = this.#loadingOlder
  readonly shownAround: ReadonlySignal<{ no: number } | undefined> = this.#shownAround
  readonly draft: ReadonlySignal<string>
  /** The files beside it. */
  readonly attachments: ReadonlySignal<readonly Upload[]>

  constructor(options: OpenThreadOptions) {
    this.#options = options
    const { chatId, id, myId, outbox, edits, drafts, uploads } = options
    this.chatId = chatId
    this.id = id
    this.draft = computed(() => drafts.get(id))
    this.attachments = computed(() => uploads.attachmentsOf(chatId, id))
    this.items = computed(() => {
      const saved = edits.all.value
      const items = this.#messages.value.map((each) =>
        withEdit(
          this.#cachedItem(each, () => toMessageItem(chatId, each, myId)),
          saved,
        ),
      )
      const arrived = new Set(items.map(({ key }) => key))
      const waiting = outbox.messagesOf(chatId, id).filter(({ cid }) => !arrived.has(cid))
      return [...items, ...waiting.map((each) => this.#cachedItem(each, () => toPendingItem(each, myId)))]
    })
    this.#showRecentMessages()
    this.onReconnected()
  }

  /** The message that it hangs on, also without the hub. */
  get parent(): CachedMessage | undefined {
    return this.#options.parent() ?? this.#options.recentMessages.thread(this.id)?.parent
  }

  get thread(): string {
    return this.id
  }

  get messages(): readonly CachedMessage[] {
    return this.#messages.peek()
  }

  onReconnected(): void {
    if ((this.#isStale || !this.#ready.peek()) && this.#options.isLive()) void this.#loadNewest()
  }

  reset(): void {
    this.#ready.value = false
  }

  close(): void {
    this.#loadCount += 1
  }

  async loadOlder(): Promise<void> {
    const first = this.#messages.peek()[0]
    if (!first || !this.#hasOlder.peek() || this.#loadingOlder.peek()) return
    const load = this.#loadCount
    this.#loadingOlder.value = true
    try {
      const page = await this.#fetchPage(first.no)
      if (load !== this.#loadCount) return
      batch(() => {
        this.#messages.value = [...page.messages, ...this.#messages.peek()]
        this.#hasOlder.value = page.more
      })
    } finally {
      this.#loadingOlder.value = false
    }
  }

  /** Brings a reply into view as soon as it is here. */
  async showAround(no: number): Promise<void> {
    this.#wantedNo = no
    while (this.#ready.peek() && this.#hasOlder.peek() && (this.#messages.peek()[0]?.no ?? 0) > no) {
      await this.loadOlder()
    }
    this.#showWantedMessage()
  }

  /** Puts the reply, with the files in the tray, into the outbox and shows it at once; clears the draft. */
  send(text: string, replyTo?: Message['replyTo']): void {
    const { outbox, drafts } = this.#options
    batch(() => {
      outbox.add(this.chatId, text, {
        replyTo,
        files: this.attachments.peek().map(({ id }) => id),
        thread: this.id,
      })
      drafts.set(this.id, '')
    })
  }

  setDraft(text: string): void {
    this.#options.drafts.set(this.id, text)
  }

  retry(cid: string): void {
    this.#options.outbox.retry(cid)
  }

  discard(cid: string): void {
    this.#options.outbox.discard(cid)
  }

  /** The end is in view. */
  markRead(): void {
    const { window } = this.#options
    const last = this.#messages.peek().at(-1)
    if (last && window.isVisible() && window.isFocused()) this.#options.markRead(last.no)
  }

  applyChange(change: Change): void {
    this.#buffer?.push(change)
    if (!this.#ready.peek()) return
    this.#setMessages(applyToThread(this.id, this.#messages.peek(), change))
  }

  removeMessage(messageId: string): void {
    this.#messages.value = this.#messages.peek().filter(({ id }) => id !== messageId)
  }

  #showRecentMessages(): void {
    const tail = this.#options.recentMessages.thread(this.id)
    if (!tail) return
    this.#isStale = true
    this.#hasOlder.value = !tail.fromStart
    this.#ready.value = true
    this.#setMessages(tail.messages)
  }

  #cacheMessages(fromStart: boolean): void {
    const { chatId, id, parent } = this
    this.#options.recentMessages.beginThread(id, {
      chatId,
      parent,
      messages: this.#messages.peek(),
      fromStart,
    })
  }

  async #loadNewest(): Promise<void> {
    const load = ++this.#loadCount
    const fresh: Change[] = []
    this.#buffer = fresh
    try {
      const page = await this.#fetchPage()
      if (load !== this.#loadCount) return
      batch(() => {
        this.#hasOlder.value = page.more
        this.#ready.value = true
        this.#isStale = false
        this.#setMessages(
          fresh.reduce(
            (all: readonly CachedMessage[], change) => applyToThread(this.id, all, change),
            page.messages,
          ),
        )
      })
      this.#cacheMessages(!page.more)
      this.#showWantedMessage()
    } catch (error) {
      // without a hub it is loaded when it is back
      if (!isRequestError(error)) throw error
    } finally {
      if (this.#buffer === fresh) this.#buffer = undefined
    }
  }

  #fetchPage(before?: number) {
    const { chatId, id: thread } = this
    return this.#options.request('messages.list', {
      ...{ chatId, thread, limit: pageSize },
      ...(before === undefined ? {} : { before }),
    })
  }

  #setMessages(messages: readonly CachedMessage[]): void {
    if (messages === this.#messages.peek()) return
    batch(() => {
      this.#messages.value = messages
      for (const { author, cid } of messages) {
        if (cid !== undefined && author === this.#options.myId) this.#options.outbox.settle(cid)
      }
    })
  }

  #showWantedMessage(): void {
    if (this.#wantedNo === undefined || !this.#ready.peek()) return
    this.#shownAround.value = { no: this.#wantedNo }
    this.#wantedNo = undefined
  }

  #cachedItem(of: object, make: () => MessageItem): MessageItem {
    let row = this.#cachedItems.get(of)
    if (!row) this.#cachedItems.set(of, (row = make()))
    return row
  }
}
