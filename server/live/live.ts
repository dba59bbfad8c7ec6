import type { Entry } from '../../shared/contract/entries.ts'
import { closeCodes, liveTimes, type FromHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import type { Delivery } from '../chats/marks.ts'
import type { Connection, Segment } from './connection.ts'
import { Marks } from './marks.ts'
import { Presence, type PresenceFrame } from './presence.ts'

/*
 * What is committed goes out from here, in commit order, entry by entry to whoever may see it *then*: the memory of who
 * is in which chat changes in the same order as the entries are published, so a removed member's socket gets nothing
 * that was committed after the removal.
 */

export interface LiveOptions {
  clock: () => number
  /** Heads of everything a person follows, for one who has fallen behind. */
  readHeads: (userId: string) => Promise<Record<string, number>>
  storeDelivered: (deliveries: Delivery[]) => Promise<Delivery[]>
  saveLastSeen: (seen: Map<string, number>) => void
  /** An open socket is use of its session, and does not outlive it. */
  renewSessions: (sessionIds: string[]) => void
  onError: (error: unknown) => void
}

/** Messages of one chat within a batch: the same text for each of its members. */
interface Group {
  stream: string
  chatId: string
  last: number
  texts: string[]
}

const drainEvery = 250
const findDeadEvery = 5_000
const saveEvery = 60_000
const renewEvery = 60 * 60_000
/** Whoever comes back sooner may meet a computer that has not fallen asleep yet, and hang. */
const asleepFor = 15_000

/** They change nothing about who hears what, so they go out together. */
const ofMessages = /^(message|reaction|thread)\./

export class Live {
  readonly presence: Presence
  readonly marks: Marks
  readonly #options: LiveOptions
  readonly #members = new Map<string, Set<string>>()
  readonly #connections = new Map<string, Set<Connection>>()
  /** Those who hide when they were here last. */
  readonly #hiding = new Set<string>()
  readonly #groups = new Map<string, Group>()
  readonly #dirty = new Set<Connection>()
  #flushing = false
  #size = 0
  readonly #timers: ReturnType<typeof setInterval>[] = []
  /** Called when a connection came or went. */
  whenPeopleChange: (() => void) | undefined

  constructor(options: LiveOptions) {
    this.#options = options
    this.presence = new Presence({
      clock: options.clock,
      tell: (changes) => this.#tellEverybody(changes),
      save: options.saveLastSeen,
    })
    this.marks = new Marks({
      membersOf: (chatId) => this.#members.get(chatId),
      tellUser: (userId, message) => this.tellUser(userId, message),
      store: options.storeDelivered,
      onError: options.onError,
    })
    this.#every(drainEvery, () => this.#checkDrain())
    this.#every(liveTimes.pingEvery, () => this.#eachConnection((connection) => connection.ping()))
    this.#every(findDeadEvery, () => this.#dropDead())
    this.#every(renewEvery, () => this.#renewSessions())
    this.#every(saveEvery, () => this.presence.save())
  }

  // --- who is in which chat

  joined(chatId: string, userId: string): void {
    this.#endGroups()
    let members = this.#members.get(chatId)
    if (!members) this.#members.set(chatId, (members = new Set()))
    members.add(userId)
  }

  left(chatId: string, userId: string): void {
    this.#endGroups()
    this.#members.get(chatId)?.delete(userId)
  }

  chatGone(chatId: string): void {
    this.#endGroups()
    this.#members.delete(chatId)
  }

  // --- entries

  /** Called after COMMIT, in commit order. */
  publish(entry: Entry): void {
    const text = JSON.stringify({ t: 'entry', ...entry })
    const { stream, seq } = entry
    if (stream.startsWith('chat:') && ofMessages.test(entry.type)) {
      const group = this.#groups.get(stream)
      if (group) {
        group.last = seq
        group.texts.push(text)
      } else {
        this.#groups.set(stream, { stream, chatId: stream.slice(5), last: seq, texts: [text] })
      }
      return
    }
    // anything else may change who hears what: what came before it goes out before it
    this.#endGroups()
    const segment: Segment = { stream, last: seq, text }
    if (stream.startsWith('chat:')) this.#pushToChat(stream.slice(5), segment)
    else if (stream.startsWith('user:')) this.#pushToUser(stream.slice(5), segment)
    else
      for (const connections of this.#connections.values()) for (const one of connections) one.push(segment)
  }

  /**
   * The batch has been published. It leaves in this turn of the loop, as soon as its answers are made: a turn later, what
   * came in meanwhile would make a batch of its own, and twice as many frames under load.
   */
  endBatch(): void {
    this.#endGroups()
    process.nextTick(() => this.flush())
  }

  #endGroups(): void {
    if (this.#groups.size === 0) return
    for (const { stream, chatId, last, texts } of this.#groups.values()) {
      this.#pushToChat(chatId, { stream, last, text: texts.join(',') })
    }
    this.#groups.clear()
  }

  #pushToChat(chatId: string, segment: Segment): void {
    const members = this.#members.get(chatId)
    if (!members) return
    for (const userId of members) this.#pushToUser(userId, segment)
  }

  #pushToUser(userId: string, segment: Segment): void {
    const connections = this.#connections.get(userId)
    if (connections) for (const connection of connections) connection.push(segment)
  }

  // --- hints

  tellUser(userId: string, message: FromHub): void {
    const connections = this.#connections.get(userId)
    if (!connections) return
    const segment: Segment = { stream: 'hint', last: 0, text: JSON.stringify(message) }
    for (const connection of connections) connection.hint(segment)
  }

  typing(chatId: string, userId: string): void {
    const members = this.#members.get(chatId)
    if (!members?.has(userId) || members.size > limits.smallChat) return
    for (const member of members) {
      if (member !== userId) this.tellUser(member, { t: 'typing', chat: chatId, user: userId })
    }
  }

  /** Presence goes to everybody; when somebody was last here goes to those who may know it. */
  #tellEverybody(messages: PresenceFrame[]): void {
    const segment = (knowing: boolean): Segment => {
      const told = messages.map(({ lastSeen, ...rest }) =>
        knowing && lastSeen !== undefined && !this.#hiding.has(rest.user) ? { ...rest, lastSeen } : rest,
      )
      return { stream: 'hint', last: 0, text: told.map((one) => JSON.stringify(one)).join(',') }
    }
    const [all, less] = [segment(true), segment(false)]
    this.#eachConnection((connection) =>
      connection.hint(this.#hiding.has(connection.viewer.userId) ? less : all),
    )
  }

  // --- who was here last, when

  /** Set from the person's settings at the start and after each change of them. */
  hideLastSeen(userId: string, hides: boolean): void {
    if (hides) this.#hiding.add(userId)
    else this.#hiding.delete(userId)
    // what others know already is taken back
    if (hides) this.#tellEverybody([{ t: 'presence', user: userId, state: this.presenceOf(userId) }])
  }

  /** Who hides theirs sees nobody's. */
  mayKnowLastSeen(viewerId: string, userId: string): boolean {
    return viewerId === userId || !(this.#hiding.has(viewerId) || this.#hiding.has(userId))
  }

  // --- connections

  get size(): number {
    return this.#size
  }

  countOf(userId: string): number {
    return this.#connections.get(userId)?.size ?? 0
  }

  add(connection: Connection): void {
    const { userId } = connection.viewer
    let connections = this.#connections.get(userId)
    if (!connections) this.#connections.set(userId, (connections = new Set()))
    connections.add(connection)
    this.#size += 1
    this.whenPeopleChange?.()
  }

  remove(connection: Connection): void {
    const { userId } = connection.viewer
    const connections = this.#connections.get(userId)
    if (!connections?.delete(connection)) return
    if (connections.size === 0) this.#connections.delete(userId)
    this.#size -= 1
    this.#dirty.delete(connection)
    this.presence.drop(userId, connection)
    this.whenPeopleChange?.()
  }

  /** Whoever has an open socket, with the addresses they came from. */
  connected(): Map<string, string[]> {
    const all = new Map<string, string[]>()
    for (const [userId, connections] of this.#connections) {
      all.set(
        userId,
        [...connections].map(({ address }) => address),
      )
    }
    return all
  }

  /** A connection has something to send: it leaves at the end of this turn, as one frame. */
  markDirty(connection: Connection): void {
    this.#dirty.add(connection)
    if (this.#flushing) return
    this.#flushing = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#flushing = false
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    for (const connection of dirty) connection.flush()
  }

  presenceOf(userId: string): 'active' | 'idle' | 'offline' {
    return this.presence.of(userId)
  }

  lastSeenOf(userId: string): number | undefined {
    return this.presence.lastSeenOf(userId)
  }

  /** Those with an open socket. */
  sessionsOf(userId: string): ReadonlySet<string> {
    const connections = [...(this.#connections.get(userId) ?? [])]
    return new Set(connections.map(({ viewer }) => viewer.sessionId))
  }

  /** The sockets of a session close at once; what they have queued does nothing. */
  endSession(sessionId: string): void {
    this.#eachConnection((connection) => {
      if (connection.viewer.sessionId === sessionId)
        connection.close(closeCodes.sessionEnded, 'session_ended')
    })
  }

  /** The computer goes to sleep: better told now than found out by silence. */
  sayAsleep(): void {
    this.#eachConnection((connection) => connection.close(closeCodes.restarting, 'asleep', asleepFor))
    this.flush()
  }

  /** Says goodbye to everybody, each with another time to come back, and stops the timers. */
  shutdown(random: () => number): void {
    for (const timer of this.#timers) clearInterval(timer)
    const spread = 500 + Math.min(30_000, this.#size * 10)
    this.#eachConnection((connection) =>
      connection.close(closeCodes.restarting, 'restarting', Math.round(200 + random() * spread)),
    )
    this.flush()
    this.presence.close()
    this.marks.close()
  }

  #checkDrain(): void {
    const now = performance.now()
    for (const connections of this.#connections.values()) {
      for (const connection of connections) {
        if (connection.buffered === 0 && !connection.behind) continue
        if (connection.checkDrain(now)) this.#catchUp(connection)
      }
    }
  }

  /** Pushing goes on from these heads; what lies below them the client reads. */
  #catchUp(connection: Connection): void {
    connection.behind = false
    connection.hold()
    this.#options
      .readHeads(connection.viewer.userId)
      .then((heads) => {
        connection.sendJson(this.presence.open({ t: 'behind', heads }), this.presence.all)
        connection.release((stream) => heads[stream] ?? 0)
      })
      .catch((error: unknown) => {
        this.#options.onError(error)
        connection.terminate()
      })
  }

  #dropDead(): void {
    const now = performance.now()
    this.#eachConnection((connection) => {
      if (now - connection.lastHeard > liveTimes.deadAfter) connection.terminate()
    })
  }

  #renewSessions(): void {
    const sessionIds = new Set<string>()
    this.#eachConnection((connection) => sessionIds.add(connection.viewer.sessionId))
    if (sessionIds.size > 0) this.#options.renewSessions([...sessionIds])
  }

  #eachConnection(visit: (connection: Connection) => void): void {
    for (const connections of this.#connections.values()) for (const one of [...connections]) visit(one)
  }

  #every(ms: number, run: () => void): void {
    const timer = setInterval(run, ms)
    timer.unref()
    this.#timers.push(timer)
  }
}
