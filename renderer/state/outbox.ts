// Messages that the user has sent and the hub has not yet confirmed.
//
// - A message is stored before it is sent, under its own `cid`. Without a response the result is unknown, so it is sent
//   again with the same `cid`.
// - Each chat sends one message at a time, the oldest first, so a message that waits (busy, rate limited) is never
//   overtaken. Chats are independent of each other. Only a message whose uploads are not complete steps aside.
// - A refusal for good marks the message as failed, with the reason. The later ones of that chat go on.
// - Of several tabs the live ones take turns under a lock, and each reads the store when its turn comes. Without locks
//   the same `cid` makes duplicates harmless.
// - A confirmed message leaves the store. It stays on screen until its entry takes its place.
// - While only one computer has it, it goes to the kept messages (kept-messages.ts), which may send it again.
import type { Output } from '../../shared/contract.ts'
import { Timer } from '../connection/timer.ts'
import { isObject } from '../connection/form.ts'
import { type HeldRequest, isRequestError, type RequestError } from '../connection/request.ts'
import type { ChannelLike, Clock, LocksLike } from '../connection/platform.ts'
import type { StreamId } from '../../shared/contract/entries.ts'
import type { KeptMessages } from './kept-messages.ts'
import type { PendingMessage } from './pending-message.ts'
import { chatIdOf, type MessageChange, type Store } from './store.ts'
import { computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import type { Cache } from '../sync/cache.ts'

/** The parts of a message besides its text. */
export type SendOptions = Partial<Pick<PendingMessage, 'replyTo' | 'files' | 'thread' | 'forward' | 'draft'>>

export interface OutboxOptions {
  myId: string
  name: string
  cache: Cache
  clock: Clock
  hubNow: () => number
  locks: LocksLike | undefined
  openChannel: ((name: string) => ChannelLike) | undefined
  request: HeldRequest
  kept: Pick<KeptMessages, 'has' | 'onAnswer' | 'onShownEarly'>
  isLive: () => boolean
  /** The seq up to which the chat's entries are applied. */
  cursorOf: (chatId: string) => number | undefined
  createCid: () => string
  content: ReadonlyMap<string, unknown>
  files: MessageFiles
}

/** The part of `Uploads` that messages need. */
export interface MessageFiles {
  readyFor(ids: readonly string[]): { fileIds: string[] } | { failed: string } | 'coming'
  assign(ids: readonly string[], message: Pick<PendingMessage, 'cid' | 'chatId' | 'thread'>): void
  restoreToComposer(ids: readonly string[]): void
  retry(id: string): void
  retryAll(ids: readonly string[]): boolean
  cancel(id: string): void
  remove(ids: readonly string[]): void
}

/** A message from one tab to the others. */
type TabMessage = { sent: { cid: string; seq: number } } | { changed: true } | { discarded: string }

const defaultRetryDelayMs = 2_000
/** A shorter wait needs no words. */
const longWaitSeconds = 10

export class Outbox implements Store {
  readonly #options: OutboxOptions
  readonly #items = signal<readonly PendingMessage[]>([])
  readonly #channel: ChannelLike | undefined
  readonly #pauseTimer: Timer
  readonly #byChat = new Map<string, ReadonlySignal<readonly PendingMessage[]>>()
  /** Messages that are not on disk yet. */
  readonly #storingCids = new Set<string>()
  /** Messages whose response is due. */
  readonly #sendingCids = new Set<string>()
  #draining = false
  #drainAgain = false
  #closed = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#pauseTimer = new Timer(options.clock)
    this.#items.value = sortByOrder([...options.content.values()] as PendingMessage[])
    for (const item of this.#items.peek()) options.files.assign(item.files ?? [], item)
    this.#channel = options.openChannel?.(`${options.name}-outbox`)
    if (this.#channel)
      this.#channel.onmessage = ({ data }) => {
        // the tab may have another release
        if (isObject(data)) void this.#onTabMessage(data as TabMessage)
      }
  }

  /** The pending, failed and confirmed messages that no entry has brought yet. Watched. */
  messagesOf(chatId: string, thread?: string): readonly PendingMessage[] {
    const key = thread ?? chatId
    let list = this.#byChat.get(key)
    if (!list) {
      let before: readonly PendingMessage[] = []
      list = computed(() => {
        const now = this.#items.value.filter((item) => item.chatId === chatId && item.thread === thread)
        const same = now.length === before.length && now.every((item, at) => item === before[at])
        return (before = same ? before : now)
      })
      this.#byChat.set(key, list)
    }
    return list.value
  }

  add(
    chatId: string,
    text: string,
    { replyTo, files = [], thread, forward, draft }: SendOptions = {},
  ): string {
    const { hubNow, createCid: newCid } = this.#options
    // by the clock of the messages above it
    const at = hubNow()
    const order = Math.max(at, (this.#items.peek().at(-1)?.order ?? 0) + 1)
    const item: PendingMessage = {
      cid: newCid(),
      chatId,
      text,
      replyTo,
      files: files.length > 0 ? files : undefined,
      thread,
      forward,
      draft,
      at,
      order,
      state: 'waiting',
      reason: undefined,
      seq: undefined,
    }
    this.#options.files.assign(files, item)
    this.#setItem(item)
    void this.#store(item)
    return item.cid
  }

  retry(cid: string): void {
    const item = this.#find(cid)
    if (item?.state !== 'failed') return
    for (const id of item.files ?? []) this.#options.files.retry(id)
    const waiting: PendingMessage = { ...item, state: 'waiting', reason: undefined }
    this.#setItem(waiting)
    void this.#store(waiting)
  }

  /** Discards a failed message, or one that still waits for its uploads. */
  discard(cid: string): void {
    const item = this.#find(cid)
    if (!item || (item.state !== 'failed' && !this.#isUploading(item))) return
    for (const id of item.files ?? []) this.#options.files.cancel(id)
    this.#removeItem(cid)
    void this.#options.cache.write('outbox', cid, undefined)
    this.#postToTabs({ discarded: cid })
  }

  /** An entry or a page of history has brought the message. */
  settle(cid: string): void {
    const item = this.#find(cid)
    if (!item) return
    if (this.#sendingCids.has(cid)) this.#options.kept.onShownEarly(item)
    this.#removeItem(cid)
    void this.#options.cache.write('outbox', cid, undefined)
  }

  applyMessage({ message }: MessageChange): void {
    const { cid, author } = message
    if (cid !== undefined && author === this.#options.myId) this.settle(cid)
  }

  /** Messages sent up to this seq are shown in their place, or will be once their page is fetched. */
  onCursorMoved(stream: StreamId, cursor: number): void {
    const chatId = chatIdOf(stream)
    const shown = (item: PendingMessage) =>
      item.chatId === chatId && item.seq !== undefined && item.seq <= cursor
    for (const { cid } of this.#items.peek().filter(shown)) this.#removeItem(cid)
  }

  /** A restored hub may have lost a message that it confirmed and that no entry has brought yet. */
  onHistoryReset(): void {
    for (const item of this.#items.peek()) {
      if (item.state !== 'sent') continue
      const waiting: PendingMessage = { ...item, state: 'waiting', seq: undefined }
      this.#setItem(waiting)
      void this.#store(waiting)
    }
  }

  /**
   * Sends messages from elsewhere: kept ones to a hub that may have lost them, or those of a page at a former address.
   * Resolves when they are on disk here.
   */
  async sendAgain(items: readonly PendingMessage[]): Promise<void> {
    const added = items.filter(({ cid }) => !this.#find(cid))
    for (const item of added) {
      this.#options.files.assign(item.files ?? [], item)
      this.#setItem(item)
    }
    await Promise.all(added.map((item) => this.#store(item)))
  }

  /** What a link can take to another address of the hub: no files. */
  listUnsent(): readonly PendingMessage[] {
    return this.#items.peek().filter(({ state, files }) => state !== 'sent' && files === undefined)
  }

  /** Messages of all tabs that the hub does not have, those that failed included. Not watched. */
  get unsentCount(): number {
    return this.#items.peek().filter(({ state }) => state !== 'sent').length
  }

  /** True if a message waits that has files. Watched. */
  get hasUnsentFiles(): boolean {
    return this.#items.value.some(({ state, files }) => state !== 'sent' && files !== undefined)
  }

  onChatLeft(chatId: string): void {
    for (const item of this.#items.peek()) {
      if (item.chatId === chatId && item.state === 'waiting')
        this.#markFailed(item, 'You are no longer a member of this chat.')
    }
  }

  onState(): void {
    this.drain()
  }

  /** Sends waiting messages while the connection is live. */
  drain(): void {
    if (this.#closed || !this.#options.isLive() || this.#pauseTimer.isSet) return
    if (this.#draining) {
      this.#drainAgain = true
      return
    }
    if (!this.#items.peek().some((item) => item.state === 'waiting' && !this.#isUploading(item))) return
    this.#draining = true
    const { locks, name } = this.#options
    const run = () => this.#drainAll()
    void (locks ? locks.request(`${name}-outbox`, run) : run()).finally(() => {
      this.#draining = false
      if (!this.#drainAgain) return
      this.#drainAgain = false
      this.drain()
    })
  }

  close(): void {
    this.#closed = true
    this.#pauseTimer.clear()
    this.#channel?.close()
  }

  async #store(item: PendingMessage): Promise<void> {
    this.#storingCids.add(item.cid)
    await this.#options.cache.write('outbox', item.cid, item)
    this.#storingCids.delete(item.cid)
    // If the page closes in between, the files are both in the message and in the composer.
    this.#options.files.restoreToComposer(item.files ?? [])
    this.#postToTabs({ changed: true })
    this.drain()
  }

  async #drainAll(): Promise<void> {
    await this.#reload()
    const chats = new Set(this.#waitingItems().map((item) => item.chatId))
    await Promise.all([...chats].map((chatId) => this.#drainChat(chatId)))
  }

  async #drainChat(chatId: string): Promise<void> {
    for (;;) {
      const item = this.#waitingItems().find((each) => each.chatId === chatId && !this.#isUploading(each))
      if (!item || this.#storingCids.has(item.cid) || this.#closed || !this.#options.isLive()) return
      if (!(await this.#send(item))) return
    }
  }

  /** Returns true if the next message may be sent. */
  async #send(item: PendingMessage): Promise<boolean> {
    const { chatId, cid, text, replyTo, thread, forward, draft } = item
    const files = this.#options.files.readyFor(item.files ?? [])
    if (files === 'coming') return true
    if ('failed' in files) {
      this.#markFailed(item, files.failed)
      return true
    }
    const { fileIds: attachments } = files
    try {
      const input = {
        chatId,
        cid,
        text,
        ...(replyTo ? { replyTo: replyTo.id } : {}),
        ...(attachments.length > 0 ? { attachments } : {}),
        ...(thread ? { thread } : {}),
        ...(forward ? { forward: forward.id } : {}),
        // a draft of now is a younger one
        ...(draft && !item.isRepeat ? { draft } : {}),
      }
      this.#sendingCids.add(cid)
      const { output, held } = await this.#options.request('messages.send', input)
      this.#sendingCids.delete(cid)
      await this.#onSent(item, output, held)
      return true
    } catch (error) {
      this.#sendingCids.delete(cid)
      if (!isRequestError(error)) throw error
      // The hub deleted the files, because they waited too long without a message: they are uploaded again.
      if (
        error.field === 'attachments' &&
        error.code === 'not_found' &&
        this.#options.files.retryAll(item.files ?? [])
      )
        return true
      return (item.isRepeat && this.#onRepeatRefused(item, error)) || this.#onRefused(item, error)
    }
  }

  /** Returns true if there is nothing to tell the user. */
  #onRepeatRefused(item: PendingMessage, { code }: RequestError): boolean {
    if (code === 'conflict') {
      // the hub has it, in the wording before an edit
      this.#removeItem(item.cid)
      void this.#options.cache.write('outbox', item.cid, undefined)
      return true
    }
    if (code !== 'not_found' || !item.replyTo) return false
    // the message it replied to is lost: this one still counts
    const alone: PendingMessage = { ...item, replyTo: undefined }
    this.#setItem(alone)
    void this.#store(alone)
    return true
  }

  async #onSent(
    item: PendingMessage,
    { message }: Output<'messages.send'>,
    held: number | undefined,
  ): Promise<void> {
    const { cid, chatId } = item
    const kept = this.#options.kept.onAnswer(item, message.id, held)
    if ((this.#options.cursorOf(chatId) ?? 0) >= message.seq) this.#removeItem(cid)
    else if (this.#find(cid)) this.#setItem({ ...item, state: 'sent', reason: undefined, seq: message.seq })
    // on disk there before it leaves here
    await kept
    await this.#options.cache.write('outbox', cid, undefined)
    this.#postToTabs({ sent: { cid, seq: message.seq } })
  }

  #onRefused(item: PendingMessage, error: RequestError): boolean {
    switch (error.code) {
      case 'offline':
      case 'unauthenticated':
        return false
      case 'rate_limited':
      case 'busy':
      case 'disk_full':
        this.#pauseTimer.setIfUnset(
          error.retryAfter === undefined ? defaultRetryDelayMs : error.retryAfter * 1000,
          () => this.drain(),
        )
        if ((error.retryAfter ?? 0) >= longWaitSeconds && this.#find(item.cid)?.state === 'waiting')
          this.#setItem({ ...item, reason: error.message })
        return false
      case 'invalid':
      case 'forbidden':
      case 'not_found':
      case 'conflict':
      case 'too_large':
      case 'internal':
        this.#markFailed(item, error.message)
        return true
    }
  }

  #markFailed(item: PendingMessage, reason: string): void {
    const failed: PendingMessage = { ...item, state: 'failed', reason }
    this.#setItem(failed)
    void this.#options.cache.write('outbox', item.cid, failed).then(() => this.#postToTabs({ changed: true }))
  }

  /** Merges in the messages that other tabs added, sent or discarded. */
  async #reload(): Promise<void> {
    const stored = await this.#options.cache.read<PendingMessage>('outbox')
    if (!stored) return
    const mine = this.#items.peek()
    const known = new Set(mine.map((item) => item.cid))
    const added = [...stored.values()].filter((item) => !known.has(item.cid))
    const merged = mine.map((item) => (item.state === 'sent' ? item : (stored.get(item.cid) ?? item)))
    this.#items.value = sortByOrder([...merged, ...added])
  }

  async #onTabMessage(tabMessage: TabMessage): Promise<void> {
    if (this.#closed) return
    if ('discarded' in tabMessage) return this.#removeItem(tabMessage.discarded)
    if ('sent' in tabMessage) {
      const item = this.#find(tabMessage.sent.cid)
      if (!item) return
      if ((this.#options.cursorOf(item.chatId) ?? 0) >= tabMessage.sent.seq) this.#removeItem(item.cid)
      else this.#setItem({ ...item, state: 'sent', seq: tabMessage.sent.seq })
      return
    }
    await this.#reload()
    this.drain()
  }

  #postToTabs(tabMessage: TabMessage): void {
    if (!this.#closed) this.#channel?.postMessage(tabMessage)
  }

  #isUploading(item: PendingMessage): boolean {
    return item.files !== undefined && this.#options.files.readyFor(item.files) === 'coming'
  }

  #waitingItems(): PendingMessage[] {
    return this.#items.peek().filter((item) => item.state === 'waiting')
  }

  #find(cid: string): PendingMessage | undefined {
    return this.#items.peek().find((item) => item.cid === cid)
  }

  #setItem(item: PendingMessage): void {
    const others = this.#items.peek().filter((each) => each.cid !== item.cid)
    this.#items.value = sortByOrder([...others, item])
  }

  #removeItem(cid: string): void {
    const files = this.#find(cid)?.files ?? []
    this.#items.value = this.#items.peek().filter((item) => item.cid !== cid)
    // a kept message may have to upload them again
    if (this.#options.kept.has(cid)) return
    // so may one that another tab has sent from the same composer
    const needed = new Set(this.#items.peek().flatMap((item) => item.files ?? []))
    this.#options.files.remove(files.filter((id) => !needed.has(id)))
  }
}

function sortByOrder(items: PendingMessage[]): PendingMessage[] {
  return items.sort((a, b) => a.order - b.order || (a.cid < b.cid ? -1 : 1))
}
