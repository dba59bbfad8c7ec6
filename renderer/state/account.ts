// Everything that belongs to one person on one hub: made when they come in, closed when they go, so that nothing that
// is still on its way can end up with somebody else.
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { EntryOf } from '../../shared/contract/entries.ts'
import { liveTimings, type FromHub, type Me } from '../../shared/contract/live.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import { readMediaSize } from './media-size.ts'
import { sendFile } from './send-file.ts'
import { addressesOf } from '../connection/addresses.ts'
import { Timer } from '../connection/timer.ts'
import { HubConnection } from '../connection/hub-connection.ts'
import {
  isRequestError,
  createRequest,
  offlineError,
  type Request,
  type RequestError,
} from '../connection/request.ts'
import type { Platform } from '../connection/platform.ts'
import { Cache, type CacheContent } from '../sync/cache.ts'
import { applyEntry, applyMessage, type EntryStores } from './apply-entry.ts'
import { Edits, type Edit } from './edits.ts'
import { Outbox, type PendingMessage } from './outbox.ts'
import { Streams } from '../sync/streams.ts'
import { RecentMessages } from './recent-messages.ts'
import { createUuidGenerator } from './uuid.ts'
import { IdleDetector } from './idle-detector.ts'
import { ChatList } from './chat-list.ts'
import { Chats, mightMention } from './chats.ts'
import { Conversations } from './conversations.ts'
import { Drafts } from './drafts.ts'
import { EditDrafts } from './edit-drafts.ts'
import { Groups } from './groups.ts'
import { Users } from './users.ts'
import { Pins } from './pins.ts'
import { ChatRevisions } from './chat-revisions.ts'
import { PresenceStore } from './presence.ts'
import { batch } from '../signals/signal.ts'
import { Saved } from './saved.ts'
import { Search } from './search.ts'
import { Sessions } from './sessions.ts'
import { Threads } from './threads.ts'
import { Typing } from './typing.ts'
import { Uploads } from './uploads.ts'

export interface AccountOptions {
  base: string
  hubId: string
  myId: string
  myUsername: () => string
  /** Watched. */
  settings: () => Readonly<Settings>
  platform: Platform
  credentials: () => Promise<{ csrf?: string | undefined }>
  csrf: () => string | undefined
  onMe: (me: Me) => void
  onMyChanges: (changes: { user?: User; settings?: Settings }) => void
  onHubChanges: (changes: Partial<Pick<HubMeta, 'name' | 'registration' | 'recoveryByQuestion'>>) => void
  /** The session is over. */
  onSessionEnded: () => void
  /** Another hub answers at this address. */
  onHubMismatch: () => void
}

/** Further behind than this, the newest page is asked for instead of every entry. */
const maxEntriesBehind = 1000

export class Account {
  readonly #options: AccountOptions
  readonly #streams: Streams
  readonly #recentMessages: RecentMessages
  readonly #outbox: Outbox
  readonly #idleDetector: IdleDetector
  readonly #stores: EntryStores
  readonly #delivered = new Map<string, number>()
  readonly #deliverTimer: Timer
  readonly #usersTimer: Timer
  readonly #unsubscribes: (() => void)[] = []
  #epoch: string | undefined
  #stateHead = 0

  readonly cache: Cache
  readonly connection: HubConnection
  readonly request: Request
  readonly chats: Chats
  readonly chatList: ChatList
  readonly users: Users
  readonly presence: PresenceStore
  readonly typing: Typing
  readonly drafts: Drafts
  readonly edits: Edits
  readonly editDrafts: EditDrafts
  readonly uploads: Uploads
  readonly groups: Groups
  readonly sessions: Sessions
  readonly search: Search
  readonly conversations: Conversations
  readonly threads: Threads
  readonly pins: Pins
  readonly chatRevisions = new ChatRevisions()
  readonly saved: Saved

  /** Opens what is kept of this person; nothing is asked of the hub before `start`. */
  static async open(options: AccountOptions): Promise<Account> {
    const { indexedDB, clock } = options.platform
    const cache = await Cache.open(indexedDB, cacheName(options), clock)
    return new Account(options, cache, await cache.readAll())
  }

  private constructor(options: AccountOptions, cache: Cache, content: CacheContent) {
    this.#options = options
    this.cache = cache
    const { base, myId, myUsername, platform: surroundings } = options
    const { clock, window, random, randomBytes, openSocket, locks, openChannel } = surroundings
    const epoch = content.meta.get('epoch')
    this.#epoch = typeof epoch === 'string' ? epoch : undefined

    this.connection = new HubConnection({
      address: addressesOf(base).live,
      platform: { clock, window, random, openSocket },
      credentials: options.credentials,
      epoch: () => this.#epoch,
      onMessage: (message) => this.#onMessage(message),
      onDropped: () => this.#onConnectionDropped(),
      onSessionEnded: options.onSessionEnded,
    })
    const request = createRequest({
      base,
      platform: surroundings,
      connection: () => this.connection,
      csrf: options.csrf,
    })
    this.request = request
    const isLive = () => this.connection.isLive

    this.users = new Users({ request, cache, content })
    this.chats = new Chats({ myId, myUsername, request, users: this.users, cache, content })
    const newId = createUuidGenerator(() => clock.now(), randomBytes)
    const { settings } = options
    this.chatList = new ChatList({ chats: this.chats, settings, request, cache, content, newId })
    this.sessions = new Sessions(request)
    this.pins = new Pins(request)
    this.saved = new Saved(request)
    this.groups = new Groups({ request, chats: this.chats })
    this.presence = new PresenceStore(request)
    this.typing = new Typing({ myId, clock, send: (message) => this.connection.send(message) })
    this.search = new Search({ request, clock, cache, content })
    this.drafts = new Drafts(cache, content.drafts)
    this.#recentMessages = new RecentMessages(cache, () => clock.now(), content)
    this.#streams = new Streams({
      clock,
      readStream: (input) => (isLive() ? request('streams.read', input) : Promise.reject(offlineError())),
      apply: (entry) => applyEntry(this.#stores, entry),
      onReset: (stream) => this.#resetStream(stream),
      onGone: (stream) => this.#onStreamGone(stream),
      onCursorMoved: (stream, cursor) => this.#onCursorMoved(stream, cursor),
    })
    this.uploads = new Uploads({
      name: cacheName(options),
      cache,
      clock,
      locks,
      openChannel,
      endpoint: () => new URL(addressesOf(base).api('/api/files'), document.baseURI).href,
      csrf: options.csrf,
      isLive,
      send: sendFile,
      remove: (fileId) => removeUpload(options, fileId),
      readMediaSize: readMediaSize,
      newId,
      content: content.uploads,
      onChanged: () => this.#outbox.drain(),
    })
    this.uploads.dropSent(new Set(content.outbox.keys()))
    this.#outbox = new Outbox({
      name: cacheName(options),
      cache,
      clock,
      locks,
      openChannel,
      request,
      isLive,
      cursorOf: (chatId) => this.#streams.cursor(`chat:${chatId}`),
      createCid: newId,
      content: content.outbox,
      files: this.uploads,
    })
    this.editDrafts = new EditDrafts(this.drafts)
    this.edits = new Edits({
      cache,
      clock,
      request,
      isLive,
      content: content.edits,
      onDone: (chatId, message) => applyMessage(this.#stores, chatId, message),
      onRefused: (edit, error) => this.#onEditRefused(edit, error),
    })
    this.conversations = new Conversations(
      {
        myId,
        request,
        isLive,
        clock,
        window,
        chats: this.chats,
        users: this.users,
        typing: this.typing,
        drafts: this.drafts,
        outbox: this.#outbox,
        edits: this.edits,
        uploads: this.uploads,
        recentMessages: this.#recentMessages,
      },
      (chatId) => this.#streams.cursor(`chat:${chatId}`) ?? 0,
    )
    this.threads = new Threads({
      myId,
      request,
      isLive,
      window,
      outbox: this.#outbox,
      edits: this.edits,
      drafts: this.drafts,
      uploads: this.uploads,
      recentMessages: this.#recentMessages,
      cache,
      content,
      mightMentionMe: (text) => mightMention(text, myUsername()),
    })
    this.#stores = {
      myId,
      chats: this.chats,
      users: this.users,
      groups: this.groups,
      sessions: this.sessions,
      typing: this.typing,
      threads: this.threads,
      pins: this.pins,
      chatRevisions: this.chatRevisions,
      saved: this.saved,
      conversations: this.conversations,
      outbox: this.#outbox,
      recentMessages: this.#recentMessages,
      stateHead: () => this.#stateHead,
      onChatAdded: ({ chat }) => this.#onChatAdded(chat),
      onChatRemoved: (entry) => this.#onChatRemoved(entry),
      onMyChanges: (changes) => {
        if (changes.settings?.hideLastSeen) this.presence.clearLastSeen()
        options.onMyChanges(changes)
      },
      onHubChanges: options.onHubChanges,
      onMessageArrived: (chatId, no) => this.#sendDelivered(chatId, no),
    }
    this.#idleDetector = new IdleDetector(surroundings)
    this.#deliverTimer = new Timer(clock)
    this.#usersTimer = new Timer(clock)
    for (const [chatId, cursor] of this.#recentMessages.cursors())
      this.#streams.follow(`chat:${chatId}`, cursor)
    if (this.users.cursor !== undefined) this.#streams.follow('hub', this.users.cursor)
    const cursor = content.meta.get('cursor')
    if (typeof cursor === 'number') this.#streams.follow(this.#userStream, cursor)
  }

  start(): void {
    this.#unsubscribes.push(
      this.#options.platform.window.onHide(() => void this.cache.flush()),
      this.#idleDetector.state.subscribe((state) => this.connection.send({ t: 'presence', state })),
    )
    this.connection.start()
  }

  /** `keep`: what stays on this machine. Going by choice forgets what was not sent, being put out does not. */
  async close(keep: 'everything' | 'unsent' | 'drafts' = 'everything'): Promise<void> {
    for (const off of this.#unsubscribes) off()
    this.connection.stop()
    this.#streams.pause()
    this.#idleDetector.close()
    this.typing.clear()
    this.#deliverTimer.clear()
    this.#usersTimer.clear()
    this.#outbox.close()
    this.edits.close()
    this.search.close()
    this.chatList.close()
    this.uploads.close()
    this.conversations.closeAll()
    if (keep !== 'everything')
      await this.cache.purge(keep === 'unsent' ? ['drafts', 'outbox', 'uploads', 'edits'] : ['drafts'])
    await this.cache.close()
  }

  forward(chatId: string, text: string, source: PendingMessage['forward']): void {
    this.#outbox.add(chatId, text, { forward: source })
  }

  get #userStream(): string {
    return `user:${this.#options.myId}`
  }

  #onMessage(message: FromHub): void {
    switch (message.t) {
      case 'hello':
        if (message.hubId !== this.#options.hubId || message.user !== this.#options.myId)
          this.#options.onHubMismatch()
        return
      case 'state':
        return this.#applyState(message)
      case 'entry': {
        const { t: _, ...entry } = message
        return this.#streams.receive(entry)
      }
      case 'behind':
        this.presence.applyAll(message.presence)
        for (const [stream, head] of Object.entries(message.heads)) this.#streams.noteHead(stream, head)
        return
      case 'presence':
        return this.presence.apply(message.user, message.state, message.lastSeen)
      case 'typing':
        return this.typing.apply(message.chat, message.user)
      case 'read':
        this.chats.applyRead(message.chat, message.user, message.no)
        this.conversations.find(message.chat)?.members.applyReceipt(message.user, { readNo: message.no })
        return
      case 'threadRead':
        this.threads.applyRead(message.thread, message.no)
        if (this.chats.peek(message.chat)?.threadMentions) void this.chats.refresh(message.chat)
        return
      case 'delivered':
        this.chats.applyDelivered(message.chat, message.user, message.no)
        this.conversations.find(message.chat)?.members.applyReceipt(message.user, { deliveredNo: message.no })
        return
      default:
    }
  }

  #applyState(state: Extract<FromHub, { t: 'state' }>): void {
    if (this.#isOtherHistory(state)) this.#resetHistory()
    this.#epoch = state.epoch
    this.cache.put('meta', 'epoch', state.epoch)
    const head = state.heads[this.#userStream] ?? 0
    this.#stateHead = head
    this.#options.onMe(state.me)
    this.#dropMissingChats(state.chats)
    this.chats.applyState(state.chats)
    this.presence.applyAll(state.presence)
    this.#streams.resume()
    // What is on screen comes first.
    const current = this.chats.current.peek()
    const inOrder = [...state.chats].sort((a, b) => Number(b.id === current) - Number(a.id === current))
    for (const chat of inOrder) this.#followChat(chat)
    if (this.#streams.cursor(this.#userStream) === undefined) this.#streams.follow(this.#userStream, head)
    else this.#streams.noteHead(this.#userStream, head)
    this.#followHub(state.heads['hub'] ?? 0)
    for (const chat of state.chats) if (chat.unread > 0) this.#sendDelivered(chat.id, chat.lastNo)
    for (const conversation of this.conversations.all()) conversation.onReconnected()
    this.threads.onState()
    this.pins.onState()
    this.chatRevisions.onState()
    this.saved.onState()
    if (this.#idleDetector.state.peek() === 'idle') this.connection.send({ t: 'presence', state: 'idle' })
    this.uploads.drain()
    this.edits.drain()
    this.#outbox.drain()
  }

  /** A restored hub: another epoch, or a stream that is shorter than what we have of it. */
  #isOtherHistory(state: Extract<FromHub, { t: 'state' }>): boolean {
    if (this.#epoch !== undefined && this.#epoch !== state.epoch) return true
    const heads: [string, number][] = [
      ...Object.entries(state.heads),
      ...state.chats.map((chat): [string, number] => [`chat:${chat.id}`, chat.head]),
    ]
    return heads.some(([stream, head]) => head < (this.#streams.cursor(stream) ?? 0))
  }

  #resetHistory(): void {
    this.#streams.clear()
    this.#recentMessages.clear()
    this.#outbox.resetAttempts()
    this.users.reset()
    this.groups.reset()
    this.threads.reset()
    for (const conversation of this.conversations.all()) conversation.reset()
  }

  #dropMissingChats(chats: readonly ChatSummary[]): void {
    const mine = new Set(chats.map((chat) => chat.id))
    for (const { id } of this.chats.list.peek()) if (!mine.has(id)) this.#purgeChat(id)
    for (const [chatId] of this.#recentMessages.cursors()) if (!mine.has(chatId)) this.#purgeChat(chatId)
  }

  #followChat(chat: ChatSummary): void {
    const stream = `chat:${chat.id}`
    const cursor = this.#streams.cursor(stream)
    const conversation = this.conversations.find(chat.id)
    const isKept = this.#recentMessages.get(chat.id) !== undefined || conversation !== undefined
    if (cursor !== undefined && isKept && chat.head - cursor <= maxEntriesBehind) {
      return this.#streams.noteHead(stream, chat.head)
    }
    // without a cursor, what a page has brought before this is of an unknown time
    if (cursor === undefined || cursor < chat.head) {
      this.#recentMessages.drop(chat.id)
      conversation?.reset()
      this.threads.resetChat(chat.id)
    }
    this.#streams.follow(stream, Math.max(chat.head, cursor ?? 0))
  }

  #followHub(head: number): void {
    if (this.users.cursor !== undefined) this.#streams.noteHead('hub', head)
    else void this.#loadUsers(head)
  }

  async #loadUsers(head: number): Promise<void> {
    this.#streams.drop('hub')
    this.#streams.noteHead('hub', head)
    try {
      if (await this.users.load(head)) this.#streams.follow('hub', head)
    } catch (error) {
      if (!isRequestError(error)) throw error
      // Without a hub the next `state` begins it again.
      const wait = (error.retryAfter ?? 2) * 1000
      if (error.code !== 'offline') this.#usersTimer.set(wait, () => void this.#loadUsers(head))
    }
  }

  #onChatAdded(chat: ChatSummary): void {
    const cursor = this.#streams.cursor(`chat:${chat.id}`)
    this.chats.put(chat, 'led by my stream')
    this.saved.onPageOpened()
    if (cursor === undefined) this.#streams.follow(`chat:${chat.id}`, chat.head)
    else this.#streams.noteHead(`chat:${chat.id}`, chat.head)
    this.conversations.find(chat.id)?.onReconnected()
  }

  #onChatRemoved({ chatId, reason }: EntryOf<'chat.removed'>): void {
    const chat = this.chats.peek(chatId)
    if (
      chat?.visibility === 'public' &&
      reason !== 'deleted' &&
      chat.name !== undefined &&
      chat.memberCount > 1
    ) {
      const { id, name, topic, memberCount } = chat
      this.groups.add({
        id,
        name,
        memberCount: memberCount - 1,
        ...(topic === undefined ? {} : { topic }),
      })
    }
    this.#purgeChat(chatId)
  }

  #purgeChat(chatId: string): void {
    this.#streams.drop(`chat:${chatId}`)
    this.#recentMessages.drop(chatId)
    this.conversations.close(chatId)
    this.uploads.onChatLeft(chatId)
    this.edits.onChatLeft(chatId)
    this.threads.onChatLeft(chatId)
    this.pins.onChatLeft(chatId)
    this.saved.onChatLeft(chatId)
    this.chats.remove(chatId)
    this.#outbox.failChat(chatId, 'You are no longer a member of this chat.')
  }

  #resetStream(stream: string): void {
    if (stream === 'hub') {
      void this.#loadUsers(this.#streams.cursor('hub') ?? 0)
      this.groups.reset()
    } else if (stream === this.#userStream) {
      void this.#refreshChats()
    } else {
      const chatId = stream.slice('chat:'.length)
      this.#recentMessages.drop(chatId)
      const conversation = this.conversations.find(chatId)
      conversation?.reset()
      conversation?.onReconnected()
      this.threads.resetChat(chatId)
      void this.chats.refresh(chatId)
    }
  }

  /** Entries about my chats were lost: what there is now is asked for. */
  async #refreshChats(): Promise<void> {
    try {
      const { chats } = await this.request('chats.list')
      this.#dropMissingChats(chats)
      for (const chat of chats) this.#onChatAdded(chat)
    } catch (error) {
      if (!isRequestError(error)) throw error
    }
  }

  #onStreamGone(stream: string): void {
    if (stream.startsWith('chat:')) this.#purgeChat(stream.slice('chat:'.length))
  }

  #onCursorMoved(stream: string, cursor: number): void {
    if (stream === 'hub') this.users.setCursor(cursor)
    else if (stream === this.#userStream) this.cache.put('meta', 'cursor', cursor)
    else {
      const chatId = stream.slice('chat:'.length)
      this.#recentMessages.setCursor(chatId, cursor)
      this.#outbox.settleUpTo(chatId, cursor)
    }
  }

  #sendDelivered(chatId: string, no: number): void {
    this.#delivered.set(chatId, Math.max(no, this.#delivered.get(chatId) ?? 0))
    this.#deliverTimer.setIfUnset(liveTimings.receiptIntervalMs, () => {
      for (const [chat, upTo] of this.#delivered) this.connection.send({ t: 'delivered', chat, no: upTo })
      this.#delivered.clear()
    })
  }

  /** Back to where it was written, if nothing else is edited there now. */
  #onEditRefused({ id, chatId, draftKey: place, rev, text }: Edit, error: RequestError): boolean {
    if (this.editDrafts.get(place)) return false
    // whoever reads of the conflict and saves again means it
    const now = this.conversations.find(chatId)?.messages.find((each) => each.id === id)?.rev
    const base = error.code === 'conflict' ? now : rev
    this.editDrafts.set(place, { id, rev: base, text, problem: error.message })
    return true
  }

  #onConnectionDropped(): void {
    batch(() => {
      this.#streams.pause()
      this.presence.clear()
      this.typing.clear()
      this.edits.pauseAll()
      for (const conversation of this.conversations.all()) conversation.onReconnected()
    })
  }
}

async function removeUpload(
  { base, csrf, platform: surroundings }: Pick<AccountOptions, 'base' | 'csrf' | 'platform'>,
  fileId: string,
): Promise<void> {
  const token = csrf()
  await surroundings.fetch(addressesOf(base).api(`/api/files/${fileId}`), {
    method: 'DELETE',
    credentials: 'same-origin',
    headers: { 'tus-resumable': '1.0.0', ...(token === undefined ? {} : { 'x-csrf-token': token }) },
  })
}

function cacheName({ hubId, myId }: Pick<AccountOptions, 'hubId' | 'myId'>): string {
  return `hubbub-${hubId}-${myId}`
}
