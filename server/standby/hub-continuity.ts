import { createPublicKey, type KeyObject } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { RowFrame } from '../continuity/frame.ts'
import { loadNodeKey } from '../continuity/node-key.ts'
import { noPosition, type Position } from '../continuity/position.ts'
import type { BatchShipper } from '../continuity/row-log.ts'
import type { DataNode, Effect, HubMemory, NodeEvent } from '../continuity/rule-types.ts'
import { isWaiting } from '../continuity/hub-rules.ts'
import { decide, startNode } from '../continuity/rules.ts'
import { readState, type StateRecord, writeState } from '../continuity/state-file.ts'
import { makeTerm, verifyTerm } from '../continuity/term.ts'
import type { HubContext } from '../context.ts'
import { newId } from '../ids.ts'
import type { Identity } from '../identity.ts'
import type { HandOverOptions, HubStanding, Moved } from '../live/standing.ts'
import { isHigherTerm, type Term } from '../../shared/term.ts'
import type { Safety } from '../../shared/contract/continuity.ts'
import { FirstLook } from './first-look.ts'
import { Handover } from './handover.ts'
import { movedAway, movedTo, refusalOf, unsavedMove } from './moved-away.ts'
import { HubPeers } from './hub-peers.ts'
import { Pairing } from './pairing.ts'
import { readComputers, readEpoch, writeEpoch } from './queries.ts'
import { RuleTimers } from './timers.ts'
import { WaitingBatch } from './waiting-batch.ts'
import { TieReader } from './frames.ts'

/*
 * The hub's part of continuity: drives the rules with the writer, the disk and the connections of other computers. While
 * the hub has no standby there is no state, and nothing here costs anything.
 *
 * All effects of a hub are synchronous, so one event is done before the next begins.
 */

/** Clients learn that the hub moves, even if the other computer has not answered yet. */
const movingAfterMs = 3_000

export interface HubContinuityOptions {
  dataDir: string
  identity: Identity
  /** The database has the term: see SharedStanding. */
  hasServer?: boolean
  log: FastifyBaseLogger
  /** Another computer is the hub: this one stops serving and follows. */
  onSteppedDown?: (() => void) | undefined
  /** Another computer is the hub, and this one cannot save that: the process must end. */
  onFatal?: ((error: unknown) => void) | undefined
}

export class HubContinuity implements BatchShipper {
  /** What clients learn. */
  readonly standing: HubStanding = {
    term: () => this.term(),
    places: () => this.peers.places(),
    safety: () => this.#safety(),
    held: () => this.#held(),
    safeUpTo: () => this.#safeLsn,
    onHigherTerm: (record) => this.onHigherTerm(record),
    moved: () => this.#moved ?? this.#firstLook.moved,
    handOverTo: () => this.peers.findReachable(this.nextHub),
    handOver: async (options) => this.peers.nameOf(await this.handOver(options)),
    onChange: (run) => {
      this.#onChange.add(run)
      return () => void this.#onChange.delete(run)
    },
  }
  readonly identity: Identity
  readonly pairing: Pairing
  aloneSince: number | undefined
  readonly #options: HubContinuityOptions
  readonly #publicKey: KeyObject
  readonly #timers = new RuleTimers(
    (name) => this.handle({ on: name }),
    (error) => this.#options.log.error({ err: error }, 'the role of this computer could not be saved'),
  )
  readonly peers: HubPeers
  #state: StateRecord | undefined
  #node: DataNode | undefined
  #hub: HubContext | undefined
  readonly #batch = new WaitingBatch()
  #ties: TieReader | undefined
  #moved: Moved | undefined
  #safeLsn: number | undefined
  readonly #handover = new Handover()
  readonly #firstLook: FirstLook
  readonly #onChange = new Set<() => void>()

  /** @throws StartError if another computer is the hub */
  constructor(options: HubContinuityOptions) {
    this.#options = options
    this.identity = options.identity
    this.pairing = new Pairing(options.identity.hubId, Date.now)
    this.#publicKey = createPublicKey(options.identity.key)
    this.peers = new HubPeers(options, this)
    this.#firstLook = new FirstLook(this, options.log)
    if (options.hasServer !== true) this.#state = readState(options.dataDir)
    if (this.#state?.role === 'standby') throw movedAway(options.dataDir, this.#state.term)
    if (this.#state?.role === 'sealed') this.#moved = { code: 'moving', term: this.#state.term, places: [] }
  }

  // ---- what clients learn

  term(): Term | undefined {
    return this.#node?.disk.term ?? this.#state?.term
  }

  #safety(): Safety {
    if (!this.peers.hasStandby) return 'none'
    if (this.memory?.peer?.inStep === true) return 'together'
    return this.isWaiting ? 'waiting' : 'alone'
  }

  #held(): number | undefined {
    const lsn = this.#hub?.rowLog.position?.lsn
    return this.peers.hasStandby && this.#node?.disk.alone === true ? lsn : undefined
  }

  onHigherTerm(record: unknown): void {
    const term = verifyTerm(this.#publicKey, this.#options.identity.hubId, record)
    if (term) this.stepDown(term)
  }

  /** Another computer is the hub by this term, whose signature was verified. Nothing is served after it returns. */
  stepDown(term: Term): void {
    if (this.#moved?.code === 'moved' || !isHigherTerm(term, this.term())) return
    this.#options.log.error({ since: new Date(term.at) }, 'another computer is this hub now')
    try {
      if (this.#node) this.handle({ on: 'higher', term })
      else this.#stopAlone(term)
    } catch (error) {
      this.#stopUnsaved(term, error)
    }
  }

  /** This hub never had a standby: it was restored from a backup, and met the one it was made from. */
  #stopAlone(term: Term): void {
    const { id: node } = loadNodeKey(this.#options.dataDir)
    const marks = { mustCopy: true, mustKeep: true } as const
    this.#persist({ v: 1, node, role: 'standby', term, alone: false, markV: 0, out: true, ...marks })
    this.#stopServing(term)
  }

  /** The disk still says that this is the hub. The process ends, and after its next start it asks the others first. */
  #stopUnsaved(term: Term, error: unknown): void {
    this.#batch.refuse(refusalOf('moved'))
    this.#moved = { code: 'moved', term, places: this.peers.places() }
    this.#hub?.live.closeForMove(this.#moved)
    this.#end()
    this.#options.onFatal?.(unsavedMove(this.#options.dataDir, term, error))
  }

  // ---- what the owner sees

  get node(): DataNode | undefined {
    return this.#node
  }

  /** The id of this computer; empty while it has no key, since nobody follows it. */
  get ownNode(): string {
    return this.#state?.node ?? ''
  }

  get tie(): string {
    return this.memory?.tie ?? this.peers.stored.tie
  }

  get isHandingOver(): boolean {
    return this.#handover.isRunning || this.#node?.disk.role === 'sealed'
  }

  /** The standby is away, and the hub does not have the vote. */
  get isWaiting(): boolean {
    return this.#node !== undefined && isWaiting(this.#node)
  }

  /** The standby that could be the hub at once. */
  get nextHub(): string | undefined {
    const peer = this.memory?.peer
    return peer?.inStep ? peer.node : undefined
  }

  get memory(): HubMemory | undefined {
    return this.#node?.hub
  }

  // ---- start and end

  /** The hub is assembled: from now on its writer asks here. */
  async attach(hub: HubContext): Promise<void> {
    this.#hub = hub
    hub.rowLog.shipper = this
    await this.readKnown()
    this.#startNode()
    this.peers.attach(hub)
    await this.#adoptEpoch()
    const role = this.#node?.disk.role
    if (role !== 'hub' && role !== 'sealed') return
    if (role === 'hub') await this.#firstLook.run()
    else this.handle({ on: 'sealAgain' })
    this.peers.search.keepLooking()
  }

  /** A term that began with a new epoch: it is in the database before anybody is served (R6). */
  async #adoptEpoch(): Promise<void> {
    const { store } = this.#hub as HubContext
    const epoch = this.#node?.disk.role === 'hub' ? this.#node.disk.term.epoch : undefined
    if (epoch === undefined) return
    const stored = await readEpoch(store)
    if (stored === undefined || stored === epoch) return
    // nobody is connected yet, so the look that comes next has nothing to find
    this.handle({ on: 'lookOver' })
    await writeEpoch(store, epoch)
  }

  #startNode(): void {
    const { rowLog } = this.#hub as HubContext
    if (!this.#state) return
    rowLog.term = this.#state.term.n
    const position = rowLog.position ?? noPosition
    this.#ties = new TieReader(rowLog.tables)
    const { tie, sync } = this.peers.stored
    this.#node = startNode(this.#state, {
      ...{ applied: position, journal: position, tie, isAsync: sync === 'off' },
    })
  }

  /** Reads who may follow. */
  async readKnown(): Promise<void> {
    this.peers.setKnown(await readComputers((this.#hub as HubContext).store))
  }

  /** The first standby was added: the hub has a term from now on, and its log is on. */
  async begin(): Promise<void> {
    const { rowLog, store } = this.#hub as HubContext
    const { dataDir, identity } = this.#options
    const epoch = (await readEpoch(store)) as string
    const { id: node } = loadNodeKey(dataDir)
    const previous = this.#state?.term
    const position = rowLog.position ?? noPosition
    // always a new one: a standby that was removed must not take over by a vote of the term that it knows
    const term = makeTerm(identity.key, identity.hubId, {
      ...{ node, epoch, position, previous, now: Date.now() },
    })
    this.#persist({ v: 1, node, role: 'hub', term, alone: true, markV: this.#state?.markV ?? 0, out: false })
    await this.restart()
  }

  /** Who follows, or who decides, was changed without a log. */
  async restart(): Promise<void> {
    await this.readKnown()
    this.#startNode()
    this.handle({ on: 'lookOver' })
    this.peers.search.keepLooking()
    const voter = this.peers.voter
    if (voter !== undefined) this.handle({ on: 'voterHere', session: voter })
    this.publish()
  }

  close(): void {
    this.#timers.clear()
    this.#firstLook.close()
    this.peers.closeAll('the hub ends')
  }

  /** Gives the hub to the standby that is in step. Resolves when that one has taken over. @throws HubError */
  handOver(options: HandOverOptions = {}): Promise<string> {
    const wasRunning = this.#handover.isRunning
    const handed = this.#handover.begin(this.nextHub, options)
    if (wasRunning || !this.#handover.isRunning) return handed
    setTimeout(() => {
      if (this.#handover.isRunning && this.#node?.disk.role === 'sealed') this.#showMoving()
    }, movingAfterMs).unref()
    this.handle({ on: 'handover' })
    return handed
  }

  /**
   * The owner continues here: the hub waits for another computer, or was handed to one that did not take it. Resolves once
   * the hub serves.
   */
  continueHere(): Promise<void> {
    this.handle({ on: 'takeOver' })
    return this.#serving
  }
  #serving: Promise<void> = Promise.resolve()

  #showMoving(): void {
    this.#moved = { code: 'moving', term: this.term(), places: this.peers.places() }
    this.#hub?.live.closeForMove(this.#moved)
  }

  // ---- the writer

  async ship(frame: RowFrame): Promise<void> {
    // the rules of a standby know no batches: it would wait until the hub has closed
    if (this.#moved?.code === 'moved' || this.#node?.standby) throw refusalOf('moved')
    const granted = this.#batch.begin(frame)
    try {
      this.handle({ on: 'ship', position: frame.position, tie: this.#ties?.read(frame) })
    } catch (error) {
      this.#batch.refuse(error as Error)
    }
    await granted
  }

  committed(position: Position): void {
    this.#batch.end()
    this.handle({ on: 'committed', position })
  }

  async dropped(position: Position): Promise<void> {
    // a computer that is not the hub any more has nobody to wait for
    if (this.memory === undefined) return
    const dropped = this.#batch.waitForDrop()
    this.handle({ on: 'rolledBack', position })
    await dropped
  }

  get shipped(): RowFrame | undefined {
    return this.#batch.frame
  }

  // ---- the rules

  handle(event: NodeEvent): void {
    if (!this.#node) {
      // nobody follows yet
      this.#batch.grant()
      return
    }
    const wasSafe = this.#safety()
    const { identity } = this.#options
    const { node, effects } = decide(this.#node, event, {
      newId,
      newTerm: (previous, position, epoch) =>
        makeTerm(identity.key, identity.hubId, {
          ...{ node: this.#state?.node ?? previous.node, epoch, position, previous, now: Date.now() },
        }),
    })
    this.#run(node, effects)
    if (this.#node) this.#handover.settle(this.#node)
    if (event.on === 'hello') this.#firstLook.met()
    const isSafe = this.#safety()
    if (wasSafe === isSafe) return
    const isAlone = isSafe === 'alone' || isSafe === 'waiting'
    this.aloneSince = isAlone ? (this.aloneSince ?? Date.now()) : undefined
    this.publish()
  }

  /** @throws Error if the state cannot be saved: then it is what it was, and permits nothing */
  #run(node: DataNode, effects: readonly Effect[]): void {
    let kept = this.#node
    this.#node = node
    try {
      for (const effect of effects) {
        this.#do(effect)
        if (effect.do === 'persist') kept = node
      }
    } catch (error) {
      this.#node = kept
      throw error
    }
  }

  #do(effect: Effect): void {
    switch (effect.do) {
      case 'persist':
        return this.#persist(effect.state)
      case 'send':
        return this.peers.send(effect.message)
      case 'ask':
        return this.peers.ask(effect.message)
      case 'feed':
        return this.peers.feed(effect.session, effect.after)
      case 'sendFrame':
        return this.peers.sendFrame(effect.session)
      case 'grant':
        return this.#batch.grant()
      case 'refuse':
        return this.#batch.refuse(refusalOf(effect.why))
      case 'dropDone':
        return this.#batch.dropDone()
      case 'safe':
        if (effect.lsn <= (this.#safeLsn ?? 0)) return
        this.#safeLsn = effect.lsn
        return this.#hub?.live.publishSafe(effect.lsn)
      case 'handoverRefused':
        return this.#handover.refuse('The standby is not in step. Try again when it is.')
      case 'stopServing':
        return this.#stopServing((this.#node as DataNode).disk.term)
      case 'serve':
        this.#serving = this.#serveAgain(effect.term)
        return
      case 'reconnect':
        return this.peers.hangUpStandby('the hub has a new term')
      case 'timer':
        return this.#timers.set(effect.name)
      // the others are those of a standby, which this computer becomes after its hub has ended
      default:
    }
  }

  #persist(state: StateRecord): void {
    writeState(this.#options.dataDir, state)
    this.#state = state
  }

  /** Nothing more happens here: another computer is the hub. */
  #end(): void {
    this.#timers.clear()
    for (const run of this.#onChange) run()
    this.#batch.finishDrop()
    this.peers.closeAll('another computer is the hub')
  }

  #stopServing(term: Term): void {
    this.#moved = movedTo(term, { identity: this.identity, places: this.peers.places() })
    this.#hub?.live.closeForMove(this.#moved)
    this.#end()
    this.#options.onSteppedDown?.()
  }

  /** The epoch is in the database before anybody is served: clients that know the one before connect again. */
  async #serveAgain({ n, lsn, epoch }: Term): Promise<void> {
    const { store, rowLog } = this.#hub as HubContext
    this.#options.log.warn({ lsn }, 'the owner goes on here')
    this.#showMoving()
    rowLog.term = n
    this.peers.search.keepLooking()
    try {
      await writeEpoch(store, epoch)
      this.#moved = undefined
    } catch (error) {
      this.#options.log.error({ err: error }, 'the hub does not go on')
      throw error
    }
  }

  publish(): void {
    for (const run of this.#onChange) run()
    this.#hub?.live.publishPlaces(this.standing)
    this.peers.tellPlaces()
  }
}
