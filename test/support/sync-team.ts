import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { TestHub } from './hub.ts'
import { png } from './images.ts'
import { Replica } from './replica.ts'
import { RequestError, TestUser } from './test-user.ts'

/* Random histories of a team: what its users do, in rounds whose steps run concurrently. */

const stepKinds = [
  ...[
    'send',
    'send',
    'send',
    'send',
    'direct',
    'group',
    'public group',
    'join',
    'join',
    'leave',
    'add',
    'add',
  ],
  ...[
    'remove',
    'remove',
    'promote',
    'demote',
    'transfer ownership',
    'new name',
    'new avatar',
    'new status',
    'rename',
    'topic',
    'make private',
    'make public',
    'delete group',
  ],
  ...[
    'edit',
    'edit',
    'delete message',
    'delete message',
    'hide message',
    'hide message',
    'undelete message',
    'undelete message',
    'react',
    'react',
    'unreact',
  ],
  ...['reply', 'reply', 'reply in thread', 'reply in thread', 'reply in thread', 'read thread'],
  ...[
    'pin',
    'pin',
    'unpin',
    'mute',
    'notify',
    'archivedForMe',
    'archivedForMe',
    'unread from',
    'unread from',
    'arrange list',
  ],
  ...[
    'let admins post',
    'let all post',
    'archive',
    'unarchive',
    'unarchive',
    'undelete group',
    'undelete group',
  ],
  ...['read', 'read all', 'disconnect', 'disconnect', 'connect', 'connect', 'connect', 'resume', 'newcomer'],
] as const
type StepKind = (typeof stepKinds)[number]

export interface SyncStep {
  kind: StepKind
  who: number
  other: number
  chat: number
}

export const steps = fc.array(
  fc.array(
    fc.record({
      kind: fc.constantFrom(...stepKinds),
      who: fc.nat({ max: 3 }),
      other: fc.nat({ max: 3 }),
      chat: fc.nat({ max: 5 }),
    }),
    // the steps of one list run concurrently
    { minLength: 1, maxLength: 4 },
  ),
  { minLength: 5, maxLength: 25 },
)

interface LoggedEntry {
  seq: number
  type: string
  target: string | null
}

/** A process of the hub: its users may use any of them. */
type SyncPlace = Pick<TestHub, 'url'>

/** One run: four users, their replicas, and the chats they create. */
export class SyncTeam {
  readonly hub: TestHub
  /** Where users connect and send requests, in turn. */
  readonly places: readonly SyncPlace[]
  readonly tag: string
  readonly users: TestUser[]
  readonly replicas: Replica[]
  readonly chatIds: string[] = []
  /** The logs of chats, saved before the chats are deleted. */
  readonly logs = new Map<string, LoggedEntry[]>()
  readonly #owner: TestUser
  #newcomerCount = 0

  constructor(
    hub: TestHub,
    owner: TestUser,
    tag: string,
    users: TestUser[],
    places: readonly SyncPlace[] = [hub],
  ) {
    this.hub = hub
    this.#owner = owner
    this.tag = tag
    this.users = users
    this.places = places
    this.replicas = users.map((user, at) => new Replica(this.#at(user, at)))
  }

  static async create(
    hub: TestHub,
    owner: TestUser,
    tag: string,
    places?: readonly SyncPlace[],
  ): Promise<SyncTeam> {
    const names = ['a', 'b', 'c', 'd'].map((letter) => `${tag}.${letter}`)
    const users = await Promise.all(
      names.map(async (username) => {
        const { invite } = await owner.request('admin.invites.create', {})
        return TestUser.register(hub.url, { username, invite })
      }),
    )
    const team = new SyncTeam(hub, owner, tag, users, places)
    await Promise.all(team.replicas.map((replica) => replica.connect()))
    await Promise.all(team.replicas.map((replica) => replica.settle()))
    // one chat with all users, so that most operations on messages find one
    const [first, ...others] = team.users
    if (first) team.chatIds.push((await first.createGroup(`${tag} all`, others)).id)
    return team
  }

  #at(user: TestUser, at: number): TestUser {
    const place = this.places[at % this.places.length] ?? this.hub
    return user.atUrl(place.url)
  }

  async runStep(step: SyncStep): Promise<void> {
    try {
      await this.#perform(step)
    } catch (error) {
      // Most random steps are not allowed. They must change nothing and return one of these codes.
      if (
        !(error instanceof RequestError) ||
        !['not_found', 'forbidden', 'invalid', 'conflict'].includes(error.code)
      )
        throw error
    }
  }

  async #perform({ kind, who, other, chat }: SyncStep): Promise<void> {
    // requests and sockets of one user may be at different processes
    const me = this.#at(this.users[who] as TestUser, who + other + chat)
    const replica = this.replicas[who] as Replica
    const them = this.users[other] as TestUser
    const chatId = this.chatIds[chat % Math.max(1, this.chatIds.length)] ?? 'none'
    const userId = them.id
    const name = `${this.tag} ${randomUUID().slice(0, 4)}`
    switch (kind) {
      case 'send': {
        // half of the messages go over the socket, if there is one
        const input = { chatId, cid: randomUUID(), text: name }
        if (chat % 2 && replica.live && !replica.live.closed) {
          await replica.live.request('messages.send', input).catch(ignoreIfDisconnected(replica))
        } else await me.request('messages.send', input)
        return
      }
      case 'direct':
        this.chatIds.push((await me.openDirectChat(them)).id)
        return
      case 'group':
        this.chatIds.push((await me.createGroup(name, who === other ? this.users : [them])).id)
        return
      case 'public group':
        this.chatIds.push((await me.createGroup(name, who === other ? [] : [them], 'public')).id)
        return
      case 'join':
        await me.request('chats.join', { chatId })
        return
      case 'leave':
        await this.#saveLog(chatId)
        return me.request('chats.leave', { chatId })
      case 'add':
        return me.request('members.add', { chatId, userId })
      case 'remove':
        return me.request('members.remove', { chatId, userId })
      case 'promote':
        return me.request('members.update', { chatId, userId, role: 'admin' })
      case 'demote':
        return me.request('members.update', { chatId, userId, role: 'member' })
      case 'transfer ownership':
        return me.request('members.update', { chatId, userId, role: 'owner' })
      case 'new name':
        await me.request('me.update', { displayName: name, settings: { hideLastSeen: other % 2 === 0 } })
        return
      case 'new status':
        if (other % 2) await me.request('status.clear', {})
        else await me.request('status.set', { text: name, emoji: '🏖️', until: Date.now() + 3_600_000 })
        return
      case 'new avatar':
        if (other % 2) await me.request('me.avatar.remove', {})
        else await me.request('me.avatar', { bytes: png(1, 1, [who, chat, 0]) })
        return
      case 'rename':
        await me.request('chats.update', { chatId, name })
        return
      case 'topic':
        await me.request('chats.update', { chatId, topic: other % 2 ? name : '' })
        return
      case 'make private':
        await me.request('chats.update', { chatId, visibility: 'private' })
        return
      case 'make public':
        await me.request('chats.update', { chatId, visibility: 'public' })
        return
      case 'edit':
      case 'delete message':
      case 'hide message':
      case 'undelete message':
      case 'react':
      case 'unreact':
      case 'reply':
      case 'reply in thread':
      case 'read thread':
        return this.#performOnMessage(kind, me, chatId, other + chat, name)
      case 'let admins post':
        await me.request('chats.update', { chatId, posting: 'admins' })
        return
      case 'let all post':
        await me.request('chats.update', { chatId, posting: 'all' })
        return
      case 'archive':
        await me.request('chats.archive', { chatId })
        return
      case 'unarchive':
        await me.request('chats.unarchive', { chatId })
        return
      case 'undelete group':
        await me.request('chats.undelete', { chatId })
        return
      case 'delete group':
        await this.#saveLog(chatId)
        return me.request('chats.delete', { chatId })
      case 'read':
        await me.request('chats.read', { chatId, no: other + chat })
        return
      case 'mute':
        await me.request('chats.updatePreferences', { chatId, muted: other % 2 === 0 })
        return
      case 'archivedForMe':
        await me.request('chats.updatePreferences', { chatId, archivedForMe: other !== 3 })
        return
      case 'notify': {
        const notify = (['default', 'all', 'mentions', 'none'] as const)[other % 4] ?? 'all'
        await me.request('chats.updatePreferences', { chatId, notify })
        return
      }
      case 'unread from':
        await me.request('chats.updatePreferences', { chatId, unreadFrom: other })
        return
      case 'arrange list': {
        const section = { id: name, name, chats: this.chatIds.slice(0, other) }
        const chatList = { favourites: [chatId], sections: other > 1 ? [section] : [], folded: [] }
        await me.request('me.update', { settings: { chatList } })
        return
      }
      case 'pin':
      case 'unpin': {
        const { messages } = await me.request('messages.list', { chatId })
        const messageId = messages[other % Math.max(1, messages.length)]?.id ?? 'none'
        await me.request(kind === 'pin' ? 'pins.add' : 'pins.remove', { messageId })
        return
      }
      case 'read all':
        await me.request('chats.readAll', {})
        return
      case 'disconnect':
        return replica.disconnect()
      case 'connect':
        return replica.connect(this.#at(me, other + chat))
      case 'resume':
        replica.live?.send({ t: 'resume', protocol: 1 })
        return
      case 'newcomer': {
        const username = `${this.tag}.new${(this.#newcomerCount += 1)}`
        const { invite } = await this.#owner.request('admin.invites.create', {})
        await TestUser.register(this.hub.url, { username, invite })
      }
    }
  }

  /** One message of the chat, or one reply of a thread in it. */
  async #performOnMessage(
    kind: StepKind,
    me: TestUser,
    chatId: string,
    at: number,
    text: string,
  ): Promise<void> {
    // deleted messages are included: they can be undeleted, and only other users’ lists omit them
    const [lister = me] = this.users.slice(at % 2)
    const found = (await lister.request('messages.list', { chatId })).messages
    const parent = found[at % Math.max(1, found.length)]
    const replies = parent?.replies
      ? (await lister.request('messages.list', { chatId, thread: parent.id })).messages
      : []
    const one = (at % 3 && replies[at % Math.max(1, replies.length)]) || parent
    if (!one || !parent) return
    const messageId = one.id
    const emoji = at % 2 ? '👍' : '🎉'
    const message = { chatId, cid: randomUUID(), text }
    switch (kind) {
      case 'edit':
        await me.request('messages.edit', { messageId, text, ...(at % 2 ? { rev: one.rev } : {}) })
        return
      case 'delete message':
        return me.request('messages.delete', { messageId, for: 'everyone' })
      case 'hide message':
        return me.request('messages.delete', { messageId, for: 'me' })
      case 'undelete message':
        await me.request('messages.undelete', { messageId })
        return
      case 'react':
        await me.request('reactions.add', { messageId, emoji })
        return
      case 'unreact':
        await me.request('reactions.remove', { messageId, emoji })
        return
      case 'reply':
        await me.request('messages.send', { ...message, replyTo: messageId })
        return
      case 'reply in thread':
        await me.request('messages.send', { ...message, thread: parent.id, replyTo: messageId })
        return
      default:
        await me.request('threads.read', { messageId: parent.id, no: at })
    }
  }

  async #saveLog(chatId: string): Promise<void> {
    const log = await this.hub.hub.store.read((db) =>
      db
        .selectFrom('entry')
        .where('stream', '=', `chat:${chatId}`)
        .select(['seq', 'type', 'target'])
        .orderBy('seq')
        .execute(),
    )
    if (log.length > 0) this.logs.set(chatId, log)
  }

  /** Reconnects every replica and waits until it has applied everything sent so far. */
  async settle(): Promise<void> {
    for (const replica of this.replicas) if (!replica.live || replica.live.closed) await replica.connect()
    for (const replica of this.replicas) await replica.settle()
  }

  /** Entries of a chat that were pushed to a user who was not a member when they were written. */
  async findLeakedEntries(): Promise<string[]> {
    for (const chatId of new Set(this.chatIds)) await this.#saveLog(chatId)
    return this.replicas.flatMap((replica) =>
      replica.pushedEntries.flatMap(({ stream, seq, type }) => {
        const log = this.logs.get(stream.slice(5)) ?? []
        const isTheirs = wasMember(log, replica.user.id, seq)
        return isTheirs ? [] : [`${replica.user.user.username} got ${type} ${seq} of ${stream}`]
      }),
    )
  }
}

function ignoreIfDisconnected(replica: Replica) {
  return (error: unknown): void => {
    if (error instanceof RequestError || !replica.live?.closed) {
      if (!(error instanceof Error) || !error.message.startsWith('closed with')) throw error
    }
  }
}

/** Whether a user was in a chat when the entry `seq` was written: added before it, and not removed since. */
function wasMember(log: LoggedEntry[], userId: string, seq: number): boolean {
  // a log saved before its last entries were written still has all entries that matter for its members
  const mine = log.filter(
    (entry) => entry.target === userId && entry.seq < seq && entry.type !== 'member.updated',
  )
  return mine.at(-1)?.type === 'member.added' && !log.some((one) => isRemoval(one, userId, seq))
}

function isRemoval(entry: LoggedEntry, userId: string, seq: number): boolean {
  return entry.seq === seq && entry.type === 'member.removed' && entry.target === userId
}

/** Runs the steps of each round side by side; those that end a chat for a user come last. */
export async function runRounds(team: SyncTeam, rounds: readonly (readonly SyncStep[])[]): Promise<void> {
  for (const round of rounds) {
    const last = round.filter(({ kind }) => kind === 'delete group' || kind === 'leave')
    await Promise.all(round.filter((step) => !last.includes(step)).map((step) => team.runStep(step)))
    for (const step of last) await team.runStep(step)
  }
}
