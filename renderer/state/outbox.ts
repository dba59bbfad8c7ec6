// What the person has sent and the hub has not yet confirmed.
//
// - A message is stored before it is sent, under its own `cid`; no answer means unknown, so it is sent again under it.
// - Per chat one at a time, the oldest first: a message that has to wait (busy, rate limited) is never overtaken. The
//   chats go side by side. Only a message whose files are still on their way stands aside until they are there.
// - Refused for good means failed, with the reason; the later ones of that chat go on.
// - Of several tabs those that are live take turns under a lock, each reading what there is when its turn comes; without
//   locks the same `cid` makes doubles harmless.
// - `ok` takes it out of the store; on screen it stays until its entry has come, which takes its place.
import type { Output } from '../../shared/contract.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request, type RequestError } from '../connection/request.ts'
import type { ChannelLike, Clock, LocksLike } from '../connection/platform.ts'
import { computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import type { Cache } from '../sync/cache.ts'

export interface PendingMessage {
  readonly cid: string
  readonly chatId: string
  readonly text: string
  readonly replyTo: Message['replyTo']
  /** Its files, as the store of uploads knows them. */
  readonly files?: readonly string[] | undefined
  /** The message whose files it brings along, with those files to show meanwhile. */
  readonly forward?: { readonly id: string; readonly files: Message['attachments'] } | undefined
  /** The message whose thread it goes to. Missing in what was stored before there were threads. */
  readonly thread?: string | undefined
  /** When Enter was pressed, for show. */
  readonly at: number
  readonly order: number
  readonly state: 'waiting' | 'failed' | 'sent'
  /** Why it failed, in words for a person. */
  readonly reason: string | undefined
  /** Where its entry will be, once it is sent. */
  readonly seq: number | undefined
}

/** What goes along with the words. */
export type SendOptions = Partial<Pick<PendingMessage, 'replyTo' | 'files' | 'thread' | 'forward'>>

export interface OutboxOptions {
  name: string
  cache: Cache
  clock: Clock
  locks: LocksLike | undefined
  openChannel: ((name: string) => ChannelLike) | undefined
  request: Request
  isLive: () => boolean
  /** How far the chat's entries have been applied. */
  cursorOf: (chatId: string) => number | undefined
  createCid: () => string
  content: ReadonlyMap<string, unknown>
  files: MessageFiles
}

/** The store of uploads, as far as messages need it. */
export interface MessageFiles {
  readyFor(ids: readonly string[]): { fileIds: string[] } | { failed: string } | 'coming'
  assign(ids: readonly string[], cid: string): void
  restoreToComposer(ids: readonly string[]): void
  retry(id: string): void
  retryAll(ids: readonly string[]): boolean
  cancel(id: string): void
  remove(ids: readonly string[]): void
}

/** What one tab tells the others. */
type TabMessage = { sent: { cid: string; seq: number } } | { changed: true } | { discarded: string }

const defaultRetryDelayMs = 2_000

export class Outbox {
  readonly #options: OutboxOptions
  readonly #items = signal<readonly PendingMessage[]>([])
  readonly #channel: ChannelLike | undefined
  readonly #pauseTimer: Timer
  readonly #byChat = new Map<string, ReadonlySignal<readonly PendingMessage[]>>()
  /** Not yet on disk. */
  readonly #storingCids = new Set<string>()
  #draining = false
  #drainAgain = false
  #closed = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#pauseTimer = new Timer(options.clock)
    this.#items.value = sortByOrder([...options.content.values()] as PendingMessage[])
    for (const { cid, files } of this.#items.peek()) if (files) options.files.assign(files, cid)
    this.#channel = options.openChannel?.(`${options.name}-outbox`)
    if (this.#channel) this.#channel.onmessage = ({ data }) => void this.#onTabMessage(data as TabMessage)
  }

  /** What waits, failed, or is sent and has not come back yet. Watched. */
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

  add(chatId: string, text: string, { replyTo, files = [], thread, forward }: SendOptions = {}): string {
    const { clock, createCid: newCid } = this.#options
    const at = clock.now()
    const order = Math.max(at, (this.#items.peek().at(-1)?.order ?? 0) + 1)
    const item: PendingMessage = {
      cid: newCid(),
      chatId,
      text,
      replyTo,
      files: files.length > 0 ? files : undefined,
      thread,
      forward,
      at,
      order,
      state: 'waiting',
      reason: undefined,
      seq: undefined,
    }
    this.#options.files.assign(files, item.cid)
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

  /** Gives up what failed, or what still waits for its files. */
  discard(cid: string): void {
    const item = this.#find(cid)
    if (!item || (item.state !== 'failed' && !this.#isUploading(item))) return
    for (const id of item.files ?? []) this.#options.files.cancel(id)
    this.#removeItem(cid)
    void this.#options.cache.write('outbox', cid, undefined)
    this.#postToTabs({ discarded: cid })
  }

  /** The message has come back as an entry, or was seen in history: it stands in its place now. */
  settle(cid: string): void {
    if (!this.#find(cid)) return
    this.#removeItem(cid)
    void this.#options.cache.write('outbox', cid, undefined)
  }

  /** The chat's entries have been applied this far: what was sent before has been shown, or will be when it is fetched. */
  settleUpTo(chatId: string, cursor: number): void {
    const shown = (item: PendingMessage) =>
      item.chatId === chatId && item.seq !== undefined && item.seq <= cursor
    for (const { cid } of this.#items.peek().filter(shown)) this.#removeItem(cid)
  }

  /** The hub is back at an earlier time: what it confirmed but was not seen yet, it may not have any more. */
  resetAttempts(): void {
    for (const item of this.#items.peek()) {
      if (item.state !== 'sent') continue
      const waiting: PendingMessage = { ...item, state: 'waiting', seq: undefined }
      this.#setItem(waiting)
      void this.#store(waiting)
    }
  }

  /** I am no longer in this chat: nothing can be sent there. */
  failChat(chatId: string, reason: string): void {
    for (const item of this.#items.peek()) {
      if (item.chatId === chatId && item.state === 'waiting') this.#markFailed(item, reason)
    }
  }

  /** Sends what waits, as far as the link is live. */
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
    // a page that goes in between finds the files in the message as well as in the composer
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

  /** Answers whether the next one may go. */
  async #send(item: PendingMessage): Promise<boolean> {
    const { chatId, cid, text, replyTo, thread, forward } = item
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
      }
      await this.#onSent(item, await this.#options.request('messages.send', input))
      return true
    } catch (error) {
      if (!isRequestError(error)) throw error
      // kept too long without being sent: the files go up once more
      if (
        error.field === 'attachments' &&
        error.code === 'not_found' &&
        this.#options.files.retryAll(item.files ?? [])
      )
        return true
      return this.#onRefused(item, error)
    }
  }

  async #onSent(item: PendingMessage, { message }: Output<'messages.send'>): Promise<void> {
    const { cid, chatId } = item
    if ((this.#options.cursorOf(chatId) ?? 0) >= message.seq) this.#removeItem(cid)
    else if (this.#find(cid)) this.#setItem({ ...item, state: 'sent', seq: message.seq })
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

  /** Takes in what other tabs have added, sent or given up. */
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
    this.#options.files.remove(files)
  }
}

function sortByOrder(items: PendingMessage[]): PendingMessage[] {
  return items.sort((a, b) => a.order - b.order || (a.cid < b.cid ? -1 : 1))
}
