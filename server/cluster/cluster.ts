import type { FastifyBaseLogger } from 'fastify'
import type { ClusterLink, Notice, Turn } from '../db/cluster-link.ts'
import type { Store } from '../db/store.ts'
import type { Fact } from '../facts.ts'
import type { Live } from '../live/live.ts'
import { RemoteProcess } from '../live/presence.ts'
import { Feed } from './feed.ts'
import { readMemory } from './memory.ts'

/*
 * Makes several processes one hub: what one of them commits, the sockets of all learn. Invariants:
 *
 * 1. Facts of commits here and elsewhere pass the feed, which puts them into the order of the commits.
 * 2. A notice that was lost is found: heads of streams are compared with what was applied, and the bus says when it was
 *    cut. Then memory is read again, and each socket gets the heads of its streams and reads what it lacks.
 * 3. Each process is the only authority for its own connections. One that is silent is forgotten.
 */

const noticeIntervalMs = 1_000
const compareIntervalMs = 2_000
const silentAfterMs = 5_000
/** Longer than a turn is on its way between two processes. */
const stuckAfterMs = 1_000

interface Peer {
  process: RemoteProcess
  heardAt: number
}

export class Cluster {
  readonly #link: ClusterLink
  readonly #live: Live
  readonly #log: FastifyBaseLogger
  readonly #feed: Feed
  readonly #peers = new Map<string, Peer>()
  readonly #changedUsers = new Set<string>()
  #store: Store | undefined
  #outgoing: Notice[] = []
  #isFlushScheduled = false
  /** Streams that were ahead of their position at the last comparison. */
  #ahead = new Map<string, number>()
  #rereading: Promise<void> | undefined
  #timers: NodeJS.Timeout[] = []
  #isClosed = false

  constructor(link: ClusterLink, live: Live, log: FastifyBaseLogger) {
    this.#link = link
    this.#live = live
    this.#log = log
    this.#feed = new Feed((facts) => live.apply(facts))
    live.onHint = (fact) => this.#tell({ t: 'facts', facts: [fact] })
    live.presence.onLocalChange = (userId) => void this.#changedUsers.add(userId)
  }

  get isLeader(): boolean {
    return this.#link.isLeader()
  }

  /** Begins to follow the others. Until then, and while memory is read again, facts wait. */
  async start(store: Store): Promise<void> {
    this.#store = store
    await this.#link.bus.open({
      onTurn: (turn) => this.#receive(turn),
      onMissed: () => this.#reread('the bus was cut'),
    })
    await this.#readMemory()
    this.#tell({ t: 'hello' })
    this.#every(noticeIntervalMs, () => this.#report())
    this.#every(compareIntervalMs, () => void this.#compare())
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
    this.#tell({ t: 'bye' })
    this.#flush()
    await this.#rereading
    await this.#link.bus.close()
  }

  #every(ms: number, run: () => void): void {
    this.#timers.push(setInterval(run, ms).unref())
  }

  #tell(notice: Notice): void {
    this.#outgoing.push(notice)
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isFlushScheduled = false
    const notices = this.#outgoing
    this.#outgoing = []
    this.#link.bus.publish({ from: this.#link.processName, notices })
  }

  #receive({ from, notices }: Turn): void {
    if (from === this.#link.processName) return
    let peer = this.#peers.get(from)
    if (!peer) {
      peer = { process: new RemoteProcess(), heardAt: 0 }
      this.#peers.set(from, peer)
      this.#tellPresent(true)
    }
    peer.heardAt = performance.now()
    for (const notice of notices) this.#receiveNotice(notice, from, peer)
    this.#live.endBatch()
  }

  #receiveNotice(notice: Notice, from: string, { process }: Peer): void {
    switch (notice.t) {
      case 'facts':
        return this.#feed.accept(notice.facts)
      case 'present':
        return this.#live.presence.setRemote(process, notice.users, notice.isAll)
      case 'hello':
        return this.#tellPresent(true)
      case 'lost':
        return this.#reread('another process could not tell everything')
      case 'bye':
        return this.#forget(from)
    }
  }

  /** Says that this process lives, and who has come or left since the last time. */
  #report(): void {
    this.#tellPresent(false)
    if (this.#outgoing.length === 0) this.#flush()
    const now = performance.now()
    for (const [name, { heardAt }] of this.#peers) if (now - heardAt > silentAfterMs) this.#forget(name)
    if (this.#feed.isStuck(stuckAfterMs)) this.#reread('an entry did not arrive')
  }

  #tellPresent(isAll: boolean): void {
    const { presence } = this.#live
    const changed = isAll ? presence.localUserIds() : [...this.#changedUsers]
    this.#changedUsers.clear()
    if (changed.length === 0 && !isAll) return
    const users = Object.fromEntries(changed.map((userId) => [userId, presence.localStateOf(userId)]))
    this.#tell({ t: 'present', users, isAll })
  }

  #forget(name: string): void {
    const peer = this.#peers.get(name)
    if (!peer) return
    this.#peers.delete(name)
    this.#live.presence.setRemote(peer.process, {}, true)
  }

  /** A process that was killed between COMMIT and telling leaves a stream ahead of its position. */
  async #compare(): Promise<void> {
    const positions = new Map(
      this.#live.streamsInUse().map((stream) => [stream, this.#feed.positionOf(stream)]),
    )
    try {
      const before = this.#ahead
      this.#ahead =
        (await this.#store?.read((db) => this.#link.findAhead(db, positions))) ?? new Map<string, number>()
      // what is only on its way arrives until the next comparison
      const isMissing = [...before].some(([stream, head]) => this.#feed.positionOf(stream) < head)
      if (isMissing) this.#reread('an entry was never told')
    } catch {
      // the database is away: the next comparison tells
    }
  }

  #reread(reason: string): void {
    if (this.#rereading || this.#isClosed) return
    this.#log.warn({ reason }, 'memory is read again')
    this.#rereading = this.#readMemory()
      .then(() => this.#live.sendHeadsToAll())
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, 'memory could not be read again')
        // facts wait until it is
        this.#timers.push(setTimeout(() => this.#reread('it could not be read'), noticeIntervalMs).unref())
      })
      .finally(() => (this.#rereading = undefined))
  }

  async #readMemory(): Promise<void> {
    this.#feed.pause()
    const memory = await this.#store?.read((db) => readMemory(db, this.#live.sessionIds()))
    if (!memory) return
    this.#live.replaceMemory(memory)
    this.#ahead.clear()
    this.#feed.reset(memory.heads)
    this.#live.endBatch()
  }
}
