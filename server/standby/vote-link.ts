import type { Place } from '../../shared/places.ts'
import { readPlaces } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import { frameTypes, type RowFrame } from '../continuity/frame.ts'
import { noPosition } from '../continuity/position.ts'
import { type NodeKey, signedTexts, signText } from '../continuity/node-key.ts'
import { verifyTerm } from '../continuity/term.ts'
import type { VoterAnswer, VoterEvent } from '../continuity/voter-rules.ts'
import type { Dialed } from './dial.ts'
import { readText } from './frames.ts'
import { type ConditionOptions, readCondition } from './own-computer.ts'
import { bodyOf, Stream } from './stream.ts'

/*
 * One connection of the third computer, to the hub or to its standby. Both speak alike: a challenge, a hello, a welcome that
 * names the session, and then what the rules say. Each term that arrives must be signed by the hub.
 */

export interface VoteLinkOwner extends ConditionOptions {
  readonly hubId: string
  readonly key: NodeKey
  /** The highest term that this computer knows. */
  readonly term: Term | undefined
  /** The other has said who it is. Returns a reason to end the connection. */
  onWelcome(link: VoteLink): string | undefined
  onPlaces(link: VoteLink, places: readonly Place[]): void
  /** The owner of the hub must learn of it. */
  onProblem(problem: string): void
  onEvent(link: VoteLink, event: VoterEvent): void
  onEnd(link: VoteLink, reason: string): void
}

export class VoteLink {
  readonly address: string
  /** Empty until the welcome. */
  node = ''
  session = ''
  isHub = false
  readonly #owner: VoteLinkOwner
  readonly #dialed: Dialed
  readonly #stream: Stream

  constructor(dialed: Dialed, owner: VoteLinkOwner) {
    this.address = dialed.address
    this.#owner = owner
    this.#dialed = dialed
    this.#stream = new Stream(dialed.socket, {
      frame: (frame) => this.#receive(frame),
      end: (reason) => owner.onEnd(this, reason),
      beat: () => ({ position: noPosition, body: readCondition(owner) }),
    })
  }

  close(reason: string): void {
    this.#stream.close(reason)
  }

  send(answer: VoterAnswer): void {
    if (answer.m === 'higher') return this.#stream.send(frameTypes.higher, { term: answer.higher })
    const { isGranted, higher: term } = answer
    if (answer.m === 'marked') return this.#stream.send(frameTypes.marked, { v: answer.v, isGranted, term })
    this.#stream.send(frameTypes.vote, { nonce: answer.nonce, isGranted, term })
  }

  #receive(frame: RowFrame): void {
    const body = bodyOf(frame)
    switch (frame.type) {
      case frameTypes.challenge:
        return this.#hello(readText(body['nonce']))
      case frameTypes.welcome:
        return this.#welcomed(body)
      case frameTypes.beat:
        return this.#beaten(body)
      case frameTypes.mark:
      case frameTypes.here:
      case frameTypes.candidate:
        return this.#asked(frame.type, body)
      case frameTypes.higher:
        // the other is not the hub any more, and ends the connection: its term counts once it says that it follows it
        return
      default:
        throw new Error(`a frame that no third computer gets: ${frame.type}`)
    }
  }

  #hello(nonce: string): void {
    const { hubId, key, term } = this.#owner
    const sig = signText(key.key, signedTexts.follow(hubId, nonce))
    this.#stream.send(frameTypes.hello, { node: key.id, kind: 'vote', term, sig })
  }

  #welcomed(body: Record<string, unknown>): void {
    if (this.session !== '') throw new Error('a second welcome')
    this.node = readText(body['node'])
    this.session = readText(body['session'])
    this.isHub = body['isHub'] === true
    const refusal = this.#owner.onWelcome(this)
    if (refusal !== undefined) return this.close(refusal)
    this.#owner.onPlaces(this, readPlaces(body['places']))
  }

  #beaten({ problem, places }: Record<string, unknown>): void {
    if (typeof problem === 'string') this.#owner.onProblem(problem.slice(0, 200))
    if (this.session !== '' && places !== undefined) this.#owner.onPlaces(this, readPlaces(places))
  }

  /** @throws Error if the other sends what the rules do not know */
  #asked(type: number, body: Record<string, unknown>): void {
    const { node, session } = this
    if (session === '') throw new Error('a question before the welcome')
    const term = verifyTerm(this.#dialed.publicKey, this.#owner.hubId, body['term'])
    if (!term) throw new Error('a question without a genuine term')
    const from = { node, session, term }
    if (type === frameTypes.mark) {
      const { isAlone, isReport } = body
      const v = readCount(body['v'])
      return this.#owner.onEvent(this, {
        ...{ on: 'mark', ...from, v, isAlone: isAlone === true, isReport: isReport === true },
      })
    }
    const count = readCount(body['count'])
    if (type === frameTypes.here) return this.#owner.onEvent(this, { on: 'here', ...from, count })
    const nonce = readText(body['nonce'])
    this.#owner.onEvent(this, { on: 'candidate', ...from, nonce, count })
  }
}

function readCount(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error('a question without its number')
  return value as number
}
