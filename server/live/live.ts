import type { Entry } from '../../shared/contract/entries.ts'
import { closeCodes, type FromHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import type { Lease } from '../db/cluster-link.ts'
import type { Fact, Hint } from '../facts.ts'
import { type ChatBatch, isBatched } from './batched-entries.ts'
import type { Connection, Segment } from './connection.ts'
import type { LiveOptions } from './live-options.ts'
import type { Memory } from './memory.ts'
import { Receipts } from './receipts.ts'
import { ChatMembers } from './chat-members.ts'
import { PacedCalls } from './paced-calls.ts'
import { FlushQueue } from './flush-queue.ts'
import { isBusy } from '../../shared/errors.ts'
import { DeadCheck, deadCheckIntervalMs, pingDue } from './heartbeat.ts'
import { leaseOf, sessionsOf } from './leases.ts'
import { Presence } from './presence.ts'
import { PresenceAudience } from './presence-audience.ts'
import { RemoteUsers } from './remote-users.ts'
import { connectionsOfStreams } from './connections-of-streams.ts'
import { byeOf } from './moved.ts'
import type { HubStanding, Moved } from './standing.ts'
import { Zones } from './zones.ts'

/*
 * Publishes committed entries and hints to the sockets of this process. Invariants:
 *
 * 1. Facts are applied after COMMIT and in commit order, so the entries of a stream are published in the order of
 *    their seq.
 * 2. Membership in memory changes in the same order as entries are published. An entry goes to the users who are
 *    members at that entry: the socket of a removed member gets nothing that was committed after the removal.
 * 3. Batched entries are pushed before any other entry and before any change of membership.
 */

const slowCheckIntervalMs = 250
const pingCheckIntervalMs = 500
const headsRetryMs = 1_000
const saveLeftIntervalMs = 60_000
/** Counts only if the hub is killed: a user who leaves is saved sooner. */
const savePresentIntervalMs = 10 * 60_000
const sessionRenewIntervalMs = 60 * 60_000
export class Live {
  readonly zones = new Zones()
  readonly presence: Presence
  readonly remoteUsers: RemoteUsers
  readonly receipts: Receipts
  readonly #options: LiveOptions
  readonly #members = new ChatMembers()
  readonly #connections = new Map<string, Set<Connection>>()
  readonly audience = new PresenceAudience(this.#members, this.#connections)
  readonly #batches = new Map<string, ChatBatch>()
  readonly #flushQueue: FlushQueue
  #connectionCount = 0
  /** Entries that were passed to sockets since the start. */
  deliveryCount = 0
  readonly #timers: ReturnType<typeof setInterval>[] = []
  readonly #deadCheck = new DeadCheck()
  readonly #pacedHeads = new PacedCalls<Connection>((one) => this.#sendHeadsSoon(one), {
    ...{ perPart: 150, intervalMs: 1_000 },
  })
  /** Called when a connection was added or removed. */
  onConnectionsChange: (() => void) | undefined
  /** Set in a cluster: the connections of a user to this process have changed. */
  onLocalChange: ((userId: string) => void) | undefined
  /** Set in a cluster: tells the other processes. */
  onHint: ((hint: Hint) => void) | undefined

  constructor(options: LiveOptions) {
    this.#options = options
    this.#flushQueue = new FlushQueue(options)
    this.presence = new Presence({
      clock: options.clock,
      publish: (changes) => this.audience.publish(changes),
      save: options.saveLastSeen,
    })
    this.presence.onLocalChange = (userId) => this.onLocalChange?.(userId)
    this.remoteUsers = new RemoteUsers(this.presence, this.zones)
    this.receipts = new Receipts({
      membersOf: (chatId) => this.#members.of(chatId),
      sendToUser: (userId, message) => this.sendToUser(userId, message),
      ...{ store: options.storeDelivered, storeRead: options.storeRead },
      onDelivered: (hint) => this.onHint?.(hint),
      onError: options.onError,
    })
    this.#runEvery(slowCheckIntervalMs, () => this.#checkSlowConnections())
    this.#runEvery(pingCheckIntervalMs, () => pingDue(this.connections(), performance.now()))
    this.#runEvery(deadCheckIntervalMs, () => this.#deadCheck.run(this.connections(), performance.now()))
    this.#runEvery(sessionRenewIntervalMs, () => options.renewSessions(this.sessionIds()))
    this.#runEvery(saveLeftIntervalMs, () => this.presence.saveLastSeen(false))
    this.#runEvery(savePresentIntervalMs, () => this.presence.saveLastSeen())
  }

  /** Applies facts of committed operations. The writer calls it after COMMIT, in commit order. */
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
      case 'clockConfirmed':
        return this.#options.onClockConfirmed()
      case 'typing':
        return this.#showTyping(fact.chat, fact.user)
      case 'delivered':
        return this.receipts.publishDelivered(fact.chat, fact.user, fact.no)
    }
  }

  addMember(chatId: string, userId: string): void {
    this.#pushBatches()
    this.#members.add(chatId, userId)
  }

  #removeMember(chatId: string, userId: string): void {
    this.#pushBatches()
    this.#members.remove(chatId, userId)
  }

  #removeChat(chatId: string): void {
    this.#pushBatches()
    this.#members.removeChat(chatId)
  }

  /** In a cluster, after something may have been missed: takes over what the database says. */
  replaceMemory({ userIds, members, hidesLastSeen, endedSessionIds }: Memory): void {
    this.#pushBatches()
    if (userIds) for (const userId of userIds) this.#members.removeUser(userId)
    else this.#members.clear()
    for (const { chatId, userId } of members) this.#members.add(chatId, userId)
    for (const userId of this.audience.findChangedHiding(hidesLastSeen, userIds))
      this.setLastSeenHidden(userId, hidesLastSeen.has(userId))
    // sockets that have opened meanwhile are of other sessions
    for (const sessionId of endedSessionIds) this.#endSession(sessionId)
  }

  // --- entries

  #publish(entry: Entry): void {
    const text = JSON.stringify({ t: 'entry', ...entry })
    const { stream, seq } = entry
    if (stream.startsWith('chat:') && isBatched[entry.type]) {
      const group = this.#batches.get(stream)
      if (group) {
        group.lastSeq = seq
        group.texts.push(text)
      } else {
        this.#batches.set(stream, { stream, chatId: stream.slice(5), lastSeq: seq, texts: [text] })
      }
      return
    }
    // any other entry may change who sees what, so the batched entries before it go out first
    this.#pushBatches()
    const segment: Segment = { stream, lastSeq: seq, text }
    if (entry.type === 'chat.added') segment.adds = { stream: `chat:${entry.chat.id}`, head: entry.chat.head }
    if (stream.startsWith('chat:')) this.#pushToChat(stream.slice(5), segment)
    else if (stream.startsWith('user:')) this.#pushToUser(stream.slice(5), segment)
    else
      for (const connections of this.#connections.values())
        for (const one of connections) one.sendEntries(segment)
  }

  /**
   * Publishes the batched entries; the writer calls it after each batch. They leave in this turn of the loop, as
   * soon as the results of the batch are serialised. A turn later, entries committed meanwhile would form a batch
   * of their own: twice as many frames under load.
   */
  endBatch(): void {
    this.#pushBatches()
    process.nextTick(() => this.flush())
  }

  #pushBatches(): void {
    if (this.#batches.size === 0) return
    for (const { stream, chatId, lastSeq: last, texts } of this.#batches.values()) {
      this.#pushToChat(chatId, { stream, lastSeq: last, text: texts.join(','), texts, count: texts.length })
    }
    this.#batches.clear()
  }

  #pushToChat(chatId: string, segment: Segment): void {
    const members = this.#members.of(chatId)
    if (!members) return
    for (const userId of members) this.#pushToUser(userId, segment)
  }

  #pushToUser(userId: string, segment: Segment): void {
    const connections = this.#connections.get(userId)
    if (!connections) return
    this.deliveryCount += connections.size * (segment.count ?? 1)
    for (const connection of connections) connection.sendEntries(segment)
  }

  // --- hints

  sendToUser(userId: string, message: FromHub): void {
    const connections = this.#connections.get(userId)
    if (!connections) return
    const segment: Segment = { stream: 'hint', lastSeq: 0, text: JSON.stringify(message) }
    const isVital = message.t === 'threadRead' || (message.t === 'read' && message.user === userId)
    for (const connection of connections) connection.sendHint(segment, isVital)
  }

  publishTyping(chatId: string, userId: string): void {
    this.#showTyping(chatId, userId)
    this.onHint?.({ f: 'typing', chat: chatId, user: userId })
  }

  #showTyping(chatId: string, userId: string): void {
    const members = this.#members.of(chatId)
    if (!members?.has(userId) || members.size > limits.liveReceiptMembers) return
    for (const member of members) {
      if (member !== userId) this.sendToUser(member, { t: 'typing', chat: chatId, user: userId })
    }
  }

  /** The presence of these users goes to the connection, now and from now on, instead of those it has watched before. */
  watch(connection: Connection, userIds: readonly string[]): void {
    this.audience.watch(connection, userIds)
    if (userIds.length > 0)
      connection.sendJson(this.audience.segmentFor(connection, this.presence.framesOf(userIds)).text)
  }

  /** Sends a message with the presence that the connection wants. */
  sendWithPresence(connection: Connection, message: Parameters<Presence['messagePrefix']>[0]): void {
    const prefix = this.presence.messagePrefix(message)
    if (!connection.wants.has('interest')) return connection.sendJson(prefix, this.presence.snapshotSuffix)
    connection.sendJson(`${prefix}${this.presence.snapshotOf(this.audience.usersFor(connection))}}`)
  }

  // --- last seen

  /** Set from the user's settings at the start and after each change of them. */
  setLastSeenHidden(userId: string, hides: boolean): void {
    this.audience.setLastSeenHidden(userId, hides)
    // replaces the last-seen time that clients already have
    if (hides) this.audience.publish([{ t: 'presence', user: userId, state: this.presence.stateOf(userId) }])
  }

  canSeeLastSeen(viewerId: string, userId: string): boolean {
    return this.audience.canSeeLastSeen(viewerId, userId)
  }

  // --- connections

  get connectionCount(): number {
    return this.#connectionCount
  }

  /** To any process of the hub. */
  connectionCountOf(userId: string): number {
    return (this.#connections.get(userId)?.size ?? 0) + this.remoteUsers.connectionCountOf(userId)
  }

  /** What the connections to this process say of these users; without them, of all. */
  leasesOf(userIds: Iterable<string> = this.#connections.keys()): Record<string, Lease> {
    const leaseOfUser = (id: string): Lease => leaseOf(id, this.#connections.get(id) ?? [], this)
    return Object.fromEntries([...userIds].map((userId) => [userId, leaseOfUser(userId)]))
  }

  addConnection(connection: Connection): void {
    const { userId } = connection.viewer
    let connections = this.#connections.get(userId)
    if (!connections) this.#connections.set(userId, (connections = new Set()))
    connections.add(connection)
    this.#connectionCount += 1
    this.onLocalChange?.(userId)
    this.onConnectionsChange?.()
  }

  removeConnection(connection: Connection): void {
    const { userId } = connection.viewer
    const connections = this.#connections.get(userId)
    if (!connections?.delete(connection)) return
    if (connections.size === 0) this.#connections.delete(userId)
    this.#connectionCount -= 1
    this.audience.forget(connection)
    this.presence.removeConnection(userId, connection)
    this.onLocalChange?.(userId)
    this.onConnectionsChange?.()
  }

  /** All open sockets. */
  *connections(): Iterable<Connection> {
    for (const connections of this.#connections.values()) yield* connections
  }

  /** The connection has something to send: at the end of this turn it leaves as one frame. */
  scheduleFlush(connection: Connection): void {
    this.#flushQueue.add(connection)
  }

  flush(): void {
    this.#flushQueue.flush()
  }

  /** The user has used up a slice of this turn: their sockets are read again in a later one. */
  pauseUser(userId: string): void {
    const connections = this.#connections.get(userId)
    if (connections) for (const connection of connections) connection.onExhausted?.()
  }

  /** Returns true if the user has a connection to any process of the hub. */
  isConnected(userId: string): boolean {
    return this.#connections.has(userId) || this.presence.isConnected(userId)
  }

  /** Of all open sockets. */
  sessionIds(): string[] {
    return sessionsOf(this.connections())
  }

  /** Returns the ids of the user's sessions that have an open socket, to any process of the hub. */
  sessionsOf(userId: string): ReadonlySet<string> {
    return new Set([
      ...sessionsOf(this.#connections.get(userId) ?? []),
      ...this.remoteUsers.sessionsOf(userId),
    ])
  }

  /** Closes the sockets of a session at once; requests they have queued take no effect. */
  #endSession(sessionId: string): void {
    this.#forEachConnection((connection) => {
      if (connection.viewer.sessionId === sessionId)
        connection.close(closeCodes.sessionEnded, 'session_ended')
    })
  }

  /** Another computer is the hub now, or is about to be: closes all sockets. */
  closeForMove(moved: Moved): void {
    this.#forEachConnection((each) => each.close(closeCodes.restarting, moved.code, byeOf(moved, each)))
    this.flush()
  }

  /** The places or the safety have changed. */
  publishPlaces({ places, safety }: Pick<HubStanding, 'places' | 'safety'>): void {
    this.#sendToAll({ t: 'places', places: [...places()], safety: safety() })
  }

  /** Two disks have everything up to this number. */
  publishSafe(upTo: number): void {
    this.#sendToAll({ t: 'safe', upTo })
  }

  /** A socket that resumes a moment later learns it from its state; a slow consumer must not miss it. */
  #sendToAll(message: FromHub): void {
    const text = JSON.stringify(message)
    this.#forEachConnection((connection) => {
      if (connection.isResumed) connection.sendJson(text)
    })
  }

  /** Stops the timers; the sockets are closed already. */
  shutdown(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#pacedHeads.close()
    this.presence.close()
    this.receipts.close()
  }

  #checkSlowConnections(): void {
    const now = performance.now()
    for (const connection of this.connections()) {
      if (connection.bufferedBytes === 0 && !connection.isBehind) continue
      if (connection.checkProgress(now)) void this.#sendHeads(connection)
    }
  }

  /** In a cluster, after something may have been missed. Those who miss no entry may miss a hint: they get the heads later. */
  sendHeadsToAll(moved: ReadonlySet<string>): void {
    const concerned = connectionsOfStreams(moved, this.#members.byChat, this.#connections)
    // the state of one that resumes may have been read before memory was
    for (const one of this.connections()) if (!one.isResumed) concerned.add(one)
    for (const one of concerned) void this.#sendHeadsSoon(one)
    this.#pacedHeads.start([...this.connections()].filter((one) => !concerned.has(one)))
  }

  /** The same for users of these streams only. */
  sendHeadsOf(streams: ReadonlySet<string>): void {
    if (streams.has('hub')) return this.sendHeadsToAll(streams)
    for (const one of connectionsOfStreams(streams, this.#members.byChat, this.#connections))
      void this.#sendHeadsSoon(one)
  }

  async #sendHeadsSoon(connection: Connection): Promise<void> {
    if (connection.isResumed && !connection.isClosing) await this.#sendHeads(connection)
    // its state may have been read before memory was: it gets the heads after that
    else if (connection.isResuming) connection.isBehind = true
  }

  /** Resumes pushing from the current heads; the client reads the entries below them. */
  async #sendHeads(connection: Connection): Promise<void> {
    connection.isBehind = false
    connection.holdEntries()
    try {
      const heads = await this.#options.readHeads(connection.viewer.userId)
      this.sendWithPresence(connection, { t: 'behind', heads })
      connection.releaseEntries((stream) => heads[stream], this.onHint !== undefined)
    } catch (error) {
      if (isBusy(error)) return this.#sendHeadsLater(connection)
      this.#options.onError(error)
      connection.terminate()
    }
  }

  /** While the database is away or overloaded. If all clients came back instead, they would ask for more than their heads. */
  #sendHeadsLater(connection: Connection): void {
    const delayMs = headsRetryMs * (1 + Math.random())
    setTimeout(() => {
      if (!connection.isClosing) void this.#sendHeads(connection)
    }, delayMs).unref()
  }

  #forEachConnection(visit: (connection: Connection) => void): void {
    for (const connections of this.#connections.values()) for (const one of [...connections]) visit(one)
  }

  #runEvery(ms: number, run: () => void): void {
    this.#timers.push(setInterval(run, ms).unref())
  }
}
