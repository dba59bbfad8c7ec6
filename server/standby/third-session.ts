import { createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { FastifyBaseLogger } from 'fastify'
import type { WebSocket } from 'ws'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import { frameTypes, type RowFrame } from '../continuity/frame.ts'
import { noPosition } from '../continuity/position.ts'
import type { NodeEvent, Tie, VoterMessage } from '../continuity/rule-types.ts'
import { verifyTerm } from '../continuity/term.ts'
import { openReader } from '../db/sqlite/connection.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { type Identity, keyFile, readIdentity } from '../identity.ts'
import { readText } from './frames.ts'
import { type Hello, type KnownNode, PeerSession } from './peer-session.ts'
import { bodyOf, type Stream } from './stream.ts'

/** The third computer at the port of a standby: it connects here as it does to the hub. */

export interface ThirdSessionOptions {
  dataDir: string
  log: FastifyBaseLogger
  ownNode: string
  term: () => Term | undefined
  places: () => readonly Place[]
  /** The deciding vote, as this standby knows it. */
  tie: () => Tie | undefined
  onEvent: (event: NodeEvent) => void
}

export class ThirdSession {
  readonly #options: ThirdSessionOptions
  #session: PeerSession | undefined

  constructor(options: ThirdSessionOptions) {
    this.#options = options
  }

  /** A computer has opened the stream. */
  accept(socket: WebSocket): void {
    const { dataDir, term } = this.#options
    const identity = readIdentity(keyFile(dataDir))
    const session: PeerSession = new PeerSession(socket, identity, {
      where: () => ({ term: term(), position: noPosition }),
      find: (node) => findThird(dataDir, node),
      hello: (_, hello) => this.#greet(session, hello),
      frame: (_, frame) => this.#receive(session, frame, identity),
      end: () => this.#ended(session),
    })
  }

  ask(message: VoterMessage): void {
    const session = this.#session
    if (session?.id !== message.session) return
    // a computer that has lost the vote, and has not learned of it, could still give it
    if (message.m === 'candidate' && session.hello?.node !== this.#options.tie()) return
    sendToThird(session.stream, message)
  }

  close(reason: string): void {
    this.#session?.stream.close(reason)
  }

  #greet(session: PeerSession, { node, term: theirs }: Hello): string | undefined {
    const { log, ownNode, term, places, onEvent } = this.#options
    if (this.#session?.hello?.node === node)
      return 'Another computer with the same key is connected. A copied computer needs a new key.'
    if (theirs) onEvent({ on: 'higher', term: theirs })
    this.close('another third computer has connected')
    this.#session = session
    log.info({ node }, 'the third computer has connected')
    const { id } = session
    session.stream.send(frameTypes.welcome, { session: id, node: ownNode, term: term(), places: places() })
    onEvent({ on: 'voterHere', session: id })
    return undefined
  }

  #receive({ id }: PeerSession, frame: RowFrame, identity: Identity): void {
    const body = bodyOf(frame)
    switch (frame.type) {
      case frameTypes.beat:
      case frameTypes.marked:
        return
      case frameTypes.higher:
        return this.#showTerm(identity, body['term'])
      case frameTypes.vote: {
        this.#showTerm(identity, body['term'])
        const isGranted = body['isGranted'] === true
        return this.#options.onEvent({ on: 'vote', session: id, nonce: readText(body['nonce']), isGranted })
      }
      default:
        throw new Error(`a frame that no third computer sends: ${frame.type}`)
    }
  }

  #showTerm({ key, hubId }: Identity, record: unknown): void {
    const term = verifyTerm(createPublicKey(key), hubId, record)
    if (term) this.#options.onEvent({ on: 'higher', term })
  }

  #ended(session: PeerSession): void {
    if (this.#session !== session) return
    this.#session = undefined
    this.#options.onEvent({ on: 'voterGone', session: session.id })
  }
}

/** Sends to the third computer what the rules ask. */
export function sendToThird(stream: Stream, { m, session: _session, ...body }: VoterMessage): void {
  stream.send(frameTypes[m], body)
}

/** The owner has approved it on the hub, and the row has arrived here. */
function findThird(dataDir: string, node: string): KnownNode | undefined {
  const file = databaseFile(dataDir)
  if (!existsSync(file)) return undefined
  const { raw } = openReader(file)
  try {
    return raw
      .prepare(
        `select node, name, kind, key from standby where node = ? and kind = 'vote' and revoked_at is null`,
      )
      .get(node) as KnownNode | undefined
  } finally {
    raw.close()
  }
}
