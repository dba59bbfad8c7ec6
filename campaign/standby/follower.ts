import { WebSocket } from 'ws'
import type { Input, RequestName } from '../../shared/contract.ts'
import { heldHeader } from '../../shared/contract/continuity.ts'
import type { FromHub, ToHub } from '../../shared/contract/live.ts'
import { type Place, readPlaces } from '../../shared/places.ts'
import { isHigherTerm, type Term } from '../../shared/term.ts'
import type { WireError } from '../../shared/errors.ts'
import { LiveClient } from '../../test/support/live-client.ts'
import { rawRequest, RequestError, type TestUser } from '../../test/support/test-user.ts'
import { uploadFile } from '../../test/support/tus.ts'
import { type LaneConnection, NoAnswer } from '../kill/writer.ts'
import { withTimeout } from './computer.ts'
import type { Seen } from './seen.ts'

/*
 * A client that follows the hub from computer to computer, by what hubs and standbys tell it: the places, and the highest
 * term that it knows. It shows that term to a hub with a lower one, as the apps do.
 */

const connectTimeoutMs = 2_000
const answerTimeoutMs = 5_000
const retryMs = 100
/** Refusals that say: not now, or not here. */
const passing = new Set(['busy', 'disk_full', 'rate_limited'])

export interface FollowerOptions {
  user: TestUser
  /** Writes over HTTP; the socket is open all the same. */
  usesHttp: boolean
  /** The computers that an invitation would name. */
  addresses: readonly string[]
  seen: Seen
  /** Two computers have everything up to here. */
  onSafe: (upTo: number) => void
}

export class Follower {
  readonly #options: FollowerOptions
  #addresses: string[]
  #term: Term | undefined

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#addresses = [...options.addresses]
  }

  get user(): TestUser {
    return this.#options.user
  }

  /** Looks for the hub until it is found. Undefined if the campaign wants no more. */
  async connect(isOver: () => boolean): Promise<FollowerConnection | undefined> {
    while (!isOver()) {
      for (const address of [...this.#addresses]) {
        const connection = await this.#tryAt(address).catch(() => undefined)
        if (connection) return connection
        if (isOver()) return undefined
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
    return undefined
  }

  learn(places: readonly Place[], term?: Term): void {
    if (isHigherTerm(term, this.#term)) this.#term = term
    const known = places
      .toSorted((a, b) => Number(b.role === 'hub') - Number(a.role === 'hub'))
      .flatMap(({ addresses }) => addresses)
    this.#addresses = [...new Set([...known, ...this.#addresses])]
  }

  async #tryAt(address: string): Promise<FollowerConnection | undefined> {
    const { user } = this.#options
    const socket = new WebSocket(`ws://${address}/live`, {
      headers: { authorization: `Bearer ${user.token}` },
      handshakeTimeout: connectTimeoutMs,
    })
    const live = new LiveClient(socket)
    try {
      const hello = await withTimeout(
        live.next((message) => message.t === 'hello' || message.t === 'bye'),
        connectTimeoutMs,
        'no hello',
      )
      if (hello.t !== 'hello') return this.#left(live, hello)
      const isOld = isHigherTerm(this.#term, hello.term)
      const resume: ToHub = { t: 'resume', protocol: 1, ...(this.#term && isOld ? { term: this.#term } : {}) }
      live.send(resume)
      const state = await withTimeout(
        live.next((message) => message.t === 'state' || message.t === 'bye'),
        connectTimeoutMs,
        'no state',
      )
      if (state.t !== 'state' || isOld) return this.#left(live, state)
      this.learn(state.places ?? [], hello.term)
      return new FollowerConnection(live, user.atUrl(`http://${address}`), this, this.#options)
    } catch {
      live.terminate()
      return undefined
    }
  }

  #left(live: LiveClient, message: FromHub): undefined {
    if (message.t === 'bye') this.learn(message.places ?? [], message.term)
    live.terminate()
  }
}

/** One connection to a computer that is the hub. */
export class FollowerConnection implements LaneConnection {
  readonly #live: LiveClient
  readonly #user: TestUser
  readonly #follower: Follower
  readonly #options: FollowerOptions
  #drained = 0
  #asked = 0

  constructor(live: LiveClient, user: TestUser, follower: Follower, options: FollowerOptions) {
    this.#live = live
    this.#user = user
    this.#follower = follower
    this.#options = options
  }

  get url(): string {
    return this.#user.url
  }

  get epoch(): string {
    return this.#live.state?.epoch ?? this.#stateEpoch()
  }

  #stateEpoch(): string {
    const state = this.#live.received.find((message) => message.t === 'state')
    return state?.epoch ?? ''
  }

  async ask<N extends RequestName>(
    name: N,
    input: Input<N>,
  ): Promise<{ output: unknown; held?: number | undefined }> {
    this.drain()
    if (this.#live.closed) throw new NoAnswer()
    try {
      const asked = this.#options.usesHttp ? this.#askHttp(name, input) : this.#askSocket(name, input)
      const answer = await withTimeout(asked, answerTimeoutMs, 'no answer')
      this.#options.seen.note(answer.output)
      return answer
    } catch (error) {
      if (error instanceof RequestError && !passing.has(error.code)) throw error
      // a client that has waited long enough looks elsewhere
      this.close()
      if (error instanceof RequestError) await new Promise((resolve) => setTimeout(resolve, retryMs))
      throw new NoAnswer()
    } finally {
      this.drain()
    }
  }

  async #askSocket(name: string, input: unknown): Promise<{ output: unknown; held?: number | undefined }> {
    const id = `r${(this.#asked += 1)}`
    const from = this.#live.received.length
    this.#live.send({ t: 'req', id, name, input })
    const answer = await this.#live.next(
      (message) => (message.t === 'ok' || message.t === 'err') && message.id === id,
      from,
    )
    if (answer.t === 'err') throw new RequestError(0, answer.error)
    if (answer.t !== 'ok') throw new Error('not an answer')
    return { output: answer.output, held: answer.held }
  }

  async #askHttp(name: string, input: unknown): Promise<{ output: unknown; held?: number | undefined }> {
    const { url, token } = this.#user
    const { status, body, headers } = await rawRequest(url, token, name, input as Record<string, unknown>)
    if (status >= 400) {
      const { error } = body as { error: WireError & { moved?: unknown } }
      this.#follower.learn(readPlaces(error.moved))
      throw new RequestError(status, error)
    }
    const held = headers.get(heldHeader)
    return { output: body, held: held === null ? undefined : Number(held) }
  }

  async upload(bytes: Buffer): Promise<string> {
    const { url, token } = this.#user
    try {
      return await withTimeout(uploadFile(url, token, { name: 'a.bin', bytes }), answerTimeoutMs, 'no answer')
    } catch {
      this.close()
      throw new NoAnswer()
    }
  }

  /** Takes note of what has arrived. */
  drain(): void {
    const { received } = this.#live
    for (; this.#drained < received.length; this.#drained += 1) {
      const message = received[this.#drained] as FromHub
      if (message.t === 'places') this.#follower.learn(message.places)
      else if (message.t === 'bye') this.#follower.learn(message.places ?? [], message.term)
      else if (message.t === 'safe') this.#options.onSafe(message.upTo)
      else if (message.t === 'entry' && message.type === 'message.sent') this.#options.seen.note(message)
    }
  }

  close(): void {
    this.drain()
    this.#live.terminate()
  }
}
