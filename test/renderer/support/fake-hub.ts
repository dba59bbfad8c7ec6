// An in-memory hub that follows the protocol. The tests decide what happens on it and to its frames in flight.
import type { Input, Output, RequestName } from '../../../shared/contract.ts'
import type { ChatSummary, NotificationLevel } from '../../../shared/contract/chats.ts'
import type { Safety } from '../../../shared/contract/continuity.ts'
import type { Entry, EntryOf } from '../../../shared/contract/entries.ts'
import type { FromHub, ToHub } from '../../../shared/contract/live.ts'
import type { Message, Tombstone } from '../../../shared/contract/messages.ts'
import type { Settings } from '../../../shared/contract/profile.ts'
import type { Thread } from '../../../shared/contract/threads.ts'
import type { User } from '../../../shared/contract/users.ts'
import type { ChatRole, Presence } from '../../../shared/contract/values.ts'
import { HubError, type ErrorCode } from '../../../shared/errors.ts'
import type { Term } from '../../../shared/term.ts'
import { preview } from '../../../shared/text/message.ts'
import { findByName } from '../../../shared/text/name-search.ts'
import { summaryDigest } from '../../../shared/text/summary-digest.ts'
import { routes } from '../../../renderer/connection/routes.ts'
import type { ManualClock } from './manual-clock.ts'
import { FakeSocket } from './fake-socket.ts'

interface Membership {
  role: ChatRole
  readNo: number
  deliveredNo: number
}

/** The chat preferences of the user of the page. */
interface ChatPreferences {
  muted: boolean
  notify: NotificationLevel
  archivedForMeNo?: number
  unreadFrom?: number
}
interface FakeChat {
  id: string
  kind: 'direct' | 'group'
  name?: string
  topic?: string
  visibility: 'public' | 'private'
  posting: 'all' | 'admins'
  archived: boolean
  picture?: string
  members: Map<string, Membership>
  messages: Message[]
  mine: ChatPreferences
  deleted: Set<string>
  /** By the id of the parent message. */
  replies: Map<string, Message[]>
  updatedAt: number
}

type EntryBody = { type: Entry['type'] } & Record<string, unknown>

/** The user of the page. */
export const me = 'u-me'

export class FakeHub {
  readonly clock: ManualClock
  readonly hubId: string
  epoch = 'epoch-1'
  isUp = true
  protocol = { min: 1, max: 1 }
  /** Whether the session cookie is valid. */
  session: string | undefined = 'csrf-1'
  needsSetup = false
  /** It says that it has many users, and does not list them to pages that ask it not to. */
  isLarge = false
  /** Continuity, as the hub sends it: see the contract. */
  standing: { term?: Term; safety?: Safety; held?: number } = {}
  /** What clients sent with `resume`. */
  readonly shownTerms: (Term | undefined)[] = []
  /** Of the hub's stream, as each client that connected said; undefined for none. */
  readonly cursorsOfHub: (number | undefined)[] = []
  /** How many summaries each client that came back got. */
  readonly sentChatCounts: number[] = []
  /** The user is pending. */
  isPending = false
  /** When true, frames are sent at once. When false, they wait in their socket for `deliver`. */
  isDelivering = true
  /** Errors that the next requests of these names return without running. */
  readonly refusals: { name: RequestName; code: ErrorCode; retryAfter?: number }[] = []
  /** What the hub itself does not know, or responds differently, by the name of the request. */
  readonly responses = new Map<RequestName, (input: Record<string, unknown>) => object | undefined>()
  /** The next responses of these names are lost, though the requests take effect. */
  readonly lostResponses: RequestName[] = []
  readonly users = new Map<string, User>()
  readonly chats = new Map<string, FakeChat>()
  settings: Settings = {}
  readonly presence = new Map<string, Presence>()
  readonly sockets = new Set<FakeSocket>()
  /** Every request, typing and presence frame of the pages. */
  readonly requests: {
    name: string
    input: Record<string, unknown>
    by: 'socket' | 'http'
    csrf?: string
  }[] = []
  readonly hints: ToHub[] = []
  connectionAttempts = 0
  #streams = new Map<string, ((viewer: string) => EntryBody)[]>()
  #entryHeaders = new Map<string, { at: number; by: string | undefined }[]>()
  #lastId = 0

  constructor(clock: ManualClock, hubId = 'hub-id') {
    this.clock = clock
    this.hubId = hubId
    for (const name of ['me', 'ann', 'bob']) this.addUser(name)
  }

  // Changes on the hub.

  addUser(name: string): User {
    const user: User = {
      id: `u-${name}`,
      username: name,
      displayName: name.toUpperCase(),
      role: 'member',
      createdAt: 1,
      joined: this.users.size,
    }
    this.users.set(user.id, user)
    this.#append('hub', undefined, () => ({ type: 'user.added', user: this.#requireUser(user.id) }))
    return user
  }

  renameUser(userId: string, displayName: string): void {
    this.users.set(userId, { ...this.#requireUser(userId), displayName })
    this.#append('hub', userId, () => ({ type: 'user.updated', user: this.#requireUser(userId) }))
  }

  addChat(
    kind: 'direct' | 'group',
    members: string[],
    more: { id?: string; name?: string; visibility?: 'public' } = {},
  ): string {
    const id = more.id ?? `c-${++this.#lastId}`
    const chat: FakeChat = {
      id,
      kind,
      visibility: more.visibility ?? 'private',
      posting: 'all',
      archived: false,
      members: new Map(),
      messages: [],
      mine: { muted: false, notify: 'default' },
      deleted: new Set(),
      replies: new Map(),
      updatedAt: this.clock.now(),
      ...(kind === 'group' ? { name: more.name ?? `Group ${id}` } : {}),
    }
    this.chats.set(id, chat)
    this.#append(`chat:${id}`, members[0], () => ({ type: 'chat.created' }))
    members.forEach((userId, at) =>
      this.#insertMember(chat, userId, kind === 'group' && at === 0 ? 'owner' : 'member'),
    )
    for (const userId of members) this.#publishChatAdded(id, userId)
    if (chat.visibility === 'public') this.#publishGroupListed(id)
    return id
  }

  join(chatId: string, userId: string): void {
    const chat = this.requireChat(chatId)
    if (chat.members.has(userId)) return
    this.#insertMember(chat, userId, 'member')
    this.#publishChatAdded(chatId, userId)
  }

  leave(chatId: string, userId: string, reason: 'left' | 'removed' = 'left'): void {
    const chat = this.requireChat(chatId)
    const membership = chat.members.get(userId)
    if (!membership) return
    chat.members.delete(userId)
    this.#append(`chat:${chatId}`, userId, () => ({
      type: 'member.removed',
      user: this.#requireUser(userId),
      userId,
      role: membership.role,
    }))
    this.#append(`user:${userId}`, userId, () => ({ type: 'chat.removed', chatId, reason }))
  }

  deleteChat(chatId: string): void {
    const chat = this.requireChat(chatId)
    const members = [...chat.members.keys()]
    chat.members.clear()
    for (const userId of members) {
      this.#append(`user:${userId}`, undefined, () => ({ type: 'chat.removed', chatId, reason: 'deleted' }))
    }
    if (chat.visibility === 'public') this.#append('hub', undefined, () => this.#unlistedBody(chatId))
    this.chats.delete(chatId)
    this.#streams.delete(`chat:${chatId}`)
    this.#entryHeaders.delete(`chat:${chatId}`)
  }

  setRole(chatId: string, userId: string, role: ChatRole): void {
    const membership = this.requireChat(chatId).members.get(userId)
    if (!membership) return
    membership.role = role
    this.#append(`chat:${chatId}`, userId, () => ({
      type: 'member.updated',
      user: this.#requireUser(userId),
      userId,
      role,
    }))
  }

  updateChat(chatId: string, changes: EntryOf<'chat.updated'>['changes']): void {
    const chat = this.requireChat(chatId)
    if (changes.name !== undefined) chat.name = changes.name
    if (changes.topic === '') delete chat.topic
    else if (changes.topic !== undefined) chat.topic = changes.topic
    if (changes.picture === '') delete chat.picture
    else if (changes.picture !== undefined) chat.picture = changes.picture
    chat.posting = changes.posting ?? chat.posting
    chat.archived = changes.archived ?? chat.archived
    this.#append(`chat:${chatId}`, undefined, () => ({ type: 'chat.updated', changes }))
    if (chat.visibility === 'public') this.#publishGroupListed(chatId)
  }

  sendMessage(
    chatId: string,
    author: string,
    text: string,
    cid = `cid-${++this.#lastId}`,
    replyTo?: string,
  ): Message {
    const chat = this.requireChat(chatId)
    const seq = this.head(`chat:${chatId}`) + 1
    const quoted = chat.messages.find((each) => each.id === replyTo)
    const message: Message = {
      id: `m-${++this.#lastId}`,
      chatId,
      no: chat.messages.length + 1,
      seq,
      rev: seq,
      cid,
      author,
      text,
      at: this.clock.now(),
      attachments: [],
      reactions: [],
      ...(quoted
        ? { replyTo: { id: quoted.id, no: quoted.no, author: quoted.author, text: preview(quoted.text) } }
        : {}),
    }
    chat.messages.push(message)
    chat.updatedAt = message.at
    const membership = chat.members.get(author)
    if (membership) membership.readNo = membership.deliveredNo = message.no
    if (author === me) delete chat.mine.unreadFrom
    this.#appendMessage(chatId, 'message.sent', author, message.id)
    return message
  }

  editMessage(chatId: string, no: number, text: string): void {
    const chat = this.requireChat(chatId)
    const message = chat.messages[no - 1]
    if (!message || chat.deleted.has(message.id)) return
    const rev = this.head(`chat:${chatId}`) + 1
    chat.messages[no - 1] = { ...message, text, rev, editedAt: this.clock.now() }
    this.#appendMessage(chatId, 'message.edited', message.author, message.id)
  }

  deleteMessage(chatId: string, no: number): void {
    const chat = this.requireChat(chatId)
    const message = chat.messages[no - 1]
    if (!message || chat.deleted.has(message.id)) return
    chat.deleted.add(message.id)
    chat.messages[no - 1] = { ...message, rev: this.head(`chat:${chatId}`) + 1 }
    this.#appendMessage(chatId, 'message.deleted', message.author, message.id)
  }

  undeleteMessage(chatId: string, no: number): void {
    const chat = this.requireChat(chatId)
    const message = chat.messages[no - 1]
    if (!message || !chat.deleted.delete(message.id)) return
    chat.messages[no - 1] = { ...message, rev: this.head(`chat:${chatId}`) + 1 }
    this.#appendMessage(chatId, 'message.undeleted', message.author, message.id)
  }

  addReaction(chatId: string, no: number, userId: string, emoji: string): void {
    const chat = this.requireChat(chatId)
    const message = chat.messages[no - 1]
    if (!message || chat.deleted.has(message.id)) return
    const isThere = message.reactions.some((each) => each.emoji === emoji && each.users.includes(userId))
    const others = message.reactions.filter((each) => each.emoji !== emoji)
    const reactions = isThere ? others : [...others, { emoji, users: [userId] }]
    chat.messages[no - 1] = { ...message, reactions, rev: this.head(`chat:${chatId}`) + 1 }
    this.#appendMessage(chatId, isThere ? 'reaction.removed' : 'reaction.added', userId, message.id)
  }

  sendReply(chatId: string, no: number, author: string, text: string): void {
    const chat = this.requireChat(chatId)
    const parent = chat.messages[no - 1]
    if (!parent) return
    const some = chat.replies.get(parent.id) ?? []
    const seq = this.head(`chat:${chatId}`) + 1
    const id = `m-${++this.#lastId}`
    const at = this.clock.now()
    const replies = { count: some.length + 1, lastNo: some.length + 1, at, users: [author] }
    chat.replies.set(parent.id, [
      ...some,
      {
        ...{ id, chatId, no: some.length + 1, seq, rev: seq, cid: `cid-${id}`, author, text, at },
        ...{ thread: parent.id, attachments: [], reactions: [] },
      },
    ])
    this.#appendMessage(chatId, 'message.sent', author, id)
    chat.messages[no - 1] = { ...parent, replies, rev: seq + 1 }
    this.#appendMessage(chatId, 'thread.updated', author, parent.id)
  }

  /** An entry of a type that this page does not know. */
  appendUnknown(chatId: string): void {
    this.#append(`chat:${chatId}`, undefined, () => ({ type: 'poll.opened' as 'chat.created', poll: {} }))
  }

  markRead(chatId: string, userId: string, no: number): void {
    const chat = this.requireChat(chatId)
    const membership = chat.members.get(userId)
    if (!membership) return
    const readNo = Math.max(membership.readNo, Math.min(no, chat.messages.length))
    if (userId === me && readNo > membership.readNo) delete chat.mine.unreadFrom
    membership.readNo = readNo
    membership.deliveredNo = Math.max(membership.deliveredNo, membership.readNo)
    if (userId === me || chat.members.has(me)) {
      this.broadcast({ t: 'read', chat: chatId, user: userId, no: membership.readNo })
    }
  }

  /** Sets chat preferences of the user and publishes them to their pages. */
  updateChatPreferences(chatId: string, changes: Omit<Input<'chats.updatePreferences'>, 'chatId'>): void {
    const { mine, messages, members } = this.requireChat(chatId)
    const readNo = members.get(me)?.readNo ?? 0
    const { archivedForMe: wasAside = false } = this.summary(chatId)
    const { muted = mine.muted, notify = mine.notify, archivedForMe = wasAside } = changes
    const { unreadFrom = mine.unreadFrom ?? 0 } = changes
    const kept = { muted, notify, ...(archivedForMe ? { archivedForMeNo: messages.length } : {}) }
    const marked = unreadFrom > 0 && unreadFrom <= readNo ? { unreadFrom } : {}
    this.requireChat(chatId).mine = { ...kept, ...marked }
    const body = { chatId, archivedForMe, archivedForMeNo: 0, unreadFrom: 0, readNo, ...kept, ...marked }
    this.#append(`user:${me}`, me, () => ({ type: 'chat.preferencesUpdated', ...body }))
  }

  markDelivered(chatId: string, userId: string, no: number): void {
    const membership = this.requireChat(chatId).members.get(userId)
    if (!membership || no <= membership.deliveredNo) return
    membership.deliveredNo = no
    if (userId !== me) this.broadcast({ t: 'delivered', chat: chatId, user: userId, no })
  }

  backup() {
    const chats = [...this.chats.values()].map((chat) => ({
      ...chat,
      members: new Map([...chat.members].map(([userId, membership]) => [userId, { ...membership }])),
      messages: [...chat.messages],
      mine: { ...chat.mine },
      deleted: new Set(chat.deleted),
      replies: new Map([...chat.replies].map(([id, some]) => [id, [...some]])),
    }))
    return {
      chats,
      users: new Map(this.users),
      streams: new Map(this.#streams),
      frames: new Map(this.#entryHeaders),
    }
  }

  /** Restores a backup: later changes are lost, and a new epoch begins. */
  restore({ chats, users, streams, frames }: ReturnType<FakeHub['backup']>): void {
    this.epoch = `epoch-${++this.#lastId}`
    this.chats.clear()
    for (const chat of chats) this.chats.set(chat.id, chat)
    this.users.clear()
    for (const [id, user] of users) this.users.set(id, user)
    this.#streams = new Map(streams)
    this.#entryHeaders = new Map(frames)
    this.disconnect(1006)
  }

  // What the page can see.

  head(stream: string): number {
    return this.#streams.get(stream)?.length ?? 0
  }

  requireChat(chatId: string): FakeChat {
    const chat = this.chats.get(chatId)
    if (!chat) throw new HubError('not_found', 'This chat does not exist, or you cannot see it.')
    return chat
  }

  summaries(viewer = me): ChatSummary[] {
    return [...this.chats.values()]
      .filter((chat) => chat.members.has(viewer))
      .map((chat) => this.summary(chat.id, viewer))
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1))
  }

  summary(chatId: string, viewer = me): ChatSummary {
    const chat = this.requireChat(chatId)
    const membership = chat.members.get(viewer)
    if (!membership) throw new HubError('not_found', 'This chat does not exist, or you cannot see it.')
    const unread = chat.messages.filter(
      (message) =>
        message.no >= (chat.mine.unreadFrom ?? membership.readNo + 1) &&
        message.author !== viewer &&
        !chat.deleted.has(message.id),
    )
    const last = chat.messages.at(-1)
    const peer = chat.kind === 'direct' ? [...chat.members.keys()].find((id) => id !== viewer) : undefined
    const marks = peer === undefined ? undefined : chat.members.get(peer)
    const deleted = last !== undefined && chat.deleted.has(last.id)
    return {
      id: chat.id,
      kind: chat.kind,
      visibility: chat.visibility,
      posting: chat.posting,
      archived: chat.archived,
      memberCount: chat.members.size,
      role: membership.role,
      head: this.head(`chat:${chatId}`),
      lastNo: chat.messages.length,
      readNo: membership.readNo,
      unread: unread.length,
      mentions: unread.filter((message) => message.text.includes(`@${this.#requireUser(viewer).username}`))
        .length,
      ...chat.mine,
      archivedForMe:
        chat.mine.archivedForMeNo !== undefined &&
        (chat.mine.muted || chat.messages.length <= chat.mine.archivedForMeNo),
      updatedAt: chat.updatedAt,
      ...(chat.name === undefined ? {} : { name: chat.name }),
      ...(chat.topic === undefined ? {} : { topic: chat.topic }),
      ...(chat.picture === undefined ? {} : { picture: chat.picture }),
      ...(peer === undefined ? {} : { peer }),
      ...(marks ? { peerReadNo: marks.readNo, peerDeliveredNo: marks.deliveredNo } : {}),
      ...(last
        ? {
            lastMessage: {
              id: last.id,
              no: last.no,
              author: last.author,
              text: deleted ? '' : preview(last.text),
              at: last.at,
              ...(deleted ? { deleted } : {}),
            },
          }
        : {}),
    }
  }

  messages(chatId: string): (Message | Tombstone)[] {
    const chat = this.requireChat(chatId)
    return chat.messages.map((message) => this.#messageView(chat, message))
  }

  members(chatId: string) {
    return [...this.requireChat(chatId).members].map(([userId, membership]) => ({
      user: this.#requireUser(userId),
      userId,
      ...membership,
    }))
  }

  groups() {
    return [...this.chats.values()]
      .filter((chat) => chat.kind === 'group' && chat.visibility === 'public' && !chat.archived)
      .filter((chat) => !chat.members.has(me))
      .map((chat) => this.#groupView(chat.id))
  }

  readEntries(stream: string, after: number, limit: number, viewer = me): Entry[] {
    const bodies = this.#streams.get(stream) ?? []
    return bodies.slice(after, after + limit).map((_, at) => this.#entryAt(stream, after + at + 1, viewer))
  }

  // Transports.

  openSocket(): FakeSocket {
    this.connectionAttempts += 1
    const socket = new FakeSocket(this)
    queueMicrotask(() => {
      if (!this.isUp || this.session === undefined) return socket.closeByHub(1006)
      this.sockets.add(socket)
      socket.enqueue({
        t: 'hello',
        protocol: this.protocol,
        hubId: this.hubId,
        epoch: this.epoch,
        boot: 'boot',
        user: me,
        now: this.clock.now(),
        limits: { text: 16384, frame: 65536 },
        ...(this.standing.term ? { term: this.standing.term } : {}),
        ...(this.isLarge && { large: true as const }),
      })
    })
    return socket
  }

  readonly fetch = async (address: unknown, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve()
    if (!this.isUp) throw new TypeError('fetch failed')
    const url = new URL(String(address), 'http://hub.example')
    const found = findRoute(init.method ?? 'GET', url.pathname)
    if (!found) return errorResponse(new HubError('not_found', 'There is nothing here.'))
    const query: Record<string, unknown> = {}
    for (const [name, value] of url.searchParams) query[name] = /^\d+$/.test(value) ? Number(value) : value
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as object) : {}
    const input = { ...query, ...body, ...found.members }
    const csrf = new Headers(init.headers).get('x-csrf-token')
    try {
      const output = this.handleRequest(found.name, input, 'http', csrf ?? undefined)
      return output === undefined ? new Response(null, { status: 204 }) : Response.json(output)
    } catch (error) {
      return errorResponse(error)
    }
  }

  handleMessage(socket: FakeSocket, message: ToHub): void {
    switch (message.t) {
      case 'resume': {
        if (message.csrf !== this.session) return socket.closeByHub(4401)
        socket.isResumed = true
        this.shownTerms.push(message.term)
        return socket.enqueue(this.#stateSince(message))
      }
      case 'ping':
        return socket.enqueue({ t: 'pong' })
      case 'req': {
        try {
          const input = message.input as Record<string, unknown>
          const output = this.handleRequest(message.name as RequestName, input, 'socket')
          if (this.#consumeLostResponse(message.name as RequestName)) return
          const { held } = this.standing
          socket.enqueue({
            ...{ t: 'ok', id: message.id, output: output ?? {} },
            ...(held === undefined ? {} : { held }),
          })
        } catch (error) {
          const wire =
            error instanceof HubError ? error.toWire() : { code: 'internal' as const, message: String(error) }
          socket.enqueue({ t: 'err', id: message.id, error: wire })
        }
        return
      }
      case 'delivered':
        this.hints.push(message)
        if (this.chats.has(message.chat)) this.markDelivered(message.chat, me, message.no)
        return
      default:
        this.hints.push(message)
    }
  }

  /** The state without what the page has. */
  #stateSince({ epoch, have, wants }: Extract<ToHub, { t: 'resume' }>): Extract<FromHub, { t: 'state' }> {
    const state = { ...this.stateFrame(), ...(wants && { wants }) }
    this.cursorsOfHub.push(have?.hub)
    if (!have || epoch !== state.epoch) return { ...state, ...(wants && { users: this.#usersNear() }) }
    const chats = state.chats.filter((chat) => have.chats[chat.id] !== summaryDigest(chat))
    const gone = Object.keys(have.chats).filter((id) => !state.chats.some((chat) => chat.id === id))
    const entries = this.#latestOfHub(have.hub)
    this.sentChatCounts.push(chats.length)
    const users = entries ? [] : this.#usersNear()
    return { ...state, chats, since: { gone, ...(entries && { entries }) }, ...(wants && { users }) }
  }

  /** Of all chats: none is large. */
  #usersNear(): User[] {
    const chats = [...this.chats.values()].filter(({ members }) => members.has(me))
    const ids = new Set(chats.flatMap(({ members }) => [...members.keys()]))
    return [...ids].map((id) => this.#requireUser(id))
  }

  /** Of each user only the latest entry. */
  #latestOfHub(after: number | undefined): Entry[] | undefined {
    if (after === undefined || after > this.head('hub')) return undefined
    const latest = new Map<string, Entry>()
    for (const entry of this.readEntries('hub', after, 500)) {
      const key = 'user' in entry ? entry.user.id : String(entry.seq)
      const type = latest.get(key)?.type === 'user.added' ? { type: 'user.added' } : {}
      latest.delete(key)
      latest.set(key, { ...entry, ...type } as Entry)
    }
    return [...latest.values()]
  }

  stateFrame(): Extract<FromHub, { t: 'state' }> {
    return {
      t: 'state',
      epoch: this.epoch,
      me: { ...this.#requireUser(me), settings: this.settings },
      chats: this.summaries(),
      heads: { [`user:${me}`]: this.head(`user:${me}`), hub: this.head('hub') },
      presence: Object.fromEntries(this.presence),
      ...(this.standing.safety ? { safety: this.standing.safety, places: [] } : {}),
    }
  }

  /** Sends to every connected page. */
  broadcast(message: FromHub): void {
    for (const socket of this.sockets) if (socket.isResumed) socket.enqueue(message)
  }

  disconnect(code: number): void {
    for (const socket of [...this.sockets]) socket.closeByHub(code)
  }

  handleRequest(
    name: RequestName,
    input: Record<string, unknown>,
    by: 'socket' | 'http',
    csrf?: string,
  ): object | undefined {
    this.requests.push({ name, input, by, ...(csrf === undefined ? {} : { csrf }) })
    const at = this.refusals.findIndex((refusal) => refusal.name === name)
    const [refusal] = at >= 0 ? this.refusals.splice(at, 1) : []
    if (refusal) {
      const { retryAfter } = refusal
      throw new HubError(
        refusal.code,
        `refused: ${refusal.code}`,
        retryAfter === undefined ? {} : { retryAfter },
      )
    }
    const open: RequestName[] = [
      'hub.meta',
      'hub.setup',
      'hub.checkSetupCode',
      'accounts.login',
      'accounts.register',
      'recovery.question',
    ]
    if (this.session === undefined && !open.includes(name)) {
      throw new HubError('unauthenticated', 'Log in first.')
    }
    return this.#dispatch(name, input)
  }

  #dispatch(name: RequestName, input: Record<string, unknown>): object | undefined {
    const respond = this.responses.get(name)
    if (respond) return respond(input)
    const chatId = (input['chatId'] as string | undefined) ?? ''
    switch (name) {
      case 'hub.meta':
        return {
          name: 'Test hub',
          hubId: this.hubId,
          version: '0',
          protocol: { min: 1, max: 1 },
          registration: 'open',
          needsSetup: this.needsSetup,
          recoveryByQuestion: true,
          securityQuestions: [],
        } satisfies Output<'hub.meta'>
      case 'hub.checkSetupCode':
        return undefined
      case 'hub.setup':
      case 'accounts.register':
      case 'accounts.login':
        this.session = `csrf-${++this.#lastId}`
        this.needsSetup = false
        return { user: this.#requireUser(me), ...(name === 'accounts.login' ? {} : { recoveryKey: 'key' }) }
      case 'accounts.logout':
        this.session = undefined
        this.disconnect(4401)
        return undefined
      case 'me.get':
        return {
          user: this.#requireUser(me),
          csrfToken: this.session ?? '',
          settings: this.settings,
          ...(this.isPending ? { pending: true } : {}),
        }
      case 'me.update': {
        const changes = (input['settings'] ?? {}) as Settings
        this.settings = { ...this.settings, ...changes }
        this.#append(`user:${me}`, me, () => ({ type: 'settings.updated', changes }))
        return { user: this.#requireUser(me), settings: this.settings }
      }
      case 'users.list': {
        const users = [...this.users.values()]
        const from = users.findIndex((user) => user.id === input['after']) + 1
        // Small pages, so that paging is exercised.
        return { users: users.slice(from, from + 2), more: from + 2 < users.length }
      }
      case 'users.find': {
        const { ids = '', names = '' } = input as { ids?: string; names?: string }
        const isWanted = ({ id, username }: User): boolean =>
          ids.split(',').includes(id) || names.split(',').includes(username)
        return { users: [...this.users.values()].filter(isWanted) }
      }
      case 'users.search':
        return { users: findByName([...this.users.values()], String(input['query']), namesOf), more: false }
      case 'users.get':
        return { user: this.#requireUser(String(input['userId'])), presence: 'offline', lastSeen: 5 }
      case 'chats.list':
        return { chats: this.summaries() }
      case 'chats.get': {
        const members = this.members(chatId)
        if (members.length <= Number(input['most'] ?? Infinity))
          return { chat: this.summary(chatId), members }
        const few = members.filter(({ role, userId }) => role !== 'member' || userId === me)
        return { chat: this.summary(chatId), members: few, partial: true }
      }
      case 'members.list': {
        const { query = '' } = input as { query?: string }
        const found = findByName(this.members(chatId), query, ({ user }) => namesOf(user))
        const from = found.findIndex(({ userId }) => userId === input['after']) + 1
        // Small pages, so that paging is exercised.
        return { members: found.slice(from, from + 3), more: found.length > from + 3 }
      }
      case 'chats.discover':
        return { chats: this.groups() }
      case 'chats.create': {
        const members = (input['members'] as string[] | undefined) ?? []
        return {
          chat: this.summary(this.addChat('group', [me, ...members], { name: String(input['name']) })),
        }
      }
      case 'chats.direct':
        return { chat: this.summary(this.addChat('direct', [me, String(input['userId'])])) }
      case 'chats.join':
        this.join(chatId, me)
        return { chat: this.summary(chatId) }
      case 'chats.leave':
        this.leave(chatId, me)
        return undefined
      case 'chats.read':
        this.#requireMember(chatId)
        this.markRead(chatId, me, Number(input['no']))
        return { readNo: this.requireChat(chatId).members.get(me)?.readNo ?? 0 }
      case 'chats.updatePreferences':
        this.#requireMember(chatId)
        this.updateChatPreferences(chatId, input)
        return { chat: this.summary(chatId) }
      case 'chats.readAll': {
        const behind = this.summaries().filter((chat) => chat.readNo < chat.lastNo)
        for (const chat of behind) this.markRead(chat.id, me, chat.lastNo)
        for (const chat of this.summaries())
          if (chat.unreadFrom) this.updateChatPreferences(chat.id, { unreadFrom: 0 })
        return { chats: behind.map((chat) => ({ id: chat.id, readNo: chat.lastNo })) }
      }
      case 'threads.get':
        return { thread: this.#threadView(String(input['messageId'])) }
      case 'threads.list':
        return { threads: [], more: false }
      case 'messages.list':
        this.#requireMember(chatId)
        return this.#messagePage(chatId, input)
      case 'messages.edit': {
        const id = String(input['messageId'])
        const message = this.#allMessages().find((each) => each.id === id)
        if (!message) throw new HubError('not_found', 'This message does not exist.')
        if (typeof input['rev'] === 'number' && message.editedAt && input['rev'] < message.rev)
          throw new HubError('conflict', 'This message was edited meanwhile.')
        if (message.text !== input['text'])
          this.editMessage(message.chatId, message.no, String(input['text']))
        return { message: this.requireChat(message.chatId).messages[message.no - 1] }
      }
      case 'messages.send': {
        this.#requireMember(chatId)
        const cid = String(input['cid'])
        const earlier = this.#allMessages().find((message) => message.cid === cid && message.author === me)
        if (earlier) return { message: this.#messageView(this.requireChat(earlier.chatId), earlier) }
        const replyTo = typeof input['replyTo'] === 'string' ? input['replyTo'] : undefined
        return { message: this.sendMessage(chatId, me, String(input['text']), cid, replyTo) }
      }
      case 'streams.read': {
        const stream = String(input['stream'])
        if (stream.startsWith('chat:')) this.#requireMember(stream.slice(5))
        const after = Number(input['after'] ?? 0)
        const head = this.head(stream)
        if (after > head) return { entries: [], head, reset: true }
        // Small pages, so that reading on is exercised.
        return { entries: this.readEntries(stream, after, Math.min(Number(input['limit'] ?? 3), 3)), head }
      }
      default:
        throw new HubError('not_found', `the fake hub does not know ${name}`)
    }
  }

  #messagePage(chatId: string, input: Record<string, unknown>) {
    const thread = input['thread']
    const all = typeof thread === 'string' ? this.replies(chatId, thread) : this.messages(chatId)
    const limit = Math.min(Number(input['limit'] ?? 50), 100)
    if (input['after'] !== undefined) {
      const newer = all.filter((message) => message.no > Number(input['after']))
      return { messages: newer.slice(0, limit), more: newer.length > limit }
    }
    if (input['around'] !== undefined) {
      const older = all.filter((message) => message.no < Number(input['around']))
      const newer = all.filter((message) => message.no >= Number(input['around']))
      const half = Math.floor(limit / 2)
      return {
        messages: [...older.slice(-half), ...newer.slice(0, half)],
        more: older.length > half,
        moreAfter: newer.length > half,
      }
    }
    const before = Number(input['before'] ?? Infinity)
    const older = all.filter((message) => message.no < before)
    return { messages: older.slice(-limit), more: older.length > limit }
  }

  replies(chatId: string, thread: string): Message[] {
    return this.requireChat(chatId).replies.get(thread) ?? []
  }

  #threadView(messageId: string): Thread {
    const chat = [...this.chats.values()].find(({ messages }) => messages.some(({ id }) => id === messageId))
    const message = chat?.messages.find(({ id }) => id === messageId)
    if (!chat || !message) throw new HubError('not_found', 'This message does not exist.')
    this.#requireMember(chat.id)
    const unread = this.replies(chat.id, messageId).length
    return {
      chatId: chat.id,
      message: this.#messageView(chat, message),
      following: true,
      readNo: 0,
      unread,
      mentions: 0,
    }
  }

  #allMessages(): Message[] {
    return [...this.chats.values()].flatMap((chat) => chat.messages)
  }

  #requireMember(chatId: string): void {
    if (!this.chats.get(chatId)?.members.has(me)) {
      throw new HubError('not_found', 'This chat does not exist, or you cannot see it.')
    }
  }

  #consumeLostResponse(name: RequestName): boolean {
    const at = this.lostResponses.indexOf(name)
    if (at >= 0) this.lostResponses.splice(at, 1)
    return at >= 0
  }

  #messageView(chat: FakeChat, message: Message): Message | Tombstone {
    const { id, no, seq, rev, thread, replies, replyTo } = message
    if (chat.deleted.has(id)) {
      const hanging = { ...(thread ? { thread } : {}), ...(replies ? { replies } : {}) }
      return { id, no, seq, rev, deleted: true, ...hanging }
    }
    const quoted = replyTo && chat.messages[replyTo.no - 1]
    if (!quoted) return message
    const text = chat.deleted.has(quoted.id) ? '' : preview(quoted.text)
    return { ...message, replyTo: { ...replyTo, text } }
  }

  #requireUser(userId: string): User {
    const user = this.users.get(userId)
    if (!user) throw new Error(`no such person: ${userId}`)
    return user
  }

  #insertMember(chat: FakeChat, userId: string, role: ChatRole): void {
    const no = chat.messages.length
    chat.members.set(userId, { role, readNo: no, deliveredNo: no })
    if (userId === me) chat.mine = { muted: false, notify: 'default' }
    this.#append(`chat:${chat.id}`, userId, () => ({
      type: 'member.added',
      user: this.#requireUser(userId),
      userId,
      role,
    }))
  }

  #publishChatAdded(chatId: string, userId: string): void {
    this.#append(`user:${userId}`, undefined, (viewer) =>
      this.chats.get(chatId)?.members.has(viewer)
        ? { type: 'chat.added', chat: this.summary(chatId, viewer) }
        : { type: 'chat.removed', chatId, reason: 'removed' },
    )
  }

  #publishGroupListed(chatId: string): void {
    this.#append('hub', undefined, () =>
      this.chats.get(chatId)?.archived === false
        ? { type: 'group.listed', group: this.#groupView(chatId) }
        : this.#unlistedBody(chatId),
    )
  }

  #unlistedBody(chatId: string): EntryBody {
    return { type: 'group.unlisted', group: { id: chatId } }
  }

  #groupView(chatId: string) {
    const { id, name, topic, picture, members } = this.requireChat(chatId)
    return {
      id,
      name: name ?? '',
      memberCount: members.size,
      ...(topic === undefined ? {} : { topic }),
      ...(picture === undefined ? {} : { picture }),
    }
  }

  #appendMessage(chatId: string, type: Entry['type'], by: string, messageId: string): void {
    this.#append(`chat:${chatId}`, by, () => {
      const chat = this.requireChat(chatId)
      const message = [...chat.messages, ...[...chat.replies.values()].flat()].find(
        (each) => each.id === messageId,
      )
      if (!message) throw new Error(`no such message: ${messageId}`)
      return { type, message: this.#messageView(chat, message) }
    })
  }

  #append(stream: string, by: string | undefined, body: (viewer: string) => EntryBody): void {
    const bodies = this.#streams.get(stream) ?? []
    const frames = this.#entryHeaders.get(stream) ?? []
    this.#streams.set(stream, [...bodies, body])
    this.#entryHeaders.set(stream, [...frames, { at: this.clock.now(), by }])
    if (this.#isSubscribed(stream))
      this.broadcast({ t: 'entry', ...this.#entryAt(stream, bodies.length + 1, me) })
  }

  #isSubscribed(stream: string): boolean {
    if (stream === 'hub' || stream === `user:${me}`) return true
    return stream.startsWith('chat:') && this.chats.get(stream.slice(5))?.members.has(me) === true
  }

  #entryAt(stream: string, seq: number, viewer: string): Entry {
    const body = this.#streams.get(stream)?.[seq - 1]
    const frame = this.#entryHeaders.get(stream)?.[seq - 1]
    if (!body || !frame) throw new Error(`no entry ${seq} in ${stream}`)
    const { at, by } = frame
    return { stream, seq, at, ...(by === undefined ? {} : { by }), ...body(viewer) } as unknown as Entry
  }
}

const namesOf = ({ displayName, username }: User): string[] => [displayName, username]

function findRoute(method: string, path: string) {
  for (const [name, [itsMethod, pattern]] of Object.entries(routes)) {
    const names = [...pattern.matchAll(/:([A-Za-z]+)/g)].map(([, member]) => member as string)
    const match = new RegExp(`^${pattern.replace(/:[A-Za-z]+/g, '([^/]+)')}$`).exec(path)
    if (!match || itsMethod !== method) continue
    const members = Object.fromEntries(
      names.map((member, at) => [member, decodeURIComponent(match[at + 1] ?? '')]),
    )
    return { name: name as RequestName, members }
  }
  return undefined
}

function errorResponse(error: unknown): Response {
  if (!(error instanceof HubError)) throw error
  const status = error.code === 'unauthenticated' ? 401 : 400
  return Response.json({ error: error.toWire() }, { status })
}
