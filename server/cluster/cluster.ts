import type { FastifyBaseLogger } from 'fastify'
import type { ClusterLink, Lease, Notice, ProcessHealth, Wire } from '../db/cluster-link.ts'
import type { Store } from '../db/store.ts'
import type { Fact } from '../facts.ts'
import type { Live } from '../live/live.ts'
import type { ClusterState } from '../live/cluster-state.ts'
import { RemoteProcess } from '../live/remote-users.ts'
import type { Db } from '../db/schema.ts'
import type { Memory } from '../live/memory.ts'
import { Bus } from './bus.ts'
import { Feed } from './feed.ts'
import { readMemory, readMovedMemory } from './memory.ts'
import { RereadPace } from './reread-pace.ts'

/*
 * Makes several processes one hub: what one of them commits, the sockets of all learn. Invariants:
 *
 * 1. Facts of commits here and elsewhere pass the feed, which puts them into the order of the commits.
 * 2. A notice that was lost is found: the bus says what it has missed, and heads of streams are compared with what was
 *    applied. Then memory is read again, and each socket gets the heads of its streams and reads what it lacks. If only
 *    entries are missing, what they may have changed is read: a large hub takes seconds to read all.
 * 3. Each process is the only authority for its own connections. The users of one that is silent count as gone until it is
 *    heard again.
 * 4. While the bus is away, heads are compared more often, and only users of streams that moved get heads. So messages
 *    arrive about a second later, and nothing else changes.
 * 5. Reading memory again never leads to more of it: it may block the loops of all processes for a while, which looks like a
 *    bus that is away. So its time is part of each limit, and a process rests after it (reread-pace.ts).
 */

const noticeIntervalMs = 1_000
/** Comparisons with the database: in each so many intervals, while the bus is there. */
const intervalsPerComparison = 2
const silentAfterMs = 5_000
/** A process that was only busy speaks again long before. */
const peerKeptMs = 60 * 60_000
/** Longer than a turn is on its way between two processes. */
const stuckAfterMs = 1_000
/** Longer than a transaction takes, and than the clocks of two computers differ. */
const compareMarginMs = 15_000

interface Peer {
  process: RemoteProcess
  heardAt: number
  /** The users of a process that is silent, who count as gone. What it tells later begins with them. */
  gone?: Record<string, Lease>
  health?: ProcessHealth
}

export class Cluster implements ClusterState {
  readonly #link: ClusterLink
  readonly #live: Live
  readonly #log: FastifyBaseLogger
  readonly #clock: () => number
  readonly #feed: Feed
  #bus: Bus | undefined
  readonly #peers = new Map<string, Peer>()
  readonly #changedUsers = new Set<string>()
  #store: Store | undefined
  /** Streams that were ahead of their position at the last comparison. */
  #ahead = new Map<string, number>()
  #intervals = 0
  /** Wall ms: all entries from before this time are applied. */
  #completeUpTo = 0
  /** Wall ms, and monotonic ms, of the last comparison. */
  #comparedAt = 0
  #lastComparison = 0
  #isComparing = false
  #rereading: Promise<void> | undefined
  /** Something was missed while memory was being read: it may not be in there. */
  #rereadReason: string | undefined
  readonly #pace = new RereadPace()
  /** Of what moved, which is a small part in most cases. */
  readonly #movedPace = new RereadPace()
  #restTimer: NodeJS.Timeout | undefined
  #timers: NodeJS.Timeout[] = []
  #isClosed = false
  resyncs = 0
  onLag: ((ms: number) => void) | undefined
  ownHealth: (() => ProcessHealth) | undefined
  /** What it has told last. */
  #toldHealth = ''

  constructor(link: ClusterLink, live: Live, log: FastifyBaseLogger, clock: () => number) {
    this.#link = link
    this.#clock = clock
    this.#live = live
    this.#log = log
    this.#feed = new Feed((facts) => live.apply(facts))
    live.onHint = (fact) => this.#tell({ t: 'facts', facts: [fact] })
    live.onLocalChange = (userId) => void this.#changedUsers.add(userId)
  }

  get isLeader(): boolean {
    return this.#link.isLeader()
  }

  get isBusOpen(): boolean {
    return this.#bus?.isOpen ?? false
  }

  get hasBusOpened(): boolean {
    return this.#bus?.hasOpened ?? false
  }

  get reconnects(): number {
    return this.#bus?.reconnects ?? 0
  }

  get peerCount(): number {
    return this.#present.length
  }

  peerHealth(): ProcessHealth[] {
    return this.#present.flatMap(({ health }) => health ?? [])
  }

  get #present(): Peer[] {
    return [...this.#peers.values()].filter(({ gone }) => !gone)
  }

  get holds(): number {
    return this.#feed.holds
  }

  get heldNow(): number {
    return this.#feed.heldNow
  }

  /**
   * Begins to follow the others. Until then, and while memory is read again, facts wait.
   * @param wire that of the database, unless another carries the turns
   */
  async start(store: Store, wire: Wire = this.#link.wire): Promise<void> {
    this.#store = store
    this.#bus = new Bus(wire, this.#link.processName, this.#log)
    await this.#bus.open({
      onTurn: (from, notices) => this.#receive(from, notices),
      onMissed: (reason) => this.#noteMissed(reason),
      onLag: (ms) => this.onLag?.(ms),
    })
    await this.#reading(this.#readMemory())
    this.#tell({ t: 'hello' })
    this.#timers.push(setInterval(() => this.#report(), noticeIntervalMs).unref())
  }

  /** Facts of an operation that this process has committed. */
  applyLocal(facts: readonly Fact[]): void {
    if (facts.length === 0) return
    this.#tell({ t: 'facts', facts })
    this.#feed.accept(facts)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#restTimer)
    this.#tell({ t: 'bye' })
    await this.#rereading
    await this.#bus?.close()
  }

  #tell(notice: Notice): void {
    this.#bus?.publish(notice)
  }

  #receive(from: string, notices: readonly Notice[]): void {
    let peer = this.#peers.get(from)
    if (!peer) {
      peer = { process: new RemoteProcess(), heardAt: 0 }
      this.#peers.set(from, peer)
      this.#tellPresent(true)
    }
    peer.heardAt = performance.now()
    this.#noteReturn(peer)
    for (const notice of notices) this.#receiveNotice(notice, from, peer)
    this.#live.endBatch()
  }

  #receiveNotice(notice: Notice, from: string, peer: Peer): void {
    switch (notice.t) {
      case 'facts':
        return this.#feed.accept(notice.facts)
      case 'present':
        return this.#live.remoteUsers.set(peer.process, notice.users, notice.isAll)
      case 'health':
        peer.health = notice.health
        return
      case 'hello':
        return this.#tellPresent(true)
      case 'bye':
        this.#bus?.forget(from)
        return this.#forget(from)
    }
  }

  /** Who is present elsewhere was missed as well as what was committed. */
  #noteMissed(reason: string): void {
    // the others were not silent: they were not heard
    for (const peer of this.#peers.values()) peer.heardAt = performance.now()
    this.#tell({ t: 'hello' })
    this.#reread(reason)
  }

  /** Says that this process lives, and who has come or left since the last time. */
  #report(): void {
    this.#bus?.checkLine(this.#pace.patienceMs)
    this.#tellPresent(false)
    this.#bus?.publishSignOfLife()
    if (this.isBusOpen) this.#forgetSilent()
    if (this.#isStuck()) this.#rereadMoved('an entry did not arrive')
    this.#intervals += 1
    if (!this.isBusOpen || this.#intervals % intervalsPerComparison === 0) void this.#compare()
  }

  #isStuck(): boolean {
    return this.#feed.isStuck(Math.max(stuckAfterMs, this.#pace.patienceMs))
  }

  #forgetSilent(): void {
    const now = performance.now()
    const limitMs = Math.max(silentAfterMs, this.#pace.patienceMs)
    // what it has committed and not told, the comparisons find
    for (const [name, peer] of this.#peers) {
      const silentMs = now - peer.heardAt
      if (silentMs > limitMs && !peer.gone) {
        peer.gone = Object.fromEntries(peer.process.leases)
        this.#live.remoteUsers.forget(peer.process)
      } else if (silentMs > peerKeptMs) this.#peers.delete(name)
    }
  }

  #noteReturn(peer: Peer): void {
    if (peer.gone) this.#live.remoteUsers.set(peer.process, peer.gone, true)
    delete peer.gone
  }

  #tellPresent(isAll: boolean): void {
    const users = this.#live.leasesOf(isAll ? undefined : this.#changedUsers)
    const isNew = isAll || this.#changedUsers.size > 0
    this.#changedUsers.clear()
    if (isNew) this.#tell({ t: 'present', users, isAll })
    this.#tellHealth(isAll)
  }

  #tellHealth(isAsked: boolean): void {
    const health = this.ownHealth?.()
    const text = JSON.stringify(health)
    if (!health || (text === this.#toldHealth && !isAsked)) return
    this.#toldHealth = text
    this.#tell({ t: 'health', health })
  }

  #forget(name: string): void {
    const peer = this.#peers.get(name)
    if (!peer) return
    this.#peers.delete(name)
    this.#live.remoteUsers.forget(peer.process)
  }

  /** A process that was killed between COMMIT and telling leaves a stream ahead of its position. */
  async #compare(): Promise<void> {
    if (this.#isComparing || this.#rereading) return
    // what is on its way must not look as if it were never told
    const startedAt = performance.now()
    if (this.isBusOpen && startedAt - this.#lastComparison < this.#pace.patienceMs) return
    this.#lastComparison = startedAt
    this.#isComparing = true
    const now = this.#clock()
    try {
      const before = this.#ahead
      const heads = (await this.#store?.read((db) => this.#findAhead(db, now))) ?? new Map<string, number>()
      const isMissing = ([stream, head]: [string, number]): boolean => this.#feed.positionOf(stream) < head
      // what is only on its way arrives until the next comparison
      const wasNeverTold = [...before].some(isMissing)
      if (!wasNeverTold) this.#completeUpTo = this.#comparedAt
      this.#comparedAt = now
      this.#ahead = heads
      if (this.isBusOpen && wasNeverTold) this.#rereadMoved('an entry was never told')
      if (!this.isBusOpen && [...heads].some(isMissing)) this.#rereadMoved('the bus is away')
    } catch {
      // the database is away: the next comparison tells
    } finally {
      this.#isComparing = false
    }
  }

  /** Returns the heads of the streams that have more entries than were applied. */
  async #findAhead(db: Db, now: number): Promise<Map<string, number>> {
    // a clock may be set back
    const since = Math.min(now, this.#completeUpTo) - compareMarginMs
    const moved = await this.#link.findMoved(db, since)
    return new Map([...moved].filter(([stream, head]) => this.#feed.positionOf(stream) < head))
  }

  /** Reads what entries may have changed that did not arrive. If more is missing, the next comparison begins it again. */
  #rereadMoved(reason: string): void {
    // after a read of all that failed, facts wait until it was done
    if (this.#rereading || this.#feed.isPaused || this.#isClosed) return
    if (this.#movedPace.restMs(performance.now()) > 0) return
    this.#log.debug({ reason }, 'what moved is read again')
    this.#reading(this.#readMoved()).catch(() => {
      // the database is away
      this.#feed.goOn()
    })
  }

  async #readMoved(): Promise<void> {
    this.#feed.pause()
    const now = this.#clock()
    const beganAt = performance.now()
    const memory = await this.#store?.read(async (db) =>
      readMovedMemory(db, await this.#findAhead(db, now), this.#live.sessionIds()),
    )
    if (!memory) return
    this.#takeOver(memory, now, (moved) =>
      this.isBusOpen ? this.#live.sendHeadsToAll(moved) : this.#live.sendHeadsOf(moved),
    )
    const endedAt = performance.now()
    this.#movedPace.noteRead(endedAt - beganAt, endedAt)
    // a clock is far off: the comparison does not see the entry
    if (this.#isStuck()) this.#reread('an entry did not arrive')
  }

  #reread(reason: string): void {
    if (this.#isClosed) return
    if (this.#rereading) {
      this.#rereadReason = reason
      return
    }
    const restMs = this.#pace.restMs(performance.now())
    if (restMs > 0) {
      this.#restTimer ??= setTimeout(() => {
        this.#restTimer = undefined
        this.#reread(reason)
      }, restMs).unref()
      return
    }
    this.#log.info({ reason }, 'memory is read again')
    this.resyncs += 1
    this.#reading(this.#readMemory((moved) => this.#live.sendHeadsToAll(moved))).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'memory could not be read again')
      // facts wait until it is
      this.#timers.push(setTimeout(() => this.#reread('it could not be read'), noticeIntervalMs).unref())
    })
  }

  /** One at a time: what an earlier snapshot says must not replace what a later one did. */
  #reading(work: Promise<void>): Promise<void> {
    this.#rereading = work
      .catch(() => undefined)
      .finally(() => {
        this.#rereading = undefined
        const next = this.#rereadReason
        this.#rereadReason = undefined
        if (next !== undefined) this.#reread(next)
      })
    return work
  }

  /** @param tellClients is called with the streams that have moved beyond what was applied */
  async #readMemory(tellClients?: (moved: ReadonlySet<string>) => void): Promise<void> {
    this.#feed.pause()
    const now = this.#clock()
    const beganAt = performance.now()
    const memory = await this.#store?.read((db) => readMemory(db, this.#live.sessionIds()))
    if (!memory) return
    this.#takeOver(memory, now, tellClients)
    const endedAt = performance.now()
    this.#pace.noteRead(endedAt - beganAt, endedAt)
  }

  /** @param readAt wall ms, not after the memory was read */
  #takeOver(memory: Memory, readAt: number, tellClients?: (moved: ReadonlySet<string>) => void): void {
    this.#live.replaceMemory(memory)
    this.#completeUpTo = readAt
    this.#comparedAt = readAt
    this.#lastComparison = performance.now()
    this.#ahead.clear()
    const moved = this.#feed.moveTo(memory.heads)
    // before facts go on: no client gets an entry of a chat that it does not know
    tellClients?.(moved)
    this.#feed.goOn()
    this.#live.endBatch()
  }
}
