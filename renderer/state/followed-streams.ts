// The streams of an account: the user's own, the hub's, and one for each chat. Decides from which entry on each is
// followed, and when a gap is too large to be read.
//
// - A chat is followed from the head of its summary, or from the cursor of what is cached of it.
// - The hub's stream is followed once all users are loaded as of its head; on a large hub, which does not list all, at once.
// - A smaller head than our cursor, or another epoch, means that the hub was restored: nothing we have can be continued.
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { Have } from '../../shared/contract/live.ts'
import type { Clock } from '../connection/platform.ts'
import type { Input, Output } from '../../shared/contract.ts'
import { isEntryPage } from '../connection/entry-forms.ts'
import { fromWireError, isRequestError, offlineError, type Request } from '../connection/request.ts'
import { Timer } from '../connection/timer.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { Streams } from '../sync/streams.ts'
import { applyEntry } from './apply-entry.ts'
import type { Chats } from './chats.ts'
import type { Conversations } from './conversations.ts'
import type { RecentMessages } from './recent-messages.ts'
import { chatIdOf, type LiveState, type Store } from './store.ts'
import type { Users } from './users.ts'

export interface FollowedStreamsOptions {
  myId: string
  clock: Clock
  request: Request
  isLive: () => boolean
  cache: Pick<Cache, 'put'>
  content: Pick<CacheContent, 'meta'>
  chats: Chats
  users: Users
  conversations: Conversations
  recentMessages: RecentMessages
  /** All stores, these included. */
  stores: readonly Store[]
}

/** Further behind than this, the newest page is fetched instead of every entry. */
const maxEntriesBehind = 1000
const defaultRetryDelayMs = 2_000

export class FollowedStreams {
  readonly #options: FollowedStreamsOptions
  readonly #streams: Streams
  readonly #stores: readonly Store[]
  readonly #usersTimer: Timer
  readonly #unsubscribe: () => void
  #epoch: string | undefined
  /** The latest `state` covers the user's own stream up to here. */
  #stateHead = 0

  constructor(options: FollowedStreamsOptions) {
    this.#options = options
    const { clock, content, stores, users, recentMessages } = options
    const own: Store = {
      applyEntry: (entry) => this.#applyMembership(entry),
      onCursorMoved: (stream, cursor) => {
        // with the messages that its entries have hidden, which are gathered for longer
        if (stream === this.#userStream) options.cache.put('meta', 'cursor', cursor, 'later')
      },
    }
    this.#stores = [...stores, own]
    this.#usersTimer = new Timer(clock)
    const epoch = content.meta.get('epoch')
    this.#epoch = typeof epoch === 'string' ? epoch : undefined
    this.#streams = new Streams({
      clock,
      readStream: (input) => this.#readStream(input),
      apply: (entry) => applyEntry(this.#stores, entry, this.#stateHead),
      onReset: (stream) => this.#onReset(stream),
      onGone: (stream) => {
        const chatId = chatIdOf(stream)
        if (chatId !== undefined) this.#leaveChat(chatId)
      },
      onCursorMoved: (stream, moved) => {
        for (const store of this.#stores) store.onCursorMoved?.(stream, moved)
      },
    })
    // What the chat on screen lacks is read first.
    this.#unsubscribe = options.chats.current.subscribe((chatId) => {
      if (chatId !== undefined) this.#streams.prefer(`chat:${chatId}`)
    })
    for (const [chatId, chatCursor] of recentMessages.cursors())
      this.#streams.follow(`chat:${chatId}`, chatCursor)
    if (users.cursor !== undefined) this.#streams.follow('hub', users.cursor)
    const cursor = content.meta.get('cursor')
    if (typeof cursor === 'number') this.#streams.follow(this.#userStream, cursor)
  }

  /** @throws RequestError */
  async #readStream(input: Input<'streams.read'>): Promise<Output<'streams.read'>> {
    const { isLive, request } = this.#options
    if (!isLive()) throw offlineError()
    const page = await request('streams.read', input)
    // tried again, as a page that did not arrive
    if (!isEntryPage(page)) throw fromWireError(undefined)
    return page
  }

  /** Of the history that is held here; undefined before the first connection. */
  get epoch(): string | undefined {
    return this.#epoch
  }

  cursorOf(chatId: string): number | undefined {
    return this.#streams.cursor(`chat:${chatId}`)
  }

  receive(entry: Entry): void {
    this.#streams.receive(entry)
  }

  noteHeads(heads: Readonly<Record<StreamId, number>>): void {
    for (const [stream, head] of Object.entries(heads)) this.#streams.noteHead(stream, head)
  }

  pause(): void {
    this.#streams.pause()
  }

  close(): void {
    this.#unsubscribe()
    this.#streams.pause()
    this.#usersTimer.clear()
  }

  /** What the next `state` of this hub need not bring. */
  have(isLarge: boolean): Have {
    const { users, chats } = this.#options
    if (!users.canContinue(isLarge)) {
      users.startOver()
      this.#streams.drop('hub')
    }
    const hub = users.cursor === undefined ? {} : { hub: users.cursor }
    return { ...hub, chats: chats.digests() }
  }

  /** Gives the state to the stores, and follows every stream from it on. */
  applyState(received: LiveState): void {
    const state = this.#options.chats.complete(received)
    if (this.#isOtherHistory(state)) this.#forgetHistory()
    this.#epoch = state.epoch
    this.#options.cache.put('meta', 'epoch', state.epoch)
    const head = state.heads[this.#userStream] ?? 0
    this.#stateHead = head
    this.#leaveMissingChats(state.chats)
    for (const store of this.#stores) store.applyState?.(state)
    this.#streams.resume()
    // The chat on screen comes first.
    const current = this.#options.chats.current.peek()
    const inOrder = [...state.chats].sort((a, b) => Number(b.id === current) - Number(a.id === current))
    for (const chat of inOrder) this.#followChat(chat)
    if (this.#streams.cursor(this.#userStream) === undefined) this.#streams.follow(this.#userStream, head)
    else this.#streams.noteHead(this.#userStream, head)
    if (state.since?.entries) this.#streams.jump('hub', state.since.entries, state.heads['hub'] ?? 0)
    this.#followHub(state.heads['hub'] ?? 0)
  }

  get #userStream(): StreamId {
    return `user:${this.#options.myId}`
  }

  #isOtherHistory(state: LiveState): boolean {
    if (this.#epoch !== undefined && this.#epoch !== state.epoch) return true
    const heads: [string, number][] = [
      ...Object.entries(state.heads),
      ...state.chats.map((chat): [string, number] => [`chat:${chat.id}`, chat.head]),
    ]
    return heads.some(([stream, head]) => head < (this.#streams.cursor(stream) ?? 0))
  }

  #forgetHistory(): void {
    this.#streams.clear()
    for (const store of this.#stores) store.onHistoryReset?.()
  }

  #leaveMissingChats(chats: readonly ChatSummary[]): void {
    const mine = new Set(chats.map((chat) => chat.id))
    const { chats: held, recentMessages } = this.#options
    for (const { id } of held.list.peek()) if (!mine.has(id)) this.#leaveChat(id)
    for (const [chatId] of recentMessages.cursors()) if (!mine.has(chatId)) this.#leaveChat(chatId)
  }

  #followChat(chat: ChatSummary): void {
    const stream = `chat:${chat.id}`
    const cursor = this.#streams.cursor(stream)
    const { recentMessages, conversations } = this.#options
    const isHeld = recentMessages.get(chat.id) !== undefined || conversations.find(chat.id) !== undefined
    if (cursor !== undefined && isHeld && chat.head - cursor <= maxEntriesBehind) {
      const isUsed = conversations.find(chat.id) !== undefined || recentMessages.wasUsedLately(chat.id)
      return this.#streams.noteHead(stream, chat.head, !isUsed)
    }
    // Without a cursor it is unknown of which time a page is that came before this.
    if (cursor === undefined || cursor < chat.head) for (const store of this.#stores) store.onReset?.(stream)
    this.#streams.follow(stream, Math.max(chat.head, cursor ?? 0))
  }

  #followHub(head: number): void {
    const { cursor } = this.#options.users
    if (cursor === undefined) void this.#loadUsers(head)
    else if (this.#streams.cursor('hub') === undefined) this.#streams.follow('hub', cursor)
    else this.#streams.noteHead('hub', head)
  }

  async #loadUsers(head: number): Promise<void> {
    this.#streams.drop('hub')
    this.#streams.noteHead('hub', head)
    try {
      if (await this.#options.users.load(head)) this.#streams.follow('hub', head)
    } catch (error) {
      if (!isRequestError(error)) throw error
      // Without a hub the next `state` begins it again.
      if (error.code === 'offline') return
      const wait = error.retryAfter === undefined ? defaultRetryDelayMs : error.retryAfter * 1000
      this.#usersTimer.set(wait, () => void this.#loadUsers(head))
    }
  }

  #applyMembership(entry: Entry): void {
    if (entry.type === 'chat.added') this.#addChat(entry.chat)
    else if (entry.type === 'chat.removed') this.#leaveChat(entry.chatId)
  }

  #addChat(chat: ChatSummary): void {
    const stream = `chat:${chat.id}`
    const cursor = this.#streams.cursor(stream)
    this.#options.chats.put(chat, 'from user stream')
    if (cursor === undefined) this.#streams.follow(stream, chat.head)
    else this.#streams.noteHead(stream, chat.head)
    for (const store of this.#stores) store.onChatFollowed?.(chat.id)
  }

  #leaveChat(chatId: string): void {
    this.#streams.drop(`chat:${chatId}`)
    for (const store of this.#stores) store.onChatLeft?.(chatId)
  }

  #onReset(stream: StreamId): void {
    for (const store of this.#stores) store.onReset?.(stream)
    const chatId = chatIdOf(stream)
    if (chatId !== undefined) {
      for (const store of this.#stores) store.onChatFollowed?.(chatId)
      void this.#options.chats.refresh(chatId)
    } else if (stream === 'hub') void this.#loadUsers(this.#streams.cursor('hub') ?? 0)
    else void this.#refreshChats()
  }

  /** Entries about the user's chats are missing: fetches the chats there are now. */
  async #refreshChats(): Promise<void> {
    try {
      const { chats } = await this.#options.request('chats.list')
      this.#leaveMissingChats(chats)
      for (const chat of chats) this.#addChat(chat)
    } catch (error) {
      if (!isRequestError(error)) throw error
    }
  }
}
