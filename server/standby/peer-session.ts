import { createPublicKey } from 'node:crypto'
import type WebSocket from 'ws'
import { frameTypes, maxBodyBytes, type RowFrame } from '../continuity/frame.ts'
import { isSignedBy, signedTexts } from '../continuity/node-key.ts'
import { noPosition, type Position } from '../continuity/position.ts'
import { verifyTerm } from '../continuity/term.ts'
import { newId, newSecret } from '../ids.ts'
import type { Identity } from '../identity.ts'
import type { Term } from '../../shared/term.ts'
import { readPositionOf, readText } from './frames.ts'
import { bodyOf, Stream } from './stream.ts'

/*
 * One connection of another computer to the hub. It proves with its key who it is before anything else is read. The
 * rights of a session end with it.
 */

const helloTimeoutMs = 5_000
const maxAddresses = 8
export const maxProblemLength = 300
/** Anybody may open a connection: until the other has proved who it is, little is unpacked for it. */
const maxHelloBytes = 16 * 1024

export interface Hello {
  node: string
  kind: 'standby' | 'vote'
  term: Term | undefined
  applied: Position
  journal: Position
  /** It has applied more of this term than the end that the challenge has named. */
  isAhead: boolean
  mustCopy: boolean
  /** It has the files of its frames. */
  isComplete: boolean
  hasKey: boolean
  schema: number
  addresses: string[]
  /** Why its last copy failed. */
  problem: string | undefined
}

export interface KnownNode {
  node: string
  name: string
  kind: 'standby' | 'vote'
  key: Buffer
}

export interface SessionEvents {
  /** The computer is who it says. Returns a reason to refuse it. */
  hello: (session: PeerSession, hello: Hello) => string | undefined
  frame: (session: PeerSession, frame: RowFrame) => void
  end: (session: PeerSession, reason: string) => void
  find: (node: string) => KnownNode | undefined
  /** For the challenge and the beats. */
  where: () => { term: Term | undefined; position: Position | undefined }
}

export class PeerSession {
  readonly id = newId()
  readonly ticket = newSecret()
  readonly stream: Stream
  readonly connectedAt = Date.now()
  hello: Hello | undefined
  /** The frames up to here are in the journal of the other, with their files. */
  durable: Position | undefined
  /** The last frame that was sent to it; undefined before it is fed. */
  sentLsn: number | undefined
  /** It reads slowly: the next frames wait in the ring. */
  isBehind = false
  /** The hub could connect to it, so clients can too. */
  isReachable: boolean | undefined
  /** What the last beat of the other said. */
  condition: { power?: string; free?: number; problem?: string } = {}
  readonly #nonce = newSecret()
  readonly #identity: Identity
  readonly #events: SessionEvents
  readonly #timeout: ReturnType<typeof setTimeout>

  constructor(socket: WebSocket, identity: Identity, events: SessionEvents) {
    this.#identity = identity
    this.#events = events
    this.stream = new Stream(socket, {
      frame: (frame) => this.#receive(frame),
      maxBodyBytes: () => (this.hello ? maxBodyBytes : maxHelloBytes),
      end: (reason) => {
        clearTimeout(this.#timeout)
        events.end(this, reason)
      },
      beat: () => {
        if (!this.hello) return undefined
        // the third computer needs no log
        const { position = this.hello.kind === 'vote' ? noPosition : undefined } = events.where()
        return position && { position, body: { committed: position } }
      },
    })
    this.#timeout = setTimeout(
      () => this.stream.close('the other computer did not say who it is'),
      helloTimeoutMs,
    )
    const { term, position } = events.where()
    this.stream.send(frameTypes.challenge, { nonce: this.#nonce, term, end: position })
  }

  #receive(frame: RowFrame): void {
    if (this.hello) return this.#events.frame(this, frame)
    if (frame.type !== frameTypes.hello) throw new Error('the other computer did not say who it is')
    const hello = this.#readHello(frame)
    clearTimeout(this.#timeout)
    this.hello = hello
    const refusal = this.#events.hello(this, hello)
    if (refusal !== undefined) this.refuse(refusal)
  }

  /** Says why, so that the other can tell its owner. */
  refuse(reason: string): void {
    this.stream.send(frameTypes.beat, { problem: reason })
    this.stream.close(reason)
  }

  /** @throws Error if the computer is unknown or the signature is not its own */
  #readHello(frame: RowFrame): Hello {
    const body = bodyOf(frame)
    const node = readText(body['node'])
    const known = this.#events.find(node)
    const text = signedTexts.follow(this.#identity.hubId, this.#nonce)
    if (!known || !isSignedBy(known.key, text, readText(body['sig'])))
      throw new Error('this computer may not follow the hub')
    const { addresses } = body
    const isVote = known.kind === 'vote'
    return {
      ...{ node, kind: known.kind },
      term: verifyTerm(createPublicKey(this.#identity.key), this.#identity.hubId, body['term']),
      applied: isVote ? frame.position : readPositionOf(body['applied']),
      journal: frame.position,
      isAhead: body['isAhead'] === true,
      mustCopy: body['mustCopy'] === true,
      isComplete: body['isComplete'] === true,
      hasKey: body['hasKey'] === true,
      schema: Number(body['schema']),
      addresses: Array.isArray(addresses)
        ? addresses.slice(0, maxAddresses).map((address) => readText(address, 300))
        : [],
      problem: typeof body['problem'] === 'string' ? body['problem'].slice(0, maxProblemLength) : undefined,
    }
  }
}
