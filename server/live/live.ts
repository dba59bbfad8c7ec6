import type { Entry } from '../../shared/contract/entries.ts'
import { closeCodes, liveTimings, type FromHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import type { Fact } from '../facts.ts'
import type { Connection, Segment } from './connection.ts'
import { type Receipt, Receipts } from './receipts.ts'
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
  storeDelivered: (deliveries: Receipt[]) => Promise<Receipt[]>
  saveLastSeen: (seen: Map<string, number>) => void
  /** An open socket is use of its session, and does not outlive it. */
  renewSessions: (sessionIds: string[]) => void
  /** The hub has an owner. */
  onOwned: () => void
  onError: (error: unknown) => void
}

/** Messages of one chat within a batch: the same text for each of its members. */
interface ChatBatch {
  stream: string
  chatId: string
  lastSeq: number
  texts: string[]
}

const slowCheckIntervalMs = 250
const deadCheckIntervalMs = 5_000
const saveIntervalMs = 60_000
const sessionRenewIntervalMs = 60 * 60_000
/** Whoever comes back sooner may meet a computer that has not fallen asleep yet, and hang. */
const sleepReconnectMs = 15_000

/** They change nothing about who hears what, so they go out together. */
const batchedEntryTypes = /^(message|reaction|thread)\./

export class Live {
  readonly presence: Presence
  readonly receipts: Receipts
  readonly #options: LiveOptions
  readonly #members = new Map<string, Set<string>>()
  readonly #connections = new Map<string, Set<Connection>>()
  /** Those who hide when they were here last. */
  readonly #lastSeenHidden = new Set<string>()
  readonly #batches = new Map<string, ChatBatch>()
  readonly #dirtyConnections = new Set<Connection>()
  #flushScheduled = false
  #connectionCount = 0
  readonly #timers: ReturnType<typeof setInterval>[] = []
  /** Called when a connection came or went. */
  onConnectionsChange: (() => void) | undefined

  constructor(options: LiveOptions) {
    this.#options = options
    this.presence = new Presence({
      clock: options.clock,
      publish: (changes) => this.#publishPresence(changes),
      save: options.saveLastSeen,
    })
    this.receipts = new Receipts({
      membersOf: (chatId) => this.#members.get(chatId),
      sendToUser: (userId, message) => this.sendToUser(userId, message),
      store: options.storeDelivered,
      onError: options.onError,
    })
    this.#runEvery(slowCheckIntervalMs, () => this.#checkSlowConnections())
    this.#runEvery(liveTimings.pingIntervalMs, () =>
      this.#forEachConnection((connection) => connection.ping()),
    )
    this.#runEvery(deadCheckIntervalMs, () => this.#terminateDead())
    this.#runEvery(sessionRenewIntervalMs, () => this.#renewSessions())
    this.#runEvery(saveIntervalMs, () => this.presence.saveLastSeen())
  }

  /** Called after COMMIT, in commit order. */
  apply(facts: readonly Fact[]): void {
    for (const fact of facts) this.#applyFact(fact)
  }

  #applyFact(fact: Fact): void {
    switch (fact.f) {
      case 'entry':
        return this.#publish(fact.entry)
      case 'joined':
        return this.addMember(fact.chat, fact.user)
      case 'left':
        return this.#removeMember(fact.chat, fact.user)
      case 'chatGone':
        return this.#removeChat(fact.chat)
      case 'sessionEnded':
        return this.#endSession(fact.id)
      case 'hidesLastSeen':
        return this.setLastSeenHidden(fact.user, fact.hides)
      case 'read':
        return this.receipts.publishRead(fact.chat, fact.user, fact.no)
      case 'tell':
        return this.sendToUser(fact.user, fact.message)
      case 'owned':
        return this.#options.onOwned()
    }
  }

  // --- who is in which chat

  addMember(chatId: string, userId: string): void {
    this.#pushBatches()
    let members = this.#members.get(chatId)
    if (!members) this.#members.set(chatId, (members = new Set()))
    members.add(userId)
  }

  #removeMember(chatId: string, userId: string): void {
    this.#pushBatches()
    this.#members.get(chatId)?.delete(userId)
  }

  #removeChat(chatId: string): void {
    this.#pushBatches()
    this.#members.delete(chatId)
  }

  // --- entries

  #publish(entry: Entry): void {
    const text = JSON.stringify({ t: 'entry', ...entry })
    const { stream, seq } = entry
    if (stream.startsWith('chat:') && batchedEntryTypes.test(entry.type)) {
      const group = this.#batches.get(stream)
      if (group) {
        group.lastSeq = seq
        group.texts.push(text)
      } else {
        this.#batches.set(stream, { stream, chatId: stream.slice(5), lastSeq: seq, texts: [text] })
      }
      return
    }
    // anything else may change who hears what: what came before it goes out before it
    this.#pushBatches()
    const segment: Segment = { stream, lastSeq: seq, text }
    if (stream.startsWith('chat:')) this.#pushToChat(stream.slice(5), segment)
    else if (stream.startsWith('user:')) this.#pushToUser(stream.slice(5), segment)
    else
      for (const connections of this.#connections.values())
        for (const one of connections) one.sendEntries(segment)
  }

  /**
   * The batch has been published. It leaves in this turn of the loop, as soon as its answers are made: a turn later, what
   * came in meanwhile would make a batch of its own, and twice as many frames under load.
   */
  endBatch(): void {
    this.#pushBatches()
    process.nextTick(() => this.flush())
  }

  #pushBatches(): void {
    if (this.#batches.size === 0) return
    for (const { stream, chatId, lastSeq: last, texts } of this.#batches.values()) {
      this.#pushToChat(chatId, { stream, lastSeq: last, text: texts.join(',') })
    }
    this.#batches.clear()
  }

  #pushToChat(chatId: string, segment: Segment): void {
    const members = this.#members.get(chatId)
    if (!members) return
    for (const userId of members) this.#pushToUser(userId, segment)
  }

  #pushToUser(userId: string, segment: Segment): void {
    const connections = this.#connections.get(userId)
    if (connections) for (const connection of connections) connection.sendEntries(segment)
  }

  // --- hints

  sendToUser(userId: string, message: FromHub): void {
    const connections = this.#connections.get(userId)
    if (!connections) return
    const segment: Segment = { stream: 'hint', lastSeq: 0, text: JSON.stringify(message) }
    for (const connection of connections) connection.sendHint(segment)
  }

  publishTyping(chatId: string, userId: string): void {
    const members = this.#members.get(chatId)
    if (!members?.has(userId) || members.size > limits.liveReceiptMembers) return
    for (const member of members) {
      if (member !== userId) this.sendToUser(member, { t: 'typing', chat: chatId, user: userId })
    }
  }

  /** Presence goes to everybody; when somebody was last here goes to those who may know it. */
  #publishPresence(messages: PresenceFrame[]): void {
    const segment = (knowing: boolean): Segment => {
      const told = messages.map(({ lastSeen, ...rest }) =>
        knowing && lastSeen !== undefined && !this.#lastSeenHidden.has(rest.user)
          ? { ...rest, lastSeen }
          : rest,
      )
      return { stream: 'hint', lastSeq: 0, text: told.map((one) => JSON.stringify(one)).join(',') }
    }
    const [all, less] = [segment(true), segment(false)]
    this.#forEachConnection((connection) =>
      connection.sendHint(this.#lastSeenHidden.has(connection.viewer.userId) ? less : all),
    )
  }

  // --- who was here last, when

  /** Set from the person's settings at the start and after each change of them. */
  setLastSeenHidden(userId: string, hides: boolean): void {
    if (hides) this.#lastSeenHidden.add(userId)
    else this.#lastSeenHidden.delete(userId)
    // what others know already is taken back
    if (hides) this.#publishPresence([{ t: 'presence', user: userId, state: this.presenceOf(userId) }])
  }

  /** Who hides theirs sees nobody's. */
  canSeeLastSeen(viewerId: string, userId: string): boolean {
    return viewerId === userId || !(this.#lastSeenHidden.has(viewerId) || this.#lastSeenHidden.has(userId))
  }

  // --- connections

  get connectionCount(): number {
    return this.#connectionCount
  }

  connectionCountOf(userId: string): number {
    return this.#connections.get(userId)?.size ?? 0
  }

  addConnection(connection: Connection): void {
    const { userId } = connection.viewer
    let connections = this.#connections.get(userId)
    if (!connections) this.#connections.set(userId, (connections = new Set()))
    connections.add(connection)
    this.#connectionCount += 1
    this.onConnectionsChange?.()
  }

  removeConnection(connection: Connection): void {
    const { userId } = connection.viewer
    const connections = this.#connections.get(userId)
    if (!connections?.delete(connection)) return
    if (connections.size === 0) this.#connections.delete(userId)
    this.#connectionCount -= 1
    this.#dirtyConnections.delete(connection)
    this.presence.removeConnection(userId, connection)
    this.onConnectionsChange?.()
  }

  /** Whoever has an open socket, with the addresses they came from. */
  connectedAddresses(): Map<string, string[]> {
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
  scheduleFlush(connection: Connection): void {
    this.#dirtyConnections.add(connection)
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#flushScheduled = false
    const dirty = [...this.#dirtyConnections]
    this.#dirtyConnections.clear()
    for (const connection of dirty) connection.flush()
  }

  presenceOf(userId: string): 'active' | 'idle' | 'offline' {
    return this.presence.stateOf(userId)
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
  #endSession(sessionId: string): void {
    this.#forEachConnection((connection) => {
      if (connection.viewer.sessionId === sessionId)
        connection.close(closeCodes.sessionEnded, 'session_ended')
    })
  }

  /** The computer goes to sleep: better told now than found out by silence. */
  closeForSleep(): void {
    this.#forEachConnection((connection) =>
      connection.close(closeCodes.restarting, 'asleep', sleepReconnectMs),
    )
    this.flush()
  }

  /** Says goodbye to everybody, each with another time to come back, and stops the timers. */
  shutdown(random: () => number): void {
    for (const timer of this.#timers) clearInterval(timer)
    const spread = 500 + Math.min(30_000, this.#connectionCount * 10)
    this.#forEachConnection((connection) =>
      connection.close(closeCodes.restarting, 'restarting', Math.round(200 + random() * spread)),
    )
    this.flush()
    this.presence.close()
    this.receipts.close()
  }

  #checkSlowConnections(): void {
    const now = performance.now()
    for (const connections of this.#connections.values()) {
      for (const connection of connections) {
        if (connection.bufferedBytes === 0 && !connection.isBehind) continue
        if (connection.checkProgress(now)) this.#sendHeads(connection)
      }
    }
  }

  /** Pushing goes on from these heads; what lies below them the client reads. */
  #sendHeads(connection: Connection): void {
    connection.isBehind = false
    connection.holdEntries()
    this.#options
      .readHeads(connection.viewer.userId)
      .then((heads) => {
        connection.sendJson(this.presence.messagePrefix({ t: 'behind', heads }), this.presence.snapshotSuffix)
        connection.releaseEntries((stream) => heads[stream] ?? 0)
      })
      .catch((error: unknown) => {
        this.#options.onError(error)
        connection.terminate()
      })
  }

  #terminateDead(): void {
    const now = performance.now()
    this.#forEachConnection((connection) => {
      if (now - connection.lastReceivedAt > liveTimings.connectionTimeoutMs) connection.terminate()
    })
  }

  #renewSessions(): void {
    const sessionIds = new Set<string>()
    this.#forEachConnection((connection) => sessionIds.add(connection.viewer.sessionId))
    if (sessionIds.size > 0) this.#options.renewSessions([...sessionIds])
  }

  #forEachConnection(visit: (connection: Connection) => void): void {
    for (const connections of this.#connections.values()) for (const one of [...connections]) visit(one)
  }

  #runEvery(ms: number, run: () => void): void {
    const timer = setInterval(run, ms)
    timer.unref()
    this.#timers.push(timer)
  }
}
