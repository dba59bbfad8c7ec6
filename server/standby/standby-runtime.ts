import type { KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { FastifyBaseLogger } from 'fastify'
import type { WebSocket } from 'ws'
import { HubError } from '../../shared/errors.ts'
import { compareTerms, isHigherTerm, type Term } from '../../shared/term.ts'
import { readPlaces, type Place } from '../../shared/places.ts'
import type { FollowReport } from '../../shared/hub-process-messages.ts'
import { frameTypes, type RowFrame } from '../continuity/frame.ts'
import type { LoggedTable } from '../continuity/logged-tables.ts'
import { loadNodeKey, type NodeKey, signedTexts, signText } from '../continuity/node-key.ts'
import { isPosition, noPosition, type Position } from '../continuity/position.ts'
import type { DataNode, Effect, Message, NodeEvent } from '../continuity/rule-types.ts'
import type { ReadRoom } from '../continuity/room-for-copy.ts'
import { decide, startNode } from '../continuity/rules.ts'
import { newStandbyState, readState, writeState } from '../continuity/state-file.ts'
import { makeTerm, verifyTerm } from '../continuity/term.ts'
import { migrations } from '../db/migrations/index.ts'
import { newId } from '../ids.ts'
import { keyFile, readIdentity } from '../identity.ts'
import type { Dialed } from './dial.ts'
import { Dialer } from './dialer.ts'
import { FileChanges } from './file-changes.ts'
import { readText, TieReader } from './frames.ts'
import { readHubFile, savePlaces } from './hub-file.ts'
import { TaskQueue } from './task-queue.ts'
import { type ConditionOptions, knowsNobody, readCondition, storeHubKey } from './own-computer.ts'
import { sendMessage } from './standby-messages.ts'
import { StandbyData } from './standby-data.ts'
import { bodyOf, Stream } from './stream.ts'
import { ThirdSession } from './third-session.ts'
import { RuleTimers } from './timers.ts'

/*
 * A standby: follows the hub, and drives the rules with its journal, its database and its connection. Events are handled
 * one after the other, each with all of its effects, since some of them wait for the disk.
 */

export interface StandbyOptions extends ConditionOptions {
  log: FastifyBaseLogger
  room?: ReadRoom | undefined
  /** Where clients reach this computer. */
  addresses: () => readonly string[]
  /** The key of the hub has come: the port can be opened. */
  onKey: () => void
  /** This computer is the hub from now on: the state and the database say so already. */
  onServe: (term: Term, why: string) => void
}

export interface StandbyStatus extends FollowReport {
  role: 'standby'
  isCopying: boolean
  lsn: number
}

export class Standby {
  readonly #options: StandbyOptions
  readonly #key: NodeKey
  readonly #data: StandbyData
  readonly #timers = new RuleTimers(
    (name) => this.#enqueue({ on: name }),
    (error) => this.#options.log.error({ err: error }, 'a timer failed'),
  )
  #node: DataNode | undefined
  #ties: TieReader | undefined
  #stream: Stream | undefined
  #session = ''
  #lostAt: number | undefined
  #publicKey: KeyObject | undefined
  readonly #tasks: TaskQueue
  readonly #third: ThirdSession
  #isClosed = false
  #isPromoted = false
  readonly #dialer: Dialer

  constructor(options: StandbyOptions) {
    this.#options = options
    this.#key = loadNodeKey(options.dataDir)
    this.#tasks = new TaskQueue((error) => {
      options.log.error({ err: error }, 'a step of the standby failed')
      this.#stream?.close((error as Error).message)
    })
    this.#data = new StandbyData({
      ...{ dataDir: options.dataDir, log: options.log, room: options.room, term: () => this.term },
      onDurable: (position) => this.#enqueue({ on: 'journalled', session: this.#session, position }),
      onDiverged: () => this.#enqueue({ on: 'diverged' }),
      onMovedAside: () => this.#enqueue({ on: 'movedAside' }),
      onCopied: (position) => this.#enqueue({ on: 'copied', position }),
      onFailed: (reason) => this.#stream?.close(reason),
    })
    this.#dialer = new Dialer({
      ...{ dataDir: options.dataDir, log: options.log, ownNode: this.#key.id },
      isOver: () => this.#stream !== undefined || this.#isClosed || this.#isPromoted,
      redialMs: () => this.#data.redialMs,
      onNobody: () => (this.#data.refusal = knowsNobody),
      onDialed: (dialed) => this.#begin(dialed),
    })
    this.#third = new ThirdSession({
      ...{ dataDir: options.dataDir, log: options.log, ownNode: this.#key.id },
      term: () => this.term,
      places: () => this.places,
      tie: () => this.#node?.standby?.tie,
      onEvent: (event) => this.#enqueue(event),
    })
  }

  start(): void {
    this.open()
    this.#dialer.dialSoon(0)
  }

  /** Reads what is on this disk, without a connection. */
  open(): void {
    const saved = readState(this.#options.dataDir)
    if (saved) {
      const state = this.#data.openWith(saved)
      const end = this.#data.replica
      this.#node = startNode(state, {
        applied: end?.applied ?? noPosition,
        journal: end?.end ?? noPosition,
        tie: 'hub',
      })
    }
  }

  get status(): StandbyStatus {
    const standby = this.#node?.standby
    return {
      role: 'standby',
      isConnected: standby?.isConnected === true,
      isInStep: standby?.isEligible === true,
      ...(this.#lostAt === undefined ? {} : { lostAt: this.#lostAt }),
      canTakeOver: this.#canTakeOver,
      ...this.#data.progress,
      lsn: this.#data.replica?.end.lsn ?? 0,
      ...(this.#data.problem === undefined ? {} : { problem: this.#data.problem }),
    }
  }

  /** A hub that refuses this computer is there. */
  get #canTakeOver(): boolean {
    const { replica, refusal } = this.#data
    const isRefused = refusal !== undefined && refusal !== knowsNobody
    return replica !== undefined && this.#node?.disk.mustCopy !== true && !isRefused
  }

  get term(): Term | undefined {
    return this.#node?.disk.term
  }

  /** Number of the last frame of this term in the database. */
  get applied(): number | undefined {
    return this.#data.appliedLsn
  }

  get places(): readonly Place[] {
    return readHubFile(this.#options.dataDir)?.places ?? []
  }

  /** The third computer has connected to the port of this one. */
  acceptThird(socket: WebSocket): void {
    this.#third.accept(socket)
  }

  /** The owner takes over here. @throws Error if this computer does not have the data */
  takeOver(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tasks.add(async () => {
        try {
          await this.#handle({ on: 'takeOver' })
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
          throw error
        }
        if (this.#node?.disk.role === 'hub') resolve()
        else
          reject(
            new HubError(
              'conflict',
              'This computer does not have the data of the hub: its copy is not complete.',
            ),
          )
      })
    })
  }

  /** Leaves the hub in order: it does not wait for this computer any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tasks.end()
    this.#dialer.close()
    this.#timers.clear()
    if (this.#node?.standby && !this.#isPromoted) await this.#handle({ on: 'quit' })
    this.#stream?.close('this computer ends')
    this.#third.close('this computer ends')
    await this.#data.close()
    await this.#data.setAside.close()
  }

  // ---- events, one after the other

  #enqueue(event: NodeEvent): void {
    this.#tasks.add(() => this.#handle(event))
  }

  async #handle(event: NodeEvent, arriving?: RowFrame): Promise<void> {
    if (!this.#node) return
    const { node, effects } = decide(this.#node, event, {
      newId,
      newTerm: (previous, position, epoch) => this.#newTerm(previous, position, epoch),
    })
    // a role that is not on the disk is none: others must never hear of it
    let kept = this.#node
    this.#node = node
    try {
      for (const effect of effects) {
        const waits = this.#run(effect, arriving)
        if (waits) await waits
        if (effect.do === 'persist') kept = node
      }
    } catch (error) {
      this.#node = kept
      throw error
    }
  }

  #newTerm(previous: Term, position: Position, epoch: string): Term {
    const { hubId, key } = readIdentity(keyFile(this.#options.dataDir))
    return makeTerm(key, hubId, { node: this.#key.id, epoch, position, previous, now: Date.now() })
  }

  #run(effect: Effect, arriving: RowFrame | undefined): Promise<unknown> | void {
    switch (effect.do) {
      case 'persist':
        return writeState(this.#options.dataDir, effect.state)
      case 'send':
        return this.#send(effect.message)
      case 'ask':
        return this.#third.ask(effect.message)
      case 'append':
        return this.#data.append(arriving as RowFrame)
      case 'cut':
        return this.#data.replica?.cutTo(effect.to)
      case 'apply':
        return this.#data.replica?.committed(effect.upTo.lsn)
      case 'applyAll':
        return this.#data.replica?.applyAll()
      case 'reconnect':
        return this.#stream?.close('the standby connects again')
      case 'copy':
        void this.#data.copy(effect.keepsOld)
        return
      case 'serve':
        return this.#serve(effect.term, effect.why)
      case 'timer':
        return this.#timers.set(effect.name)
      // the others are those of a hub
      default:
    }
  }

  async #serve(term: Term, why: string): Promise<void> {
    this.#isPromoted = true
    this.#options.log.warn({ why, lsn: term.lsn }, 'this computer is the hub now')
    await this.#data.close()
    this.#options.onServe(term, why)
  }

  // ---- the connection

  #begin({ address, socket, publicKey }: Dialed): void {
    this.#publicKey = publicKey
    this.#data.address = address
    const stream: Stream = new Stream(socket, {
      frame: (frame) => this.#receive(stream, frame),
      end: (reason) => {
        if (this.#stream !== stream) return
        this.#stream = undefined
        this.#options.log.info({ reason }, 'the connection to the hub has ended')
        if (this.#node?.standby?.isConnected) this.#lostAt = Date.now()
        if (this.#session !== '') this.#enqueue({ on: 'hubGone', session: this.#session })
        this.#dialer.dialSoon()
      },
      beat: () => ({ position: noPosition, body: readCondition(this.#options, this.#data.problem) }),
    })
    this.#stream = stream
  }

  #receive(stream: Stream, frame: RowFrame): void {
    if (this.#stream !== stream) return
    const session = this.#session
    const { position } = frame
    switch (frame.type) {
      case frameTypes.challenge:
        return this.#challenged(frame)
      case frameTypes.key:
        return this.#takeKey(readText(bodyOf(frame)['pem'], 4_000))
      case frameTypes.welcome:
        return this.#welcomed(frame)
      case frameTypes.rows:
        this.#tasks.add(() => {
          const follows = this.#data.replica !== undefined && this.#data.replica.end.lsn + 1 === position.lsn
          return this.#handle(
            { on: 'frame', session, position, follows, tie: this.#ties?.read(frame) },
            frame,
          )
        })
        return
      case frameTypes.digest:
        return this.#tasks.add(() =>
          this.#data.compare(bodyOf(frame), position, (body) => stream.send(frameTypes.digestIs, body)),
        )
      case frameTypes.drop:
        return this.#enqueue({ on: 'drop', session, position })
      case frameTypes.fetch:
        return this.#data.setAside.answer(stream, bodyOf(frame))
      case frameTypes.inStep:
        this.#data.setAside.report(stream, position.lsn)
        return this.#enqueue({ on: 'inStep', session, lsn: position.lsn })
      case frameTypes.beat:
        return this.#beaten(frame)
      case frameTypes.seal:
        return this.#sealed(frame)
      case frameTypes.higher:
      case frameTypes.took:
        return this.#showTerm(bodyOf(frame)['term'])
      default:
        throw new Error(`a frame that no hub sends: ${frame.type}`)
    }
  }

  #verify(record: unknown): Term | undefined {
    const hubId = readHubFile(this.#options.dataDir)?.hubId ?? ''
    return this.#publicKey && verifyTerm(this.#publicKey, hubId, record)
  }

  #showTerm(record: unknown): void {
    const term = this.#verify(record)
    if (term && isHigherTerm(term, this.term)) this.#enqueue({ on: 'higher', term })
  }

  /** Says who this computer is and what it has. It waits for what runs: only what is synced counts. */
  #challenged(frame: RowFrame): void {
    const { nonce, term: record, end } = bodyOf(frame)
    this.#tasks.add(async () => {
      const term = this.#verify(record)
      if (!term) throw new Error('the hub has no term yet')
      if (this.term && compareTerms(term, this.term) < 0) {
        this.#stream?.send(frameTypes.higher, { term: this.term })
        throw new Error('the other computer is the hub no longer')
      }
      this.#node ??= this.#beginState(term)
      await this.#data.recover()
      await this.#hello(readText(nonce), isPosition(end) ? end : noPosition)
    })
  }

  /** The first connection: nothing of the hub is here yet. */
  #beginState(term: Term): DataNode {
    const state = newStandbyState(this.#key.id, term)
    writeState(this.#options.dataDir, state)
    return startNode(state, { applied: noPosition, journal: noPosition, tie: 'hub' })
  }

  async #hello(nonce: string, end: Position): Promise<void> {
    const { applied, isAhead } = await this.#data.placeFor(end)
    const { replica } = this.#data
    const { dataDir, addresses } = this.#options
    const hubId = readHubFile(dataDir)?.hubId ?? ''
    this.#applied = applied
    this.#stream?.send(
      frameTypes.hello,
      {
        ...{ node: this.#key.id, kind: 'standby', term: this.term, applied, isAhead },
        sig: signText(this.#key.key, signedTexts.follow(hubId, nonce)),
        mustCopy: this.#node?.disk.mustCopy === true || replica === undefined,
        isComplete: (this.#data.files?.completeUpTo ?? 0) >= (replica?.end.lsn ?? 0),
        hasKey: existsSync(keyFile(dataDir)),
        ...{ schema: migrations.length, addresses: addresses() },
        problem: this.#data.problem,
      },
      replica?.end ?? noPosition,
    )
  }
  #applied: Position = noPosition

  #takeKey(pem: string): void {
    storeHubKey(this.#options.dataDir, pem)
    this.#options.onKey()
  }

  #welcomed(frame: RowFrame): void {
    const body = bodyOf(frame)
    const session = readText(body['session'])
    const term = this.#verify(body['term'])
    if (!term) throw new Error('a welcome without a genuine term')
    const { tie, nextTie, cut, mustCopy, isParted } = body
    if (this.#data.replica) this.#data.replica.term.n = term.n
    this.#session = session
    this.#data.ticket = readText(body['ticket'])
    this.#data.refusal = undefined
    const tables = body['tables'] as readonly LoggedTable[]
    this.#ties = new TieReader(tables)
    this.#data.fileChanges = new FileChanges(tables)
    savePlaces(this.#options.dataDir, readPlaces(body['places']), this.#data.address)
    this.#data.files?.retryNow()
    this.#tasks.add(() =>
      this.#handle({
        ...{ on: 'welcome', session, term, tie: readText(tie), mustCopy: mustCopy === true },
        ...{ isParted: isParted === true, committed: frame.position },
        ...(typeof nextTie === 'string' ? { nextTie } : {}),
        ...(isPosition(cut) ? { cut } : {}),
        applied: this.#applied,
        journal: this.#data.replica?.end ?? noPosition,
      }),
    )
  }

  #beaten(frame: RowFrame): void {
    const { problem } = bodyOf(frame)
    if (typeof problem === 'string') return this.#data.refused(problem)
    const { position } = frame
    const session = this.#session
    this.#tasks.add(() => {
      const fits = this.#data.replica?.has(position) === true
      return this.#handle({ on: 'beat', session, committed: position, fits })
    })
  }

  #sealed(frame: RowFrame): void {
    const { term: record, to } = bodyOf(frame)
    const term = this.#verify(record)
    if (!term) return
    const { position } = frame
    this.#tasks.add(async () => {
      await this.#data.replica?.settle()
      const fits = this.#data.replica?.has(position) === true
      await this.#handle({ on: 'seal', term, to: readText(to), position, fits })
    })
  }

  #send(message: Message): void {
    if (!this.#stream) return
    sendMessage(this.#stream, message, this.#data.files?.completeUpTo, this.#options.addresses)
  }
}
