// What concerns the user in all chats: mentions, replies, reactions and keywords. The hub says what is unread; a hint tells
// that something changed, and the page fetches the newest items again.
//
// - Of several loads the latest counts.
// - The items of one filter are held; another filter loads its own.
import type { Entry } from '../../shared/contract/entries.ts'
import type { ActivityItem, ActivityKind } from '../../shared/contract/activity.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Clock } from '../connection/platform.ts'
import { batch, signal, type ReadonlySignal } from '../signals/signal.ts'
import type { LiveHint, Store } from './store.ts'

export type { ActivityItem, ActivityKind }

export interface ActivityOptions {
  myId: string
  request: Request
  clock: Clock
}

/** A burst of messages is fetched once. */
const refreshDelayMs = 300

export class Activity implements Store {
  readonly #options: ActivityOptions
  readonly #items = signal<readonly ActivityItem[] | undefined>(undefined)
  readonly #unread = signal(0)
  readonly #next = signal<number | undefined>(undefined)
  readonly #kind = signal<ActivityKind | undefined>(undefined)
  readonly #timer: Timer
  #loadCount = 0
  #isLive = false

  /** Of the filter, the latest first; undefined until they are loaded. */
  readonly items: ReadonlySignal<readonly ActivityItem[] | undefined> = this.#items
  /** Unread items of all kinds. */
  readonly unread: ReadonlySignal<number> = this.#unread
  /** Of the next page. */
  readonly next: ReadonlySignal<number | undefined> = this.#next
  /** The filter; undefined for all kinds. */
  readonly kind: ReadonlySignal<ActivityKind | undefined> = this.#kind

  constructor(options: ActivityOptions) {
    this.#options = options
    this.#timer = new Timer(options.clock)
  }

  /** Shows one kind only. This and the following @throws RequestError */
  async setKind(kind: ActivityKind | undefined): Promise<void> {
    batch(() => {
      this.#kind.value = kind
      this.#items.value = undefined
      this.#next.value = undefined
    })
    await this.load()
  }

  async load(): Promise<void> {
    const load = ++this.#loadCount
    const kind = this.#kind.peek()
    const page = await this.#options.request('activity.list', kind === undefined ? {} : { kind })
    if (load !== this.#loadCount) return
    batch(() => {
      // Older pages stay, without what the newest one has, or has lost.
      const oldest = page.next === undefined ? 0 : (page.items.at(-1)?.id ?? 0)
      const older = (this.#items.peek() ?? []).filter(({ id }) => id < oldest)
      this.#items.value = [...page.items, ...older]
      if (older.length === 0) this.#next.value = page.next
      this.#unread.value = page.unread
    })
  }

  async loadMore(): Promise<void> {
    const before = this.#next.peek()
    if (before === undefined) return
    const load = ++this.#loadCount
    const kind = this.#kind.peek()
    const page = await this.#options.request('activity.list', {
      before,
      ...(kind === undefined ? {} : { kind }),
    })
    if (load !== this.#loadCount) return
    batch(() => {
      this.#items.value = [...(this.#items.peek() ?? []), ...page.items]
      this.#next.value = page.next
      this.#unread.value = page.unread
    })
  }

  async markRead(id: number): Promise<void> {
    this.#showRead((item) => item.id === id)
    this.#unread.value = (await this.#options.request('activity.read', { ids: [id] })).unread
  }

  /** What arrives meanwhile stays unread. */
  async markAllRead(): Promise<void> {
    const { items } = await this.#options.request('activity.list', { limit: 1 })
    const upTo = items[0]?.id
    if (upTo === undefined) return
    this.#showRead(({ id }) => id <= upTo)
    this.#unread.value = (await this.#options.request('activity.read', { upTo })).unread
  }

  applyEntry(entry: Entry): void {
    if (this.#mayChange(entry)) this.#refreshSoon()
  }

  applyHint(hint: LiveHint): void {
    const isMine = hint.t === 'activity' || hint.t === 'threadRead'
    if (isMine || (hint.t === 'read' && hint.user === this.#options.myId)) this.#refreshSoon()
  }

  onState(): void {
    this.#isLive = true
    this.#refreshSoon()
  }

  onConnectionLost(): void {
    this.#isLive = false
    this.#timer.clear()
  }

  onChatLeft(): void {
    this.#refreshSoon()
  }

  onHistoryReset(): void {
    this.#items.value = undefined
  }

  close(): void {
    this.#timer.clear()
  }

  /** No hint says that items were read by an answer, marked as unread, or taken along by a change of their message. */
  #mayChange(entry: Entry): boolean {
    switch (entry.type) {
      case 'chat.preferencesUpdated':
      case 'message.unhidden':
        return true
      case 'message.hidden':
        return this.#holds(entry.messageId)
      case 'message.sent':
        return entry.by === this.#options.myId && this.#unread.peek() > 0
      default:
        return 'message' in entry && this.#holds(entry.message.id)
    }
  }

  #holds(messageId: string): boolean {
    return this.#items.peek()?.some(({ message }) => message.id === messageId) ?? false
  }

  #refreshSoon(): void {
    if (!this.#isLive) return
    this.#timer.setIfUnset(refreshDelayMs, () => {
      this.load().catch((error: unknown) => {
        // The next hint, or the next connection, fetches them.
        if (!isRequestError(error)) throw error
      })
    })
  }

  #showRead(isRead: (item: ActivityItem) => boolean): void {
    const items = this.#items.peek()
    if (items) this.#items.value = items.map((item) => (isRead(item) ? { ...item, unread: false } : item))
  }
}
