// The threads that the user follows, and the open thread.
//
// - The list is requested once per connection. Entries keep it current, and it is cached for a start without the hub.
// - A read number only grows: the user's own rises at once, and is sent until the hub has confirmed it (read-marks.ts).
// - After a reply was deleted or restored, only the hub knows how many are unread. Then the page requests the thread
//   again.
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import { isRequestError } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { chatIdOf, type LiveHint, type MessageChange, type Store } from './store.ts'
import { OpenThread, type OpenThreadOptions } from './open-thread.ts'
import { batch, computed, signal, type ReadonlySignal } from '../signals/signal.ts'
import { ReadMarks } from './read-marks.ts'

export interface ThreadsOptions extends Omit<
  OpenThreadOptions,
  'chatId' | 'threadId' | 'markRead' | 'parent'
> {
  cache: Pick<Cache, 'put'>
  content: CacheContent
  /** True if a text of another user may mention this user. */
  mightMentionMe: (text: string) => boolean
}

export class Threads implements Store {
  readonly #options: ThreadsOptions
  readonly #threads = signal<ReadonlyMap<string, Thread>>(new Map())
  /** Threads whose message the user has deleted for themselves. A late response may still bring one of them. */
  readonly #hidden = signal<ReadonlySet<string>>(new Set())
  readonly #ready = signal(false)
  readonly #readMarks: ReadMarks
  #open: OpenThread | undefined

  /** False until the hub has sent the list. */
  readonly ready: ReadonlySignal<boolean> = this.#ready
  /** The followed threads, the latest reply first. */
  readonly list: ReadonlySignal<readonly Thread[]> = computed(() =>
    [...this.#threads.value.values()]
      .filter(({ following, message }) => following && message.replies !== undefined)
      .filter(({ message }) => !this.#hidden.value.has(message.id))
      .sort((a, b) => (b.message.replies?.at ?? 0) - (a.message.replies?.at ?? 0)),
  )
  /** Number of threads with unread replies. */
  readonly unread: ReadonlySignal<number> = computed(
    () => this.list.value.filter((thread) => thread.unread > 0).length,
  )

  /** Number of unread replies that mention the user. */
  readonly mentions: ReadonlySignal<number> = computed(() =>
    this.list.value.reduce((sum, thread) => sum + (thread.unread > 0 ? thread.mentions : 0), 0),
  )

  constructor(options: ThreadsOptions) {
    this.#options = options
    const { clock, isLive, cache, content, request } = options
    this.#readMarks = new ReadMarks({
      ...{ prefix: 'threadRead:', clock, isLive, cache, content },
      send: (messageId, no) => request('threads.read', { messageId, no }),
    })
    const cached = options.content.meta.get('threads') as readonly Thread[] | undefined
    if (cached) {
      this.#threads.value = new Map(cached.map((thread) => [thread.message.id, thread]))
      this.#ready.value = true
    }
    this.#threads.subscribe((threads) => {
      if (this.#ready.peek()) options.cache.put('meta', 'threads', [...threads.values()])
    })
  }

  /** Watched. Undefined for a thread that is neither followed nor open. */
  get(id: string): Thread | undefined {
    return this.#threads.value.get(id)
  }

  /** Opens a thread. Only one is open at a time; returns the same object while it is open. */
  open(chatId: string, id: string): OpenThread {
    if (this.#open?.threadId !== id) {
      this.#open?.close()
      const markRead = (no: number) => this.markRead(id, no)
      const parent = () => this.#threads.peek().get(id)?.message
      this.#open = new OpenThread({ ...this.#options, chatId, threadId: id, markRead, parent })
      void this.#refresh(id)
    }
    return this.#open
  }

  /** The connection is live. */
  onState(): void {
    this.#readMarks.sendAll()
    void this.#load()
    this.#open?.onReconnected()
  }

  async setFollowing(id: string, following: boolean): Promise<void> {
    const name = following ? 'threads.follow' : 'threads.unfollow'
    this.#setThread((await this.#options.request(name, { messageId: id })).thread)
  }

  markRead(id: string, no: number): void {
    const thread = this.#threads.peek().get(id)
    if (!thread || no <= thread.readNo) return
    this.#setThread({ ...thread, readNo: no, unread: 0, mentions: 0 })
    this.#readMarks.set(id, no)
  }

  /** Read in another window of the user. */
  applyHint(hint: LiveHint): void {
    if (hint.t !== 'threadRead') return
    const thread = this.#threads.peek().get(hint.thread)
    if (thread && hint.no > thread.readNo) void this.#refresh(hint.thread)
  }

  applyEntry(entry: Entry): void {
    switch (entry.type) {
      case 'thread.followed':
        void this.#refresh(entry.messageId)
        return
      case 'thread.unfollowed': {
        const thread = this.#threads.peek().get(entry.messageId)
        if (thread) this.#setThread({ ...thread, following: false })
        return
      }
      case 'message.hidden':
        this.#open?.removeMessage(entry.messageId)
        this.#hidden.value = new Set(this.#hidden.peek()).add(entry.messageId)
        // the list has no thread of a message that the user deleted for themselves
        if (this.#threads.peek().has(entry.messageId)) void this.#load()
        return
      case 'message.unhidden':
        this.#hidden.value = new Set([...this.#hidden.peek()].filter((id) => id !== entry.messageId))
        void this.#load()
        return this.#resetOpen(entry.chatId)
      default:
        if ('message' in entry) this.#applyMessageEntry(entry)
    }
  }

  #applyMessageEntry(entry: Extract<Entry, { message: unknown }>): void {
    const { message } = entry
    const id = message.thread ?? message.id
    const thread = this.#threads.peek().get(id)
    if (!thread) return
    if (message.thread === undefined) {
      if (message.rev >= thread.message.rev && !('hidden' in message)) {
        this.#setThread({ ...thread, message })
      }
      return
    }
    if (entry.type !== 'message.sent' || message.deleted) void this.#refresh(id)
    else if (entry.by === this.#options.myId) {
      this.#setThread({ ...thread, readNo: Math.max(thread.readNo, message.no), unread: 0, mentions: 0 })
    } else if (this.#options.mightMentionMe(message.text)) void this.#refresh(id)
    else if (message.no > thread.readNo) this.#setThread({ ...thread, unread: thread.unread + 1 })
  }

  applyMessage(change: MessageChange): void {
    this.#open?.applyChange(change)
  }

  onReset(stream: StreamId): void {
    if (this.#open && this.#open.chatId === chatIdOf(stream)) this.#open.reset()
  }

  onChatFollowed(chatId: string): void {
    if (this.#open?.chatId === chatId) this.#open.onReconnected()
  }

  #resetOpen(chatId: string): void {
    if (this.#open?.chatId !== chatId) return
    this.#open.reset()
    this.#open.onReconnected()
  }

  /** The user is no longer a member of this chat. */
  onChatLeft(chatId: string): void {
    const remaining = new Map(this.#threads.peek())
    for (const [id, thread] of remaining) {
      if (thread.chatId !== chatId) continue
      remaining.delete(id)
      this.#readMarks.drop(id)
    }
    this.#threads.value = remaining
    if (this.#open?.chatId === chatId) this.#open = undefined
  }

  close(): void {
    this.#readMarks.close()
  }

  onHistoryReset(): void {
    this.#threads.value = new Map()
    this.#hidden.value = new Set()
    this.#open?.reset()
  }

  async #load(): Promise<void> {
    try {
      const { threads } = await this.#options.request('threads.list', { limit: 100 })
      batch(() => {
        const held = this.#open && this.#threads.peek().get(this.#open.threadId)
        this.#threads.value = new Map(
          [...(held ? [held] : []), ...threads].map((thread) => [thread.message.id, this.#withMark(thread)]),
        )
        this.#ready.value = true
      })
    } catch (error) {
      // The next `state` requests it again.
      if (!isRequestError(error)) throw error
    }
  }

  async #refresh(id: string): Promise<void> {
    try {
      this.#setThread((await this.#options.request('threads.get', { messageId: id })).thread)
    } catch (error) {
      if (!isRequestError(error)) throw error
    }
  }

  /** What the hub does not know yet is read all the same. */
  #withMark(thread: Thread): Thread {
    const mark = this.#readMarks.get(thread.message.id) ?? 0
    return mark <= thread.readNo ? thread : { ...thread, readNo: mark, unread: 0, mentions: 0 }
  }

  #setThread(thread: Thread): void {
    const held = this.#threads.peek().get(thread.message.id)
    const readNo = Math.max(thread.readNo, held?.readNo ?? 0)
    const { unread, mentions } = held && held.readNo > thread.readNo ? held : thread
    const message = held && held.message.rev > thread.message.rev ? held.message : thread.message
    const next = { ...thread, message, readNo, unread, mentions }
    this.#options.recentMessages.setParent(message.id, message)
    this.#threads.value = new Map(this.#threads.peek()).set(thread.message.id, next)
  }
}
