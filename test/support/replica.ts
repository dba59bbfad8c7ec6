import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Entry, EntryOf } from '../../shared/contract/entries.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { filesInQuote } from '../../shared/text/file-names.ts'
import { preview } from '../../shared/text/message.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import type { ChatRole } from '../../shared/contract/values.ts'
import type { LiveClient } from './live-client.ts'
import { type Person, Refused } from './person.ts'

type State = Extract<FromHub, { t: 'state' }>

export interface KnownChat {
  kind: ChatSummary['kind']
  name: string | undefined
  topic: string | undefined
  visibility: ChatSummary['visibility']
  posting: ChatSummary['posting']
  archived: boolean
  picture: string | undefined
  readNo: number
  lastNo: number
  /** How it stands in my list, as it was said last. */
  mine: Mine
  members: Map<string, ChatRole>
  messages: Map<number, Message | Tombstone>
  /** Replies in threads, by id. */
  replies: Map<string, Message | Tombstone>
  /** What I deleted for myself since I fetched. */
  hidden: Set<string>
  /** Members and messages were fetched to the end. */
  whole: boolean
}

type Mine = Pick<EntryOf<'chat.kept'>, 'muted' | 'level' | 'aside' | 'asideNo' | 'unreadFrom' | 'readNo'>

/**
 * What a client keeps that knows protocol.md and nothing else. It lists and fetches once, at the beginning and for a
 * chat that is new to it; all the rest it learns by the client's one rule: apply what comes next, read what is missing.
 */
export class Replica {
  person: Person
  readonly cursors = new Map<string, number>()
  readonly chats = new Map<string, KnownChat>()
  readonly people = new Map<string, User>()
  chatList: Settings['chatList']
  readonly listed = new Map<string, { id: string; name: string; topic?: string }>()
  /** Entries of chats as they were pushed, for whoever checks that none was for other eyes. */
  readonly pushed: Entry[] = []
  /** What the hub did that the protocol does not allow. */
  readonly wrong: string[] = []
  /** How often entries were read because some were missing. */
  reads = 0
  live: LiveClient | undefined
  #epoch: string | undefined
  readonly #gone = new Set<string>()
  #handled = 0
  #turn: Promise<void> = Promise.resolve()
  #following: Promise<void> = Promise.resolve()

  constructor(person: Person) {
    this.person = person
  }

  /** Again, or at a hub that came back elsewhere. */
  connect(person = this.person): Promise<void> {
    return this.#inTurn(async () => {
      await this.#drop()
      this.person = person
      const live = await person.connect()
      this.live = live
      this.#handled = 0
      this.#following = this.#follow(live)
    })
  }

  drop(): Promise<void> {
    return this.#inTurn(() => this.#drop())
  }

  async #drop(): Promise<void> {
    this.live?.terminate()
    await this.#following
    this.live = undefined
  }

  /** One connection at a time: two would both move the cursors. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    return (this.#turn = this.#turn.then(act))
  }

  /** Everything the hub said before now has been taken. */
  async settle(): Promise<void> {
    const { live } = this
    if (!live) return
    await live.settle()
    const until = live.heard.length
    while (this.#handled < until) await new Promise((resolve) => setImmediate(resolve))
  }

  async #follow(live: LiveClient): Promise<void> {
    for (let at = 0; ; at += 1) {
      const message = await live.next(() => true, at).catch(() => undefined)
      if (!message) return
      try {
        await this.#take(live, message)
      } catch (error) {
        // what a dropped connection left unread is read by the next one
        if (!live.closed) this.wrong.push(String(error))
      }
      this.#handled = at + 1
    }
  }

  async #take(live: LiveClient, message: FromHub): Promise<void> {
    switch (message.t) {
      case 'state':
        return this.#resume(live, message)
      case 'behind':
        return this.#readUpTo(live, message.heads)
      case 'read': {
        const chat = this.chats.get(message.chat)
        if (chat && message.user === this.person.id) chat.readNo = Math.max(chat.readNo, message.no)
        return
      }
      case 'entry':
        return this.#hear(live, message)
      default:
    }
  }

  async #resume(live: LiveClient, state: State): Promise<void> {
    const heads = { ...state.heads }
    for (const chat of state.chats) heads[`chat:${chat.id}`] = chat.head
    const isLater = Object.entries(heads).some(([stream, head]) => head < (this.cursors.get(stream) ?? 0))
    if (this.#epoch !== state.epoch || isLater) await this.#begin(live, state, heads)
    this.#epoch = state.epoch
    this.chatList = state.me.settings.chatList
    await this.#readUpTo(live, heads)
    for (const summary of state.chats) {
      const chat = this.chats.get(summary.id)
      if (chat && !chat.whole) await this.#fetch(live, summary)
      else if (chat) chat.readNo = Math.max(chat.readNo, summary.readNo)
    }
  }

  /** The first time, or another epoch: cursors are dropped and everything is fetched. */
  async #begin(live: LiveClient, state: State, heads: Record<string, number>): Promise<void> {
    // a connection that ends before all is here has begun nothing
    this.#epoch = undefined
    for (const one of [this.cursors, this.chats, this.people, this.listed, this.#gone]) one.clear()
    for (const [stream, head] of Object.entries(heads)) this.cursors.set(stream, head)
    for (const chat of state.chats) await this.#fetch(live, chat)
    for (let after: string | undefined; ;) {
      const page = await live.request('users.list', after === undefined ? {} : { after })
      for (const user of page.users) this.people.set(user.id, user)
      after = page.users.at(-1)?.id
      if (!page.more) break
    }
    for (const { id, name, topic } of (await live.request('chats.discover', {})).chats) {
      this.listed.set(id, topic === undefined ? { id, name } : { id, name, topic })
    }
  }

  async #fetch(live: LiveClient, summary: ChatSummary): Promise<void> {
    const { id: chatId, kind, name, topic, visibility, posting, archived, picture, readNo, lastNo } = summary
    const chat: KnownChat = {
      ...{ kind, name, topic, visibility, posting, archived, picture, readNo, lastNo },
      mine: mineOf(summary),
      members: new Map(),
      messages: new Map(),
      replies: new Map(),
      hidden: new Set(),
      whole: false,
    }
    this.chats.set(chatId, chat)
    try {
      const { chat: now, members } = await live.request('chats.get', { chatId })
      // later than the summary: what moved it may have been taken already
      chat.readNo = Math.max(chat.readNo, now.readNo)
      for (const { userId, role } of members) chat.members.set(userId, role)
      await this.#list(live, chatId, chat)
      chat.whole = true
    } catch (error) {
      // gone again by now: its chat.removed is on the way
      if (!(error instanceof Refused && error.code === 'not_found')) throw error
    }
  }

  async #list(live: LiveClient, chatId: string, chat: KnownChat): Promise<void> {
    for await (const message of listAll(live, chatId)) {
      keep(chat, message)
      if (!message.replies) continue
      for await (const reply of listAll(live, chatId, message.id)) keep(chat, reply)
    }
  }

  async #readUpTo(live: LiveClient, heads: Record<string, number>): Promise<void> {
    // my own stream first: it says which chats there are
    const mine = `user:${this.person.id}`
    for (const stream of [mine, ...Object.keys(heads).filter((one) => one !== mine)]) {
      const cursor = this.cursors.get(stream)
      if (cursor !== undefined && cursor < (heads[stream] ?? 0))
        await this.#read(live, stream, heads[stream] ?? 0)
    }
  }

  async #read(live: LiveClient, stream: string, upTo: number): Promise<void> {
    for (let cursor = this.cursors.get(stream); cursor !== undefined && cursor < upTo;) {
      this.reads += 1
      const answer = await live
        .request('streams.read', { stream, after: cursor, limit: 7 })
        .catch(goneOrThrow)
      if (!answer) return
      if (answer.reset) this.wrong.push(`reset of ${stream} at ${cursor} of ${answer.head}`)
      for (const [i, entry] of answer.entries.entries()) {
        if (entry.seq !== cursor + 1 + i) this.wrong.push(`${stream}: ${entry.seq} read after ${cursor}`)
        if ((this.cursors.get(stream) ?? Infinity) < entry.seq) await this.#apply(live, entry)
      }
      if (answer.entries.length === 0) {
        this.wrong.push(`${stream}: nothing after ${cursor}, the head is ${answer.head} and ${upTo} was seen`)
        return
      }
      cursor = this.cursors.get(stream)
    }
  }

  async #hear(live: LiveClient, entry: Entry): Promise<void> {
    const { stream, seq } = entry
    if (stream.startsWith('chat:')) this.pushed.push(entry)
    const cursor = this.cursors.get(stream)
    if (cursor === undefined) {
      if (!this.#gone.has(stream.slice(5))) this.wrong.push(`${stream} ${seq} came before its chat.added`)
    } else if (seq === cursor + 1) await this.#apply(live, entry)
    else if (seq > cursor) await this.#read(live, stream, seq)
  }

  async #apply(live: LiveClient, entry: Entry): Promise<void> {
    this.cursors.set(entry.stream, entry.seq)
    const chat = this.chats.get(entry.stream.slice(5))
    switch (entry.type) {
      case 'message.sent':
        if (!chat) return
        keep(chat, entry.message)
        if (entry.message.thread === undefined) chat.lastNo = Math.max(chat.lastNo, entry.message.no)
        if (entry.by === this.person.id && entry.message.thread === undefined) {
          chat.readNo = Math.max(chat.readNo, entry.message.no)
        }
        return
      case 'message.edited':
      case 'message.deleted':
      case 'message.restored':
      case 'reaction.added':
      case 'reaction.removed':
      case 'pin.added':
      case 'pin.removed':
      case 'thread.updated':
        if (chat) change(chat, entry.message)
        return
      case 'message.hidden': {
        const mine = this.chats.get(entry.chatId)
        mine?.hidden.add(entry.messageId)
        if (mine) drop(mine, entry.messageId)
        return
      }
      case 'message.unhidden': {
        const mine = this.chats.get(entry.chatId)
        if (!mine) return
        mine.hidden.delete(entry.messageId)
        return this.#list(live, entry.chatId, mine).catch(goneOrThrow)
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
        this.#gone.delete(entry.chat.id)
        this.cursors.set(`chat:${entry.chat.id}`, entry.chat.head)
        return this.#fetch(live, entry.chat)
      case 'chat.removed':
        this.chats.delete(entry.chatId)
        this.cursors.delete(`chat:${entry.chatId}`)
        this.#gone.add(entry.chatId)
        return
      case 'chat.kept': {
        const known = this.chats.get(entry.chatId)
        if (known) known.mine = entry
        return
      }
      case 'settings.updated':
        this.chatList = entry.changes.chatList ?? this.chatList
        return
      case 'user.added':
      case 'user.updated':
        this.people.set(entry.user.id, entry.user)
        return
      case 'group.listed': {
        const { id, name, topic } = entry.group
        this.listed.set(id, topic === undefined ? { id, name } : { id, name, topic })
        return
      }
      case 'group.unlisted':
        this.listed.delete(entry.group.id)
        return
      default:
    }
  }
}

function mineOf(summary: ChatSummary): Mine {
  const { muted, level = 'default', aside = false, asideNo = 0, unreadFrom = 0, readNo } = summary
  return { muted, level, aside, asideNo, unreadFrom, readNo }
}

/** How it stands in my list, by what was said in it and read of it since. */
function standingOf({ mine, readNo, lastNo }: KnownChat) {
  const { muted, level, asideNo } = mine
  return {
    ...{ muted, level, aside: mine.aside && (muted || lastNo <= asideNo) },
    unreadFrom: mine.unreadFrom > 0 && readNo <= mine.readNo ? mine.unreadFrom : undefined,
  }
}

/** Of two copies the one with the higher `rev`. */
function keep(chat: KnownChat, message: Message | Tombstone): void {
  if (chat.hidden.has(message.id) || ('hidden' in message && message.hidden)) return
  const held = heldOf(chat, message)
  if (held && held.rev >= message.rev) return
  if (message.thread === undefined) chat.messages.set(message.no, message)
  else chat.replies.set(message.id, message)
}

/** Something happened to a message: it changes where it is held, and where it is quoted. */
function change(chat: KnownChat, message: Message | Tombstone): void {
  if ('hidden' in message && message.hidden) {
    chat.hidden.add(message.id)
    return
  }
  if (heldOf(chat, message)) keep(chat, message)
  const shown =
    'text' in message ? { text: preview(message.text), ...filesInQuote(message.attachments) } : { text: '' }
  for (const each of [...chat.messages.values(), ...chat.replies.values()]) {
    if (!('replyTo' in each) || each.replyTo?.id !== message.id) continue
    const { id, no, author } = each.replyTo
    each.replyTo = { id, no, author, ...shown }
  }
}

function heldOf(chat: KnownChat, { id, no, thread }: Message | Tombstone) {
  if (thread !== undefined) return chat.replies.get(id)
  const held = chat.messages.get(no)
  return held?.id === id ? held : undefined
}

/** What somebody has hidden from themselves they are told nothing of any more, so its quotes may be older. */
function quoting(chat: KnownChat | undefined, message: Message | Tombstone): Message | Tombstone {
  if (!('replyTo' in message) || !message.replyTo || !chat?.hidden.has(message.replyTo.id)) return message
  const { id, no, author } = message.replyTo
  return { ...message, replyTo: { id, no, author, text: '' } }
}

function drop(chat: KnownChat, messageId: string): void {
  chat.replies.delete(messageId)
  for (const { id, no } of chat.messages.values()) if (id === messageId) chat.messages.delete(no)
}

/** Everything of a chat, or of a thread in it, page by page. */
async function* listAll(by: Pick<Person, 'request'>, chatId: string, thread?: string) {
  for (let after = 0; ;) {
    const input = { chatId, after, limit: 100, ...(thread === undefined ? {} : { thread }) }
    const { messages, more } = await by.request('messages.list', input)
    yield* messages
    after = messages.at(-1)?.no ?? after
    if (!more) return
  }
}

function goneOrThrow(error: unknown): undefined {
  if (error instanceof Refused && error.code === 'not_found') return undefined
  throw error
}

function bySeq(a: { seq: number }, b: { seq: number }): number {
  return a.seq - b.seq
}

/** What the replica should know, asked for anew, as one comparable value; and what it does know. */
export async function verifySync(
  replica: Replica,
  aboutGroups: string,
): Promise<{ fresh: unknown; kept: unknown }> {
  const { person } = replica
  const fresh: Record<string, unknown> = {}
  for (const summary of (await person.request('chats.list', {})).chats) {
    const { chat, members } = await person.request('chats.get', { chatId: summary.id })
    const messages: (Message | Tombstone)[] = []
    const known = replica.chats.get(summary.id)
    for await (const message of listAll(person, summary.id)) messages.push(quoting(known, message))
    const replies: (Message | Tombstone)[] = []
    for (const { id, replies: some } of messages) {
      if (some) for await (const reply of listAll(person, summary.id, id)) replies.push(quoting(known, reply))
    }
    fresh[summary.id] = {
      ...{ kind: chat.kind, name: chat.name, topic: chat.topic, visibility: chat.visibility },
      ...{ posting: chat.posting, archived: chat.archived, picture: chat.picture },
      ...{ readNo: chat.readNo, unread: chat.unread, lastNo: chat.lastNo, cursor: chat.head },
      ...{ muted: chat.muted, level: chat.level, aside: chat.aside, unreadFrom: chat.unreadFrom },
      members: members.map(({ userId, role }) => `${userId} ${role}`).sort(),
      memberCount: chat.memberCount,
      messages,
      replies: replies.sort(bySeq),
    }
  }
  const kept: Record<string, unknown> = {}
  for (const [id, chat] of replica.chats) {
    const messages = [...chat.messages.values()]
      .sort((a, b) => a.no - b.no)
      .map((message) => quoting(chat, message))
    const standing = standingOf(chat)
    const isUnread = (one: Message | Tombstone) =>
      one.no >= (standing.unreadFrom ?? chat.readNo + 1) &&
      !one.deleted &&
      'author' in one &&
      one.author !== person.id
    kept[id] = {
      ...{ kind: chat.kind, name: chat.name, topic: chat.topic, visibility: chat.visibility },
      ...{ posting: chat.posting, archived: chat.archived, picture: chat.picture },
      ...{ readNo: chat.readNo, unread: messages.filter(isUnread).length, lastNo: Math.max(chat.lastNo, 0) },
      ...standing,
      cursor: replica.cursors.get(`chat:${id}`),
      members: [...chat.members].map(([userId, role]) => `${userId} ${role}`).sort(),
      memberCount: chat.members.size,
      messages,
      replies: [...chat.replies.values()]
        .map((message) => quoting(chat, message))
        .filter(({ thread }) => messages.some(({ id }) => id === thread))
        .sort(bySeq),
    }
  }
  const people: User[] = []
  for (let after: string | undefined; ;) {
    const page = await person.request('users.list', after === undefined ? {} : { after })
    people.push(...page.users)
    after = page.users.at(-1)?.id
    if (!page.more) break
  }
  const found = await person.request('chats.discover', { query: aboutGroups })
  const groups = [...replica.listed.values()].filter(
    ({ id, name }) => name.includes(aboutGroups) && !replica.chats.has(id),
  )
  return {
    fresh: {
      chats: fresh,
      chatList: (await person.request('me.get', {})).settings.chatList,
      people: Object.fromEntries(people.map((user) => [user.id, user])),
      groups: Object.fromEntries(found.chats.map(({ id, name, topic }) => [id, [name, topic]])),
    },
    kept: {
      chats: kept,
      chatList: replica.chatList,
      people: Object.fromEntries(replica.people),
      groups: Object.fromEntries(groups.map(({ id, name, topic }) => [id, [name, topic]])),
    },
  }
}
