import { createPublicKey, type KeyObject } from 'node:crypto'
import { hostname } from 'node:os'
import type { FastifyBaseLogger } from 'fastify'
import type WebSocket from 'ws'
import { compareTerms, type Term } from '../../shared/term.ts'
import type { Place } from '../../shared/places.ts'
import { frameTypes, type RowFrame } from '../continuity/frame.ts'
import { isSamePosition, noPosition, type Position } from '../continuity/position.ts'
import type { Fit, HubMemory, Message, NodeEvent, VoterMessage } from '../continuity/rule-types.ts'
import type { HubContext } from '../context.ts'
import { migrations } from '../db/migrations/index.ts'
import type { Identity } from '../identity.ts'
import { FrameFeed } from './frame-feed.ts'
import { readHubFile, writeHubFile } from './hub-file.ts'
import { StandbyComparison } from './comparison.ts'
import { HubSetAsides } from './hub-set-asides.ts'
import { type Hello, type KnownNode, maxProblemLength, PeerSession } from './peer-session.ts'
import type { KnownComputers } from './queries.ts'
import { requestPinned } from './pinned.ts'
import { bodyOf } from './stream.ts'
import { TermSearch } from './term-search.ts'
import { sendToThird } from './third-session.ts'

/** The other computers of a hub: who may follow, who is connected, and what goes to them. */

export interface PeersOptions {
  dataDir: string
  identity: Identity
  log: FastifyBaseLogger
}

/** Who drives the rules. */
export interface PeersOwner {
  readonly ownNode: string
  readonly memory: HubMemory | undefined
  /** The frame that waits for its grant. */
  readonly shipped: RowFrame | undefined
  term(): Term | undefined
  handle(event: NodeEvent): void
  onHigherTerm(record: unknown): void
  /** @param term a genuine one */
  stepDown(term: Term): void
  publish(): void
}

export class HubPeers {
  readonly #options: PeersOptions
  readonly #owner: PeersOwner
  readonly #publicKey: KeyObject
  readonly #sessions = new Map<string, PeerSession>()
  #known = new Map<string, KnownNode>()
  #ownName = hostname()
  #hub: HubContext | undefined
  /** As in the database. The rules know the vote as it was committed. */
  stored: Omit<KnownComputers, 'rows'> = { tie: 'hub', sync: 'on' }
  /** Finds out if a standby has other rows than the hub. */
  comparison: StandbyComparison | undefined
  readonly setAsides: HubSetAsides
  /** Finds out if another computer has become the hub. */
  readonly search: TermSearch
  readonly #frames: FrameFeed

  constructor(options: PeersOptions, owner: PeersOwner) {
    this.#options = options
    this.#owner = owner
    this.#publicKey = createPublicKey(options.identity.key)
    this.setAsides = new HubSetAsides(() => owner.publish())
    this.search = new TermSearch({
      ...{ dataDir: options.dataDir, hubId: options.identity.hubId, publicKey: this.#publicKey },
      term: () => owner.term(),
      lsn: () => this.#hub?.rowLog.position?.lsn ?? 0,
      places: () => this.places(),
      ownNode: () => owner.ownNode,
      ownAddress: () => `127.0.0.1:${this.#hub?.endpoint.reachable.port}`,
      isWanted: () => this.hasStandby && owner.memory?.peer === undefined,
      onHigherTerm: (term, address) => {
        // this computer follows it there
        this.#lastAddresses.set(term.node, [address])
        owner.onHigherTerm(term)
      },
    })
    this.#frames = new FrameFeed({
      ring: () => (this.#hub as HubContext).rowLog.ring,
      pending: () => owner.memory?.pending,
      waiting: () => owner.shipped,
    })
  }

  attach(hub: HubContext): void {
    this.#hub = hub
    this.comparison = new StandbyComparison(hub, () => {
      const peer = this.#owner.memory?.peer
      return peer?.inStep ? this.#sessions.get(peer.node) : undefined
    })
    this.setAsides.attach(hub, this.#owner.ownNode)
    for (const { node, addresses } of readHubFile(this.#options.dataDir)?.places ?? [])
      this.#lastAddresses.set(node, addresses)
  }

  /** Replaces those that may follow. This computer keeps the name that the owner knows it by. */
  setKnown({ rows, ...stored }: KnownComputers): void {
    this.stored = stored
    this.#ownName = rows.find(({ node }) => node === this.#owner.ownNode)?.name ?? hostname()
    this.#known = new Map(
      rows.filter(({ node }) => node !== this.#owner.ownNode).map((row) => [row.node, row]),
    )
    for (const [node, session] of this.#sessions) {
      if (!this.#known.has(node)) session.refuse('The owner of the hub has removed this computer.')
    }
  }

  nameOf(node: string): string {
    return this.#known.get(node)?.name ?? (node === this.#owner.ownNode ? this.#ownName : node)
  }

  /** Returns this computer if clients can reach it. */
  findReachable(node: string | undefined): { node: string; name: string } | undefined {
    if (node === undefined || this.#sessions.get(node)?.isReachable !== true) return undefined
    return { node, name: this.nameOf(node) }
  }

  closeAll(reason: string): void {
    this.search.close()
    void this.comparison?.close()
    void this.setAsides.close()
    for (const session of this.#sessions.values()) session.stream.close(reason)
  }

  places(): readonly Place[] {
    if (!this.hasStandby || !this.#hub) return []
    const own: Place = {
      node: this.#owner.ownNode,
      name: this.#ownName,
      role: 'hub',
      addresses: ownAddresses(this.#hub),
    }
    const others = [...this.#known.values()].filter(({ kind }) => kind === 'standby')
    return [
      own,
      ...others.map(({ node, name }): Place => {
        return { node, name, role: 'standby', addresses: this.addressesOf(node) }
      }),
    ]
  }
  readonly #lastAddresses = new Map<string, string[]>()
  readonly #lastSeen = new Map<string, number>()

  get hasStandby(): boolean {
    return [...this.#known.values()].some(({ kind }) => kind === 'standby')
  }

  get known(): readonly KnownNode[] {
    return [...this.#known.values()]
  }

  /** The session with the third computer. */
  get voter(): string | undefined {
    return [...this.#sessions.values()].find(({ hello }) => hello?.kind === 'vote')?.id
  }

  sessionOf(node: string): PeerSession | undefined {
    return this.#sessions.get(node)
  }

  addressesOf(node: string): string[] {
    return this.#lastAddresses.get(node) ?? []
  }

  lastSeenOf(node: string): number | undefined {
    return this.#lastSeen.get(node)
  }

  /** A computer has opened the stream. */
  accept(socket: WebSocket): void {
    const session: PeerSession = new PeerSession(socket, this.#options.identity, {
      where: () => ({ term: this.#owner.term(), position: this.#hub?.rowLog.position }),
      find: (node) => this.#known.get(node),
      hello: (_, hello) => this.#greet(session, hello),
      frame: (_, frame) => this.#receive(session, frame),
      end: (_, reason) => this.#ended(session, reason),
    })
  }

  #greet(session: PeerSession, hello: Hello): string | undefined {
    const { node, kind, term } = hello
    if (this.#sessions.has(node)) {
      this.#options.log.warn({ node }, 'a second computer has the key of one that is connected')
      return 'Another computer with the same key is connected. A copied computer needs a new key.'
    }
    if (term) this.#owner.stepDown(term)
    if (this.#owner.memory === undefined) {
      session.stream.send(frameTypes.higher, { term: this.#owner.term() })
      return 'This computer is not the hub any more.'
    }
    if (kind === 'standby' && hello.schema !== migrations.length) {
      const problem = 'This computer runs another version of Hubbub than the hub. Update it first.'
      this.#setProblem(node, problem)
      return problem
    }
    this.#sessions.set(node, session)
    this.#setProblem(node, hello.problem)
    this.#lastAddresses.set(node, hello.addresses)
    this.#savePlaces()
    this.#options.log.info({ node, kind }, 'a computer has connected')
    if (kind === 'vote') {
      const { ownNode } = this.#owner
      const term = this.#owner.term()
      session.stream.send(frameTypes.welcome, {
        ...{ session: session.id, node: ownNode, isHub: true, term, places: this.places() },
      })
      this.#owner.handle({ on: 'voterHere', session: session.id })
      return undefined
    }
    if (!hello.hasKey) this.#sendKey(session)
    const { applied, journal, mustCopy, isComplete } = hello
    const fit = this.#fitOf(hello)
    this.#owner.handle({
      ...{ on: 'hello', session: session.id, node, term: term ?? (this.#owner.term() as Term) },
      ...{ fit, applied, journal, mustCopy, isComplete },
    })
    this.#owner.publish()
    void this.#checkReachable(session, hello.addresses)
    return undefined
  }

  /** Why this computer has no copy, or may not follow. It is tried again and again, so it outlives the connection. */
  problemOf(node: string): string | undefined {
    return this.#problems.get(node)
  }
  readonly #problems = new Map<string, string>()

  #setProblem(node: string, problem: string | undefined): void {
    if (problem === undefined) this.#problems.delete(node)
    else this.#problems.set(node, problem)
  }

  /** After a restart the hub asks them if one has taken over meanwhile. */
  #savePlaces(): void {
    const { dataDir, identity, log } = this.#options
    try {
      writeHubFile(dataDir, { hubId: identity.hubId, name: this.#ownName, places: this.places() })
    } catch (error) {
      log.warn({ err: error }, 'the places of the standbys were not saved')
    }
  }

  /** If the hub cannot reach the standby, clients could not either. */
  async #checkReachable(session: PeerSession, addresses: readonly string[]): Promise<void> {
    const { hubId } = this.#options.identity
    const attempts = addresses.map(async (address) => {
      const response = await requestPinned({ address, hubId }, '/api/meta')
      response.resume()
    })
    session.isReachable = await Promise.any(attempts).then(
      () => true,
      () => false,
    )
    this.#owner.publish()
  }

  #sendKey(session: PeerSession): void {
    const pem = this.#options.identity.key.export({ type: 'pkcs8', format: 'pem' })
    session.stream.send(frameTypes.key, { pem })
  }

  #fitOf({ applied, journal, isAhead, term }: Hello): Fit {
    const { ring } = (this.#hub as HubContext).rowLog
    const isKnown = (position: Position): boolean =>
      ring.has(position) && ring.after(position.lsn) !== undefined
    const pending = this.#owner.memory?.pending
    if (pending && !pending.isDropping && isSamePosition(pending.position, journal)) return 'end'
    if (isKnown(journal)) return 'end'
    if (isKnown(applied)) return 'applied'
    const own = this.#owner.term()
    const isSameTerm = term !== undefined && own !== undefined && compareTerms(term, own) === 0
    if (isAhead && isSameTerm) return 'ahead'
    return ring.hasOther(applied) ? 'parted' : 'none'
  }

  #ended(session: PeerSession, reason: string): void {
    const node = session.hello?.node
    if (node === undefined || this.#sessions.get(node) !== session) return
    this.#sessions.delete(node)
    this.#lastSeen.set(node, Date.now())
    this.comparison?.ended(session.stream)
    this.setAsides.ended(session.stream)
    this.#options.log.info({ node, reason }, 'a computer has left')
    const { id } = session
    this.#owner.handle(
      session.hello?.kind === 'vote' ? { on: 'voterGone', session: id } : { on: 'peerGone', session: id },
    )
    this.#owner.publish()
  }

  #receive(session: PeerSession, frame: RowFrame): void {
    const { id } = session
    const { position } = frame
    const body = bodyOf(frame)
    const node = session.hello?.node ?? ''
    switch (frame.type) {
      case frameTypes.durable:
        session.durable = position
        if (Number(body['files'] ?? position.lsn) >= position.lsn)
          this.#owner.handle({ on: 'durable', session: id, position })
        return
      case frameTypes.dropped:
        return this.#owner.handle({ on: 'dropped', session: id, position })
      case frameTypes.digestIs:
        return this.comparison?.answered(session.stream, body)
      case frameTypes.setAside:
        return this.setAsides.reported(session, body)
      case frameTypes.fetched:
        return this.setAsides.answered(session.stream, body)
      case frameTypes.leave:
        return this.#owner.handle({ on: 'leave', session: id })
      case frameTypes.beat:
        session.condition = readCondition(body)
        return this.#setProblem(node, session.condition.problem)
      case frameTypes.took:
      case frameTypes.higher:
        return this.#owner.onHigherTerm(body['term'])
      case frameTypes.marked: {
        this.#owner.onHigherTerm(body['term'])
        const isGranted = body['isGranted'] === true
        return this.#owner.handle({ on: 'marked', session: id, v: Number(body['v']), isGranted })
      }
      default:
        throw new Error(`a frame that no standby sends: ${frame.type}`)
    }
  }

  // ---- sending

  #sessionById(id: string): PeerSession | undefined {
    return [...this.#sessions.values()].find((session) => session.id === id)
  }

  send(message: Message): void {
    if (message.m === 'seal') {
      const { term, to, position } = message
      this.#sessions.get(to)?.stream.send(frameTypes.seal, { term, to }, position)
      return
    }
    if (!('session' in message)) return
    const session = this.#sessionById(message.session)
    if (!session) return
    const { stream } = session
    if (message.m === 'welcome') return this.#welcome(message)
    if (message.m === 'inStep') {
      this.comparison?.runSoon()
      return stream.send(frameTypes.inStep, {}, { lsn: message.lsn, chain: noPosition.chain })
    }
    if (message.m === 'beat') return stream.send(frameTypes.beat, {}, message.committed)
    if (message.m === 'drop') {
      session.sentLsn = Math.min(session.sentLsn ?? 0, message.position.lsn - 1)
      return stream.send(frameTypes.drop, {}, message.position)
    }
  }

  #welcome({ session: id, committed, m: _m, ...rules }: Message & { m: 'welcome' }): void {
    const session = this.#sessionById(id) as PeerSession
    const { tables } = (this.#hub as HubContext).rowLog
    const { ticket } = session
    const body = { session: id, ...rules, tables, ticket, places: this.places() }
    session.stream.send(frameTypes.welcome, body, committed)
  }

  ask(message: VoterMessage): void {
    const session = this.#sessionById(message.session)
    if (message.m !== 'mark' || !session) return
    // only the computer with the vote may give it
    if (!message.isReport && session.hello?.node !== this.#owner.memory?.tie) return
    sendToThird(session.stream, message)
  }

  /** The standby connects again, and learns of the term of now. */
  hangUpStandby(reason: string): void {
    for (const { hello, stream } of this.#sessions.values())
      if (hello?.kind === 'standby') stream.close(reason)
  }

  /** The third computer finds the others by it. */
  tellPlaces(): void {
    for (const { hello, stream } of this.#sessions.values())
      if (hello?.kind === 'vote') stream.send(frameTypes.beat, { places: this.places() })
  }

  feed(id: string, after: Position): void {
    const session = this.#sessionById(id)
    if (session) this.#frames.begin(session, after)
  }

  sendFrame(id: string): void {
    const session = this.#sessionById(id)
    if (session) this.#frames.sendWaiting(session)
  }

  /** True for a ticket of a standby that is connected now. */
  checkTicket(ticket: string): boolean {
    return [...this.#sessions.values()].some((session) => session.ticket === ticket)
  }
}

/** A hub on this computer only has no address for others. */
export function ownAddresses({ endpoint }: HubContext): string[] {
  const { addresses, port } = endpoint.reachable
  return addresses.length > 0 ? [...addresses] : [`127.0.0.1:${port}`]
}

function readCondition(body: Record<string, unknown>): PeerSession['condition'] {
  const { power, free, problem } = body
  return {
    ...(typeof power === 'string' ? { power: power.slice(0, 20) } : {}),
    ...(typeof free === 'number' ? { free } : {}),
    ...(typeof problem === 'string' ? { problem: problem.slice(0, maxProblemLength) } : {}),
  }
}
