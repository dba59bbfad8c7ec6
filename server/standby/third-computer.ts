import type { FastifyBaseLogger } from 'fastify'
import type { VoteReport } from '../../shared/hub-process-messages.ts'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { loadNodeKey, type NodeKey } from '../continuity/node-key.ts'
import { readVote, writeVote } from '../continuity/voter-file.ts'
import {
  decideAsVoter,
  newVoterRecord,
  startVoter,
  type Voter,
  type VoterEvent,
} from '../continuity/voter-rules.ts'
import { dialFirst } from './dial.ts'
import { readHubFile, savePlaces } from './hub-file.ts'
import type { ConditionOptions } from './own-computer.ts'
import { VoteLink, type VoteLinkOwner } from './vote-link.ts'

/*
 * The third computer: it connects to the hub and to the standby, and decides which of them goes on if they lose each other.
 * It stores nothing of the team. Invariants:
 *
 * 1. The rules decide (`voter-rules.ts`). What they decide is on the disk before the answer; an answer that could not be
 *    saved is never given, and the connection ends, so that the other asks again.
 * 2. No clock decides anything. Timers only dial.
 */

const tendIntervalMs = 500
const maxRedialMs = 8_000

export interface ThirdComputerOptions extends ConditionOptions {
  log: FastifyBaseLogger
}

export interface ThirdStatus extends VoteReport {
  role: 'vote'
  /** Its fingerprint. */
  words: string[]
}

interface Attempt {
  isRunning: boolean
  notBefore: number
  delayMs: number
}

export class ThirdComputer implements VoteLinkOwner {
  readonly dataDir: string
  readonly hubId: string
  readonly key: NodeKey
  readonly power: ConditionOptions['power']
  readonly #log: FastifyBaseLogger
  readonly #links = new Set<VoteLink>()
  /** By the node of the place. */
  readonly #attempts = new Map<string, Attempt>()
  /** Connections that have not been welcomed yet. */
  readonly #pending = new Map<VoteLink, Attempt>()
  #voter: Voter
  #places: readonly Place[]
  #problem: string | undefined
  #tending: ReturnType<typeof setInterval> | undefined
  #isClosed = false

  constructor({ dataDir, log, power }: ThirdComputerOptions) {
    this.dataDir = dataDir
    this.power = power
    this.#log = log
    this.key = loadNodeKey(dataDir)
    const known = readHubFile(dataDir)
    this.hubId = known?.hubId ?? ''
    this.#places = known?.places ?? []
    const record = readVote(dataDir)
    if (!record) log.warn('what this computer had decided cannot be read, so it asks both computers first')
    this.#voter = startVoter(record ?? newVoterRecord)
  }

  start(): void {
    this.#tending = setInterval(() => this.#tend(), tendIntervalMs)
    this.#tend()
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#tending)
    for (const link of this.#links) link.close('this computer ends')
  }

  get term(): Term | undefined {
    return this.#voter.disk.term
  }

  get status(): ThirdStatus {
    const { isAlone, promised } = this.#voter.disk
    return {
      role: 'vote',
      words: [...fingerprintWords(this.key.id)],
      computers: this.#places.map(({ node, name, role }) => {
        return { name, role, isConnected: this.#linkTo(node) !== undefined }
      }),
      decision: promised !== undefined ? 'standby' : isAlone ? 'hub' : 'none',
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    }
  }

  // ---- connections

  #linkTo(node: string): VoteLink | undefined {
    return [...this.#links].find((link) => link.node === node)
  }

  /** Dials each computer that is not connected. */
  #tend(): void {
    const now = performance.now()
    for (const place of this.#places) {
      const attempt = this.#attemptOf(place.node)
      if (attempt.isRunning || now < attempt.notBefore || this.#linkTo(place.node)) continue
      attempt.isRunning = true
      void this.#dial(place, attempt)
    }
  }

  #attemptOf(node: string): Attempt {
    const attempt = this.#attempts.get(node) ?? { isRunning: false, notBefore: 0, delayMs: tendIntervalMs }
    this.#attempts.set(node, attempt)
    return attempt
  }

  async #dial({ addresses }: Place, attempt: Attempt): Promise<void> {
    const { hubId } = this
    const dialed = await dialFirst(addresses, { hubId, log: this.#log, isOver: () => this.#isClosed })
    attempt.delayMs = Math.min(2 * attempt.delayMs, maxRedialMs)
    attempt.notBefore = performance.now() + attempt.delayMs
    attempt.isRunning = dialed !== undefined
    if (!dialed) return
    const link = new VoteLink(dialed, this)
    this.#links.add(link)
    this.#pending.set(link, attempt)
  }

  #settle(link: VoteLink): void {
    const attempt = this.#pending.get(link)
    if (attempt) attempt.isRunning = false
    this.#pending.delete(link)
  }

  onWelcome(link: VoteLink): string | undefined {
    const { node, session } = link
    this.#settle(link)
    if ([...this.#links].some((other) => other !== link && other.node === node))
      return 'this computer is connected already'
    this.#nameFirstPlace(link)
    this.#attempts.delete(node)
    this.#problem = undefined
    this.#log.info({ node, address: link.address }, 'connected')
    this.onEvent(link, { on: 'session', node, session })
    return undefined
  }

  /** The link has named an address only. */
  #nameFirstPlace({ node, address }: VoteLink): void {
    if (this.#places.some((place) => place.node === node)) return
    const at = this.#places.findIndex(({ addresses }) => addresses.includes(address))
    this.#places = this.#places.map((place, index) => (index === at ? { ...place, node } : place))
  }

  /** The hub knows best where its computers are. A standby is believed while there is no hub. */
  onPlaces(link: VoteLink, places: readonly Place[]): void {
    const isHubHere = [...this.#links].some(({ isHub }) => isHub)
    if (places.length === 0 || (isHubHere && !link.isHub)) return
    try {
      savePlaces(this.dataDir, places, link.isHub ? link.address : undefined)
      this.#places = readHubFile(this.dataDir)?.places ?? places
    } catch (error) {
      this.#log.warn({ err: error }, 'the places of the hub were not saved')
    }
  }

  onProblem(problem: string): void {
    this.#problem = problem
    this.#log.warn({ problem }, 'a computer of the hub has refused this one')
  }

  onEnd(link: VoteLink, reason: string): void {
    this.#links.delete(link)
    this.#settle(link)
    if (link.session === '') return
    const { node, session } = link
    this.#log.info({ node, reason }, 'a connection has ended')
    this.#decide({ on: 'sessionEnd', node, session })
  }

  // ---- the rules

  onEvent(link: VoteLink, event: VoterEvent): void {
    try {
      this.#decide(event)
    } catch (error) {
      this.#log.error({ err: error }, 'a decision could not be saved')
      link.close('the decision could not be saved')
    }
  }

  /** @throws Error if the disk fails: then nothing was decided */
  #decide(event: VoterEvent): void {
    const { voter, effects } = decideAsVoter(this.#voter, event)
    for (const effect of effects) {
      if (effect.do === 'persist') writeVote(this.dataDir, effect.record)
      else {
        const { answer } = effect
        if ('isGranted' in answer && answer.isGranted)
          this.#log.info({ to: effect.to, ...answer }, 'answered')
        this.#linkTo(effect.to)?.send(answer)
      }
    }
    this.#voter = voter
  }
}
