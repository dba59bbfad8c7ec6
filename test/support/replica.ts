import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Entry, EntryOf } from '../../shared/contract/entries.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { summarizeQuotedFiles } from '../../shared/text/file-names.ts'
import { preview } from '../../shared/text/message.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import type { ChatRole } from '../../shared/contract/values.ts'
import type { LiveClient } from './live-client.ts'
import { type TestUser, RequestError } from './test-user.ts'

type StateFrame = Extract<FromHub, { t: 'state' }>

export interface ReplicaChat {
  kind: ChatSummary['kind']
  name: string | undefined
  topic: string | undefined
  visibility: ChatSummary['visibility']
  posting: ChatSummary['posting']
  archived: boolean
  picture: string | undefined
  readNo: number
  lastNo: number
  /** The chat preferences, as last received. */
  preferences: ChatPreferences
  members: Map<string, ChatRole>
  messages: Map<number, Message | Tombstone>
  /** Replies in threads, by id. */
  replies: Map<string, Message | Tombstone>
  /** Messages that I hid for myself since the fetch. */
  hiddenMessageIds: Set<string>
  /** Members and messages were fetched completely. */
  isComplete: boolean
}

type ChatPreferences = Pick<
  EntryOf<'chat.preferencesUpdated'>,
  'muted' | 'notify' | 'archivedForMe' | 'archivedForMeNo' | 'unreadFrom' | 'readNo'
>

/**
 * The state of a client that knows only protocol.md. It lists and fetches once, at the start and for each chat that is
 * new to it. After that it follows the sync rule: apply the next entry, read missing ones.
 */
export class Replica {
  user: TestUser
  readonly cursors = new Map<string, number>()
  readonly chats = new Map<string, ReplicaChat>()
  readonly users = new Map<string, User>()
  chatList: Settings['chatList']
  readonly listedGroups = new Map<string, { id: string; name: string; topic?: string }>()
  /** Pushed entries of chats, for tests that check who may receive them. */
  readonly pushedEntries: Entry[] = []
  /** Violations of the protocol by the hub. */
  readonly violations: string[] = []
  /** How often entries were read because some were missing. */
  readCount = 0
  /** How often the hub said what it could not push. */
  behindCount = 0
  live: LiveClient | undefined
  #epoch: string | undefined
  readonly #removedChatIds = new Set<string>()
  /** The seq of the last entry that this connection has pushed, by stream. */
  readonly #pushed = new Map<string, number>()
  /** The chats of which this connection knows. */
  readonly #known = new Set<string>()
  #handledCount = 0
  #queue: Promise<void> = Promise.resolve()
  #receiveLoop: Promise<void> = Promise.resolve()

  readonly #ignoresBehind: boolean

  /** @param options.ignoresBehind it breaks the rule, so that a campaign can show that this is noticed */
  constructor(user: TestUser, { ignoresBehind = false }: { ignoresBehind?: boolean } = {}) {
    this.user = user
    this.#ignoresBehind = ignoresBehind
  }

  /** Connects again, or to a hub that came back at another address. */
  connect(user = this.user): Promise<void> {
    return this.#enqueue(async () => {
      await this.#disconnect()
      this.user = user
      const live = await user.connect()
      this.live = live
      this.#handledCount = 0
      this.#pushed.clear()
      this.#receiveLoop = this.#receiveAll(live)
    })
  }

  disconnect(): Promise<void> {
    return this.#enqueue(() => this.#disconnect())
  }

  async #disconnect(): Promise<void> {
    this.live?.terminate()
    await this.#receiveLoop
    this.live = undefined
  }

  /** One connection at a time: two would both move the cursors. */
  #enqueue(act: () => Promise<void>): Promise<void> {
    const acted = this.#queue.then(act)
    // a hub that is away fails one attempt only
    this.#queue = acted.catch(() => undefined)
    return acted
  }

  /** Resolves once everything that the hub has sent so far is applied. */
  async settle(): Promise<void> {
    const { live } = this
    if (!live) return
    await live.settle()
    const until = live.received.length
    while (this.#handledCount < until) await new Promise((resolve) => setImmediate(resolve))
  }

  async #receiveAll(live: LiveClient): Promise<void> {
    for (let at = 0; ; at += 1) {
      const message = await live.next(() => true, at).catch(() => undefined)
      if (!message) return
      try {
        await this.#handleMessage(live, message)
      } catch (error) {
        // the next connection reads what a dropped one left unread
        if (!live.closed) this.violations.push(String(error))
      }
      this.#handledCount = at + 1
    }
  }

  async #handleMessage(live: LiveClient, message: FromHub): Promise<void> {
    this.#checkPush(message)
    switch (message.t) {
      case 'state':
        return this.#resume(live, message)
      case 'behind':
        this.behindCount += 1
        if (this.#ignoresBehind) return
        return this.#readUpToHeads(live, message.heads)
      case 'read': {
        const chat = this.chats.get(message.chat)
        if (chat && message.user === this.user.id) chat.readNo = Math.max(chat.readNo, message.no)
        return
      }
      case 'entry':
        return this.#handleEntry(live, message)
      default:
    }
  }

  /** What a connection pushes is in order, each once, and nothing of a chat that the connection does not know. */
  #checkPush(message: FromHub): void {
    if (message.t === 'state') this.#setKnown(message.chats.map(({ id }) => `chat:${id}`))
    if (message.t === 'behind') this.#setKnown(Object.keys(message.heads))
    if (message.t !== 'entry') return
    const { stream, seq } = message
    const before = this.#pushed.get(stream) ?? 0
    if (seq <= before) this.violations.push(`${stream} ${seq} was pushed after ${before}`)
    this.#pushed.set(stream, seq)
    if (stream.startsWith('chat:') && !this.#known.has(stream))
      this.violations.push(`${stream} ${seq} was pushed to a connection that does not know the chat`)
    if (message.type === 'chat.added') this.#known.add(`chat:${message.chat.id}`)
    if (message.type === 'chat.removed') this.#known.delete(`chat:${message.chatId}`)
  }

  #setKnown(streams: readonly string[]): void {
    this.#known.clear()
    for (const stream of streams) this.#known.add(stream)
  }

  async #resume(live: LiveClient, state: StateFrame): Promise<void> {
    const heads = { ...state.heads }
    for (const chat of state.chats) heads[`chat:${chat.id}`] = chat.head
    const isLater = Object.entries(heads).some(([stream, head]) => head < (this.cursors.get(stream) ?? 0))
    if (this.#epoch !== state.epoch || isLater) await this.#reset(live, state, heads)
    this.#epoch = state.epoch
    this.chatList = state.me.settings.chatList
    await this.#readUpToHeads(live, heads)
    for (const summary of state.chats) {
      const chat = this.chats.get(summary.id)
      if (chat && !chat.isComplete) await this.#fetchChat(live, summary)
      else if (chat) chat.readNo = Math.max(chat.readNo, summary.readNo)
    }
  }

  /** On the first connection, or after a new epoch: drop the cursors and fetch everything. */
  async #reset(live: LiveClient, state: StateFrame, heads: Record<string, number>): Promise<void> {
    // a connection that ends before the fetch is complete leaves no state
    this.#epoch = undefined
    for (const one of [this.cursors, this.chats, this.users, this.listedGroups, this.#removedChatIds])
      one.clear()
    for (const [stream, head] of Object.entries(heads)) this.cursors.set(stream, head)
    for (const chat of state.chats) await this.#fetchChat(live, chat)
    for (let after: string | undefined; ;) {
      const page = await live.request('users.list', after === undefined ? {} : { after })
      for (const user of page.users) this.users.set(user.id, user)
      after = page.users.at(-1)?.id
      if (!page.more) break
    }
    for (const { id, name, topic } of (await live.request('chats.discover', {})).chats) {
      this.listedGroups.set(id, topic === undefined ? { id, name } : { id, name, topic })
    }
  }

  async #fetchChat(live: LiveClient, summary: ChatSummary): Promise<void> {
    const { id: chatId } = summary
    const chat: ReplicaChat = {
      ...describe(summary),
      preferences: preferencesOf(summary),
      members: new Map(),
      messages: new Map(),
      replies: new Map(),
      hiddenMessageIds: new Set(),
      isComplete: false,
    }
    this.chats.set(chatId, chat)
    try {
      const { chat: now, members } = await live.request('chats.get', { chatId })
      // later than the summary: the replica may have applied changes that are not in that
      Object.assign(chat, describe(now), { readNo: Math.max(chat.readNo, now.readNo) })
      for (const { userId, role } of members) chat.members.set(userId, role)
      await this.#fetchMessages(live, chatId, chat)
      chat.isComplete = true
    } catch (error) {
      // already gone again: its chat.removed will arrive
      if (!(error instanceof RequestError && error.code === 'not_found')) throw error
    }
  }

  async #fetchMessages(live: LiveClient, chatId: string, chat: ReplicaChat): Promise<void> {
    for await (const message of listAllMessages(live, chatId)) {
      storeMessage(chat, message)
      if (!message.replies) continue
      for await (const reply of listAllMessages(live, chatId, message.id)) storeMessage(chat, reply)
    }
  }

  async #readUpToHeads(live: LiveClient, heads: Record<string, number>): Promise<void> {
    // my own stream first: it says which chats there are
    const mine = `user:${this.user.id}`
    for (const stream of [mine, ...Object.keys(heads).filter((one) => one !== mine)]) {
      const cursor = this.cursors.get(stream)
      if (cursor !== undefined && cursor < (heads[stream] ?? 0))
        await this.#readStream(live, stream, heads[stream] ?? 0)
    }
  }

  async #readStream(live: LiveClient, stream: string, upTo: number): Promise<void> {
    for (let cursor = this.cursors.get(stream); cursor !== undefined && cursor < upTo;) {
      this.readCount += 1
      const response = await live
        .request('streams.read', { stream, after: cursor, limit: 7 })
        .catch(ignoreNotFound)
      if (!response) return
      if (response.reset) this.violations.push(`reset of ${stream} at ${cursor} of ${response.head}`)
      for (const [i, entry] of response.entries.entries()) {
        if (entry.seq !== cursor + 1 + i) this.violations.push(`${stream}: ${entry.seq} read after ${cursor}`)
        if ((this.cursors.get(stream) ?? Infinity) < entry.seq) await this.#applyEntry(live, entry)
      }
      if (response.entries.length === 0) {
        this.violations.push(
          `${stream}: nothing after ${cursor}, the head is ${response.head} and ${upTo} was seen`,
        )
        return
      }
      cursor = this.cursors.get(stream)
    }
  }

  async #handleEntry(live: LiveClient, entry: Entry): Promise<void> {
    const { stream, seq } = entry
    if (stream.startsWith('chat:')) this.pushedEntries.push(entry)
    const cursor = this.cursors.get(stream)
    if (cursor === undefined) {
      if (!this.#removedChatIds.has(stream.slice(5)))
        this.violations.push(`${stream} ${seq} came before its chat.added`)
    } else if (seq === cursor + 1) await this.#applyEntry(live, entry)
    else if (seq > cursor) await this.#readStream(live, stream, seq)
  }

  async #applyEntry(live: LiveClient, entry: Entry): Promise<void> {
    this.cursors.set(entry.stream, entry.seq)
    const chat = this.chats.get(entry.stream.slice(5))
    switch (entry.type) {
      case 'message.sent':
        if (!chat) return
        storeMessage(chat, entry.message)
        if (entry.message.thread === undefined) chat.lastNo = Math.max(chat.lastNo, entry.message.no)
        if (entry.by === this.user.id && entry.message.thread === undefined) {
          chat.readNo = Math.max(chat.readNo, entry.message.no)
        }
        return
      case 'message.edited':
      case 'message.deleted':
      case 'message.undeleted':
      case 'reaction.added':
      case 'reaction.removed':
      case 'attachment.updated':
      case 'pin.added':
      case 'pin.removed':
      case 'thread.updated':
        if (chat) updateMessage(chat, entry.message)
        return
      case 'message.hidden': {
        const mine = this.chats.get(entry.chatId)
        mine?.hiddenMessageIds.add(entry.messageId)
        if (mine) removeMessage(mine, entry.messageId)
        return
      }
      case 'message.unhidden': {
        const mine = this.chats.get(entry.chatId)
        if (!mine) return
        mine.hiddenMessageIds.delete(entry.messageId)
        return this.#fetchMessages(live, entry.chatId, mine).catch(ignoreNotFound)
      }
      case 'member.added':
      case 'member.updated':
        chat?.members.set(entry.user.id, entry.role)
        return
      case 'member.removed':
        chat?.members.delete(entry.user.id)
        return
      case 'chat.updated':
        if (!chat) return
        chat.name = entry.changes.name ?? chat.name
        chat.visibility = entry.changes.visibility ?? chat.visibility
        chat.posting = entry.changes.posting ?? chat.posting
        chat.archived = entry.changes.archived ?? chat.archived
        if (entry.changes.picture !== undefined) chat.picture = entry.changes.picture || undefined
        if (entry.changes.topic !== undefined) chat.topic = entry.changes.topic || undefined
        return
      case 'chat.added':
        this.#removedChatIds.delete(entry.chat.id)
        this.cursors.set(`chat:${entry.chat.id}`, entry.chat.head)
        return this.#fetchChat(live, entry.chat)
      case 'chat.removed':
        this.chats.delete(entry.chatId)
        this.cursors.delete(`chat:${entry.chatId}`)
        this.#removedChatIds.add(entry.chatId)
        return
      case 'chat.preferencesUpdated': {
        const known = this.chats.get(entry.chatId)
        if (known) known.preferences = entry
        return
      }
      case 'settings.updated':
        this.chatList = entry.changes.chatList ?? this.chatList
        return
      case 'user.added':
      case 'user.updated':
        this.users.set(entry.user.id, entry.user)
        return
      case 'group.listed': {
        const { id, name, topic } = entry.group
        this.listedGroups.set(id, topic === undefined ? { id, name } : { id, name, topic })
        return
      }
      case 'group.unlisted':
        this.listedGroups.delete(entry.group.id)
        return
      default:
    }
  }
}

function describe(summary: ChatSummary) {
  const { kind, name, topic, visibility, posting, archived, picture, readNo, lastNo } = summary
  return { kind, name, topic, visibility, posting, archived, picture, readNo, lastNo }
}

function preferencesOf(summary: ChatSummary): ChatPreferences {
  const {
    muted,
    notify = 'default',
    archivedForMe = false,
    archivedForMeNo = 0,
    unreadFrom = 0,
    readNo,
  } = summary
  return { muted, notify, archivedForMe, archivedForMeNo, unreadFrom, readNo }
}

/** The current preferences, with the effects of messages and reads since they were received. */
function currentPreferences({ preferences: mine, readNo, lastNo }: ReplicaChat) {
  const { muted, notify, archivedForMeNo } = mine
  return {
    ...{ muted, notify, archivedForMe: mine.archivedForMe && (muted || lastNo <= archivedForMeNo) },
    unreadFrom: mine.unreadFrom > 0 && readNo <= mine.readNo ? mine.unreadFrom : undefined,
  }
}

/** Keeps the copy with the higher `rev`. */
function storeMessage(chat: ReplicaChat, message: Message | Tombstone): void {
  if (chat.hiddenMessageIds.has(message.id) || ('hidden' in message && message.hidden)) return
  const held = storedMessage(chat, message)
  if (held && held.rev >= message.rev) return
  if (message.thread === undefined) chat.messages.set(message.no, message)
  else chat.replies.set(message.id, message)
}

/** Updates a message wherever it is stored and quoted. */
function updateMessage(chat: ReplicaChat, message: Message | Tombstone): void {
  if ('hidden' in message && message.hidden) {
    chat.hiddenMessageIds.add(message.id)
    return
  }
  if (storedMessage(chat, message)) storeMessage(chat, message)
  const shown =
    'text' in message
      ? { text: preview(message.text), ...summarizeQuotedFiles(message.attachments) }
      : { text: '' }
  for (const each of [...chat.messages.values(), ...chat.replies.values()]) {
    if (!('replyTo' in each) || each.replyTo?.id !== message.id) continue
    const { id, no, author } = each.replyTo
    each.replyTo = { id, no, author, ...shown }
  }
}

function storedMessage(chat: ReplicaChat, { id, no, thread }: Message | Tombstone) {
  if (thread !== undefined) return chat.replies.get(id)
  const held = chat.messages.get(no)
  return held?.id === id ? held : undefined
}

/** A user receives no changes of a message they have hidden, so quotes of it may be outdated. */
function withoutHiddenQuote(
  chat: ReplicaChat | undefined,
  message: Message | Tombstone,
): Message | Tombstone {
  if (!('replyTo' in message) || !message.replyTo || !chat?.hiddenMessageIds.has(message.replyTo.id))
    return message
  const { id, no, author } = message.replyTo
  return { ...message, replyTo: { id, no, author, text: '' } }
}

function removeMessage(chat: ReplicaChat, messageId: string): void {
  chat.replies.delete(messageId)
  for (const { id, no } of chat.messages.values()) if (id === messageId) chat.messages.delete(no)
}

/** All messages of a chat, or of a thread in it, page by page. */
async function* listAllMessages(by: Pick<TestUser, 'request'>, chatId: string, thread?: string) {
  for (let after = 0; ;) {
    const input = { chatId, after, limit: 100, ...(thread === undefined ? {} : { thread }) }
    const { messages, more } = await by.request('messages.list', input)
    yield* messages
    after = messages.at(-1)?.no ?? after
    if (!more) return
  }
}

function ignoreNotFound(error: unknown): undefined {
  if (error instanceof RequestError && error.code === 'not_found') return undefined
  throw error
}

function bySeq(a: { seq: number }, b: { seq: number }): number {
  return a.seq - b.seq
}

/** Compares the replica with a new full fetch. Returns both states as comparable values. */
export async function verifySync(
  replica: Replica,
  aboutGroups: string,
): Promise<{ fresh: unknown; known: unknown }> {
  const { user: account } = replica
  const fresh: Record<string, unknown> = {}
  for (const summary of (await account.request('chats.list', {})).chats) {
    const { chat, members } = await account.request('chats.get', { chatId: summary.id })
    const messages: (Message | Tombstone)[] = []
    const known = replica.chats.get(summary.id)
    for await (const message of listAllMessages(account, summary.id))
      messages.push(withoutHiddenQuote(known, message))
    const replies: (Message | Tombstone)[] = []
    for (const { id, replies: some } of messages) {
      if (some)
        for await (const reply of listAllMessages(account, summary.id, id))
          replies.push(withoutHiddenQuote(known, reply))
    }
    fresh[summary.id] = {
      ...{ kind: chat.kind, name: chat.name, topic: chat.topic, visibility: chat.visibility },
      ...{ posting: chat.posting, archived: chat.archived, picture: chat.picture },
      ...{ readNo: chat.readNo, unread: chat.unread, lastNo: chat.lastNo, cursor: chat.head },
      ...{
        muted: chat.muted,
        notify: chat.notify,
        archivedForMe: chat.archivedForMe,
        unreadFrom: chat.unreadFrom,
      },
      members: members.map(({ userId, role }) => `${userId} ${role}`).sort(),
      memberCount: chat.memberCount,
      messages,
      replies: replies.sort(bySeq),
    }
  }
  const stored: Record<string, unknown> = {}
  for (const [id, chat] of replica.chats) {
    const messages = [...chat.messages.values()]
      .sort((a, b) => a.no - b.no)
      .map((message) => withoutHiddenQuote(chat, message))
    const standing = currentPreferences(chat)
    const isUnread = (one: Message | Tombstone) =>
      one.no >= (standing.unreadFrom ?? chat.readNo + 1) &&
      !one.deleted &&
      'author' in one &&
      one.author !== account.id
    stored[id] = {
      ...{ kind: chat.kind, name: chat.name, topic: chat.topic, visibility: chat.visibility },
      ...{ posting: chat.posting, archived: chat.archived, picture: chat.picture },
      ...{ readNo: chat.readNo, unread: messages.filter(isUnread).length, lastNo: Math.max(chat.lastNo, 0) },
      ...standing,
      cursor: replica.cursors.get(`chat:${id}`),
      members: [...chat.members].map(([userId, role]) => `${userId} ${role}`).sort(),
      memberCount: chat.members.size,
      messages,
      replies: [...chat.replies.values()]
        .map((message) => withoutHiddenQuote(chat, message))
        .filter(({ thread }) => messages.some(({ id }) => id === thread))
        .sort(bySeq),
    }
  }
  const users: User[] = []
  for (let after: string | undefined; ;) {
    const page = await account.request('users.list', after === undefined ? {} : { after })
    users.push(...page.users)
    after = page.users.at(-1)?.id
    if (!page.more) break
  }
  const found = await account.request('chats.discover', { query: aboutGroups })
  const groups = [...replica.listedGroups.values()].filter(
    ({ id, name }) => name.includes(aboutGroups) && !replica.chats.has(id),
  )
  return {
    fresh: {
      chats: fresh,
      chatList: (await account.request('me.get', {})).settings.chatList,
      people: Object.fromEntries(users.map((user) => [user.id, user])),
      groups: Object.fromEntries(found.chats.map(({ id, name, topic }) => [id, [name, topic]])),
    },
    known: {
      chats: stored,
      chatList: replica.chatList,
      people: Object.fromEntries(replica.users),
      groups: Object.fromEntries(groups.map(({ id, name, topic }) => [id, [name, topic]])),
    },
  }
}
