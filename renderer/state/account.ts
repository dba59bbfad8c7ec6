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
import { addressesOf } from '../link/addresses.ts'
import { Alarm } from '../link/alarm.ts'
import { Link } from '../link/link.ts'
import {
  isRequestError,
  makeRequest,
  offlineError,
  type Request,
  type RequestError,
} from '../link/request.ts'
import type { Surroundings } from '../link/surroundings.ts'
import { Cache, type CacheContent } from '../sync/cache.ts'
import { applyEntry, changeMessage, type Changed } from '../sync/entries.ts'
import { Edits, type Edit } from '../sync/edits.ts'
import { Outbox, type Outgoing } from '../sync/outbox.ts'
import { Streams } from '../sync/streams.ts'
import { Tails } from '../sync/tails.ts'
import { uuidMaker } from '../sync/uuid.ts'
import { Attention } from './attention.ts'
import { ChatList } from './chat-list.ts'
import { Chats, mayCall } from './chats.ts'
import { Conversations } from './conversations.ts'
import { Drafts } from './drafts.ts'
import { EditDrafts } from './edit-drafts.ts'
import { Groups } from './groups.ts'
import { People } from './people.ts'
import { Pins } from './pins.ts'
import { Touched } from './touched.ts'
import { Presences } from './presence.ts'
import { batch } from './signal.ts'
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
  surroundings: Surroundings
  credentials: () => Promise<{ csrf?: string | undefined }>
  csrf: () => string | undefined
  meChanged: (me: Me) => void
  iChanged: (changes: { user?: User; settings?: Settings }) => void
  hubChanged: (changes: Partial<Pick<HubMeta, 'name' | 'registration' | 'recoveryByQuestion'>>) => void
  /** The session is over. */
  ended: () => void
  /** Another hub answers at this address. */
  strange: () => void
}

/** Further behind than this, the newest page is asked for instead of every entry. */
const readsUpTo = 1000

export class Account {
  readonly #options: AccountOptions
  readonly #streams: Streams
  readonly #tails: Tails
  readonly #outbox: Outbox
  readonly #attention: Attention
  readonly #here: Changed
  readonly #delivered = new Map<string, number>()
  readonly #deliverSoon: Alarm
  readonly #peopleSoon: Alarm
  readonly #offs: (() => void)[] = []
  #epoch: string | undefined
  #toldUpTo = 0

  readonly cache: Cache
  readonly link: Link
  readonly request: Request
  readonly chats: Chats
  readonly chatList: ChatList
  readonly people: People
  readonly presences: Presences
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
  readonly touched = new Touched()
  readonly saved: Saved

  /** Opens what is kept of this person; nothing is asked of the hub before `start`. */
  static async open(options: AccountOptions): Promise<Account> {
    const { indexedDB, clock } = options.surroundings
    const cache = await Cache.open(indexedDB, accountName(options), clock)
    return new Account(options, cache, await cache.readAll())
  }

  private constructor(options: AccountOptions, cache: Cache, content: CacheContent) {
    this.#options = options
    this.cache = cache
    const { base, myId, myUsername, surroundings } = options
    const { clock, window, random, randomBytes, openSocket, locks, openChannel } = surroundings
    const epoch = content.meta.get('epoch')
    this.#epoch = typeof epoch === 'string' ? epoch : undefined

    this.link = new Link({
      address: addressesOf(base).live,
      surroundings: { clock, window, random, openSocket },
      credentials: options.credentials,
      epoch: () => this.#epoch,
      receive: (message) => this.#receive(message),
      dropped: () => this.#dropped(),
      ended: options.ended,
    })
    const request = makeRequest({ base, surroundings, link: () => this.link, csrf: options.csrf })
    this.request = request
    const isLive = () => this.link.isLive

    this.people = new People({ request, cache, content })
    this.chats = new Chats({ myId, myUsername, request, people: this.people, cache, content })
    const newId = uuidMaker(() => clock.now(), randomBytes)
    const { settings } = options
    this.chatList = new ChatList({ chats: this.chats, settings, request, cache, content, newId })
    this.sessions = new Sessions(request)
    this.pins = new Pins(request)
    this.saved = new Saved(request)
    this.groups = new Groups({ request, chats: this.chats })
    this.presences = new Presences(request)
    this.typing = new Typing({ myId, clock, send: (message) => this.link.send(message) })
    this.search = new Search({ request, clock, cache, content })
    this.drafts = new Drafts(cache, content.drafts)
    this.#tails = new Tails(cache, () => clock.now(), content)
    this.#streams = new Streams({
      clock,
      read: (input) => (isLive() ? request('streams.read', input) : Promise.reject(offlineError())),
      apply: (entry) => applyEntry(this.#here, entry),
      reset: (stream) => this.#reset(stream),
      gone: (stream) => this.#gone(stream),
      moved: (stream, cursor) => this.#moved(stream, cursor),
    })
    this.uploads = new Uploads({
      name: accountName(options),
      cache,
      clock,
      locks,
      openChannel,
      endpoint: () => new URL(addressesOf(base).api('/api/files'), document.baseURI).href,
      csrf: options.csrf,
      isLive,
      send: sendFile,
      remove: (fileId) => removeUpload(options, fileId),
      measure: readMediaSize,
      newId,
      content: content.uploads,
      changed: () => this.#outbox.drain(),
    })
    this.uploads.forgetSent(new Set(content.outbox.keys()))
    this.#outbox = new Outbox({
      name: accountName(options),
      cache,
      clock,
      locks,
      openChannel,
      request,
      isLive,
      cursorOf: (chatId) => this.#streams.cursor(`chat:${chatId}`),
      newCid: newId,
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
      done: (chatId, message) => changeMessage(this.#here, chatId, message),
      refused: (edit, error) => this.#editRefused(edit, error),
    })
    this.conversations = new Conversations(
      {
        myId,
        request,
        isLive,
        clock,
        window,
        chats: this.chats,
        people: this.people,
        typing: this.typing,
        drafts: this.drafts,
        outbox: this.#outbox,
        edits: this.edits,
        uploads: this.uploads,
        tails: this.#tails,
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
      tails: this.#tails,
      cache,
      content,
      mayCallMe: (text) => mayCall(text, myUsername()),
    })
    this.#here = {
      myId,
      chats: this.chats,
      people: this.people,
      groups: this.groups,
      sessions: this.sessions,
      typing: this.typing,
      threads: this.threads,
      pins: this.pins,
      touched: this.touched,
      saved: this.saved,
      conversations: this.conversations,
      outbox: this.#outbox,
      tails: this.#tails,
      toldUpTo: () => this.#toldUpTo,
      chatAdded: ({ chat }) => this.#chatAdded(chat),
      chatRemoved: (entry) => this.#chatRemoved(entry),
      iChanged: (changes) => {
        if (changes.settings?.hideLastSeen) this.presences.forgetLastSeen()
        options.iChanged(changes)
      },
      hubChanged: options.hubChanged,
      messageArrived: (chatId, no) => this.#tellDelivered(chatId, no),
    }
    this.#attention = new Attention(surroundings)
    this.#deliverSoon = new Alarm(clock)
    this.#peopleSoon = new Alarm(clock)
    for (const [chatId, cursor] of this.#tails.cursors()) this.#streams.follow(`chat:${chatId}`, cursor)
    if (this.people.cursor !== undefined) this.#streams.follow('hub', this.people.cursor)
    const cursor = content.meta.get('cursor')
    if (typeof cursor === 'number') this.#streams.follow(this.#mine, cursor)
  }

  start(): void {
    this.#offs.push(
      this.#options.surroundings.window.onHide(() => void this.cache.flush()),
      this.#attention.state.subscribe((state) => this.link.send({ t: 'presence', state })),
    )
    this.link.start()
  }

  /** `keep`: what stays on this machine. Going by choice forgets what was not sent, being put out does not. */
  async close(keep: 'everything' | 'unsent' | 'drafts' = 'everything'): Promise<void> {
    for (const off of this.#offs) off()
    this.link.stop()
    this.#streams.pause()
    this.#attention.close()
    this.typing.clear()
    this.#deliverSoon.clear()
    this.#peopleSoon.clear()
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

  forward(chatId: string, text: string, source: Outgoing['forward']): void {
    this.#outbox.add(chatId, text, { forward: source })
  }

  get #mine(): string {
    return `user:${this.#options.myId}`
  }

  #receive(message: FromHub): void {
    switch (message.t) {
      case 'hello':
        if (message.hubId !== this.#options.hubId || message.user !== this.#options.myId)
          this.#options.strange()
        return
      case 'state':
        return this.#takeState(message)
      case 'entry': {
        const { t: _, ...entry } = message
        return this.#streams.receive(entry)
      }
      case 'behind':
        this.presences.takeAll(message.presence)
        for (const [stream, head] of Object.entries(message.heads)) this.#streams.seen(stream, head)
        return
      case 'presence':
        return this.presences.take(message.user, message.state, message.lastSeen)
      case 'typing':
        return this.typing.take(message.chat, message.user)
      case 'read':
        this.chats.takeRead(message.chat, message.user, message.no)
        this.conversations.find(message.chat)?.members.mark(message.user, { readNo: message.no })
        return
      case 'threadRead':
        this.threads.takeRead(message.thread, message.no)
        if (this.chats.peek(message.chat)?.threadMentions) void this.chats.refresh(message.chat)
        return
      case 'delivered':
        this.chats.takeDelivered(message.chat, message.user, message.no)
        this.conversations.find(message.chat)?.members.mark(message.user, { deliveredNo: message.no })
        return
      default:
    }
  }

  #takeState(state: Extract<FromHub, { t: 'state' }>): void {
    if (this.#isOfAnotherPast(state)) this.#forgetHistory()
    this.#epoch = state.epoch
    this.cache.put('meta', 'epoch', state.epoch)
    const head = state.heads[this.#mine] ?? 0
    this.#toldUpTo = head
    this.#options.meChanged(state.me)
    this.#leaveMissing(state.chats)
    this.chats.takeState(state.chats)
    this.presences.takeAll(state.presence)
    this.#streams.resume()
    // What is on screen comes first.
    const current = this.chats.current.peek()
    const inOrder = [...state.chats].sort((a, b) => Number(b.id === current) - Number(a.id === current))
    for (const chat of inOrder) this.#followChat(chat)
    if (this.#streams.cursor(this.#mine) === undefined) this.#streams.follow(this.#mine, head)
    else this.#streams.seen(this.#mine, head)
    this.#followHub(state.heads['hub'] ?? 0)
    for (const chat of state.chats) if (chat.unread > 0) this.#tellDelivered(chat.id, chat.lastNo)
    for (const conversation of this.conversations.all()) conversation.wake()
    this.threads.wake()
    this.pins.wake()
    this.touched.wake()
    this.saved.wake()
    if (this.#attention.state.peek() === 'idle') this.link.send({ t: 'presence', state: 'idle' })
    this.uploads.drain()
    this.edits.drain()
    this.#outbox.drain()
  }

  /** A restored hub: another epoch, or a stream that is shorter than what we have of it. */
  #isOfAnotherPast(state: Extract<FromHub, { t: 'state' }>): boolean {
    if (this.#epoch !== undefined && this.#epoch !== state.epoch) return true
    const heads: [string, number][] = [
      ...Object.entries(state.heads),
      ...state.chats.map((chat): [string, number] => [`chat:${chat.id}`, chat.head]),
    ]
    return heads.some(([stream, head]) => head < (this.#streams.cursor(stream) ?? 0))
  }

  #forgetHistory(): void {
    this.#streams.clear()
    this.#tails.clear()
    this.#outbox.sendAgain()
    this.people.forget()
    this.groups.forget()
    this.threads.forget()
    for (const conversation of this.conversations.all()) conversation.forget()
  }

  #leaveMissing(chats: readonly ChatSummary[]): void {
    const mine = new Set(chats.map((chat) => chat.id))
    for (const { id } of this.chats.list.peek()) if (!mine.has(id)) this.#purgeChat(id)
    for (const [chatId] of this.#tails.cursors()) if (!mine.has(chatId)) this.#purgeChat(chatId)
  }

  #followChat(chat: ChatSummary): void {
    const stream = `chat:${chat.id}`
    const cursor = this.#streams.cursor(stream)
    const conversation = this.conversations.find(chat.id)
    const isKept = this.#tails.get(chat.id) !== undefined || conversation !== undefined
    if (cursor !== undefined && isKept && chat.head - cursor <= readsUpTo) {
      return this.#streams.seen(stream, chat.head)
    }
    // without a cursor, what a page has brought before this is of an unknown time
    if (cursor === undefined || cursor < chat.head) {
      this.#tails.drop(chat.id)
      conversation?.forget()
      this.threads.forgetIn(chat.id)
    }
    this.#streams.follow(stream, Math.max(chat.head, cursor ?? 0))
  }

  #followHub(head: number): void {
    if (this.people.cursor !== undefined) this.#streams.seen('hub', head)
    else void this.#loadPeople(head)
  }

  async #loadPeople(head: number): Promise<void> {
    this.#streams.drop('hub')
    this.#streams.seen('hub', head)
    try {
      if (await this.people.load(head)) this.#streams.follow('hub', head)
    } catch (error) {
      if (!isRequestError(error)) throw error
      // Without a hub the next `state` begins it again.
      const wait = (error.retryAfter ?? 2) * 1000
      if (error.code !== 'offline') this.#peopleSoon.set(wait, () => void this.#loadPeople(head))
    }
  }

  #chatAdded(chat: ChatSummary): void {
    const cursor = this.#streams.cursor(`chat:${chat.id}`)
    this.chats.put(chat, 'led by my stream')
    this.saved.enter()
    if (cursor === undefined) this.#streams.follow(`chat:${chat.id}`, chat.head)
    else this.#streams.seen(`chat:${chat.id}`, chat.head)
    this.conversations.find(chat.id)?.wake()
  }

  #chatRemoved({ chatId, reason }: EntryOf<'chat.removed'>): void {
    const chat = this.chats.peek(chatId)
    if (
      chat?.visibility === 'public' &&
      reason !== 'deleted' &&
      chat.name !== undefined &&
      chat.memberCount > 1
    ) {
      const { id, name, topic, memberCount } = chat
      this.groups.listed({
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
    this.#tails.drop(chatId)
    this.conversations.close(chatId)
    this.uploads.leave(chatId)
    this.edits.leave(chatId)
    this.threads.leave(chatId)
    this.pins.leave(chatId)
    this.saved.leave(chatId)
    this.chats.remove(chatId)
    this.#outbox.fail(chatId, 'You are no longer in this chat.')
  }

  #reset(stream: string): void {
    if (stream === 'hub') {
      void this.#loadPeople(this.#streams.cursor('hub') ?? 0)
      this.groups.forget()
    } else if (stream === this.#mine) {
      void this.#askChats()
    } else {
      const chatId = stream.slice('chat:'.length)
      this.#tails.drop(chatId)
      const conversation = this.conversations.find(chatId)
      conversation?.forget()
      conversation?.wake()
      this.threads.forgetIn(chatId)
      void this.chats.refresh(chatId)
    }
  }

  /** Entries about my chats were lost: what there is now is asked for. */
  async #askChats(): Promise<void> {
    try {
      const { chats } = await this.request('chats.list')
      this.#leaveMissing(chats)
      for (const chat of chats) this.#chatAdded(chat)
    } catch (error) {
      if (!isRequestError(error)) throw error
    }
  }

  #gone(stream: string): void {
    if (stream.startsWith('chat:')) this.#purgeChat(stream.slice('chat:'.length))
  }

  #moved(stream: string, cursor: number): void {
    if (stream === 'hub') this.people.moved(cursor)
    else if (stream === this.#mine) this.cache.put('meta', 'cursor', cursor)
    else {
      const chatId = stream.slice('chat:'.length)
      this.#tails.moved(chatId, cursor)
      this.#outbox.reached(chatId, cursor)
    }
  }

  #tellDelivered(chatId: string, no: number): void {
    this.#delivered.set(chatId, Math.max(no, this.#delivered.get(chatId) ?? 0))
    this.#deliverSoon.setOnce(liveTimings.receiptIntervalMs, () => {
      for (const [chat, upTo] of this.#delivered) this.link.send({ t: 'delivered', chat, no: upTo })
      this.#delivered.clear()
    })
  }

  /** Back to where it was written, if nothing else is edited there now. */
  #editRefused({ id, chatId, place, rev, text }: Edit, error: RequestError): boolean {
    if (this.editDrafts.get(place)) return false
    // whoever reads of the conflict and saves again means it
    const now = this.conversations.find(chatId)?.messages.find((each) => each.id === id)?.rev
    const base = error.code === 'conflict' ? now : rev
    this.editDrafts.set(place, { id, rev: base, text, problem: error.message })
    return true
  }

  #dropped(): void {
    batch(() => {
      this.#streams.pause()
      this.presences.clear()
      this.typing.clear()
      this.edits.wait()
      for (const conversation of this.conversations.all()) conversation.wake()
    })
  }
}

async function removeUpload(
  { base, csrf, surroundings }: Pick<AccountOptions, 'base' | 'csrf' | 'surroundings'>,
  fileId: string,
): Promise<void> {
  const token = csrf()
  await surroundings.fetch(addressesOf(base).api(`/api/files/${fileId}`), {
    method: 'DELETE',
    credentials: 'same-origin',
    headers: { 'tus-resumable': '1.0.0', ...(token === undefined ? {} : { 'x-csrf-token': token }) },
  })
}

function accountName({ hubId, myId }: Pick<AccountOptions, 'hubId' | 'myId'>): string {
  return `hubbub-${hubId}-${myId}`
}
