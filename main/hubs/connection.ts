// One hub of the rail: its addresses, its identity, and the user logged in there. Each connection has its own agent,
// sockets and back-off, so that a problem of one hub never affects another.
//
// - An attempt tries the addresses and places side by side, the address that worked last first. Requests go only to a hub
// that has proven its identity.
// - A standby has the hub's key and is not the hub: it names the places to try. A hub with a lower term than the known one
// gets that record, and is looked for elsewhere.
// - `#attempt` counts the attempts: results of an earlier one are ignored.
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { HubInfo, HubState } from '../../shared/desktop.ts'
import { readPlaces } from '../../shared/places.ts'
import { isHigherTerm, type Term } from '../../shared/term.ts'
import { unreadCountsOf } from '../../shared/unread-counts.ts'
import type { Clock, Log, Timer } from '../ports.ts'
import { parseAddress, type Address } from '../net/address.ts'
import { HubClient, type HubRequest } from '../net/hub-client.ts'
import { openHubSocket } from '../net/hub-socket.ts'
import { probeCertificate } from '../net/identity.ts'
import { BackgroundSocket, type MovedTo } from '../net/background-socket.ts'
import { ShellError } from '../shell-error.ts'
import { findHub, type Failure } from './find-hub.ts'
import { compareHello, verifiedTerm } from './hub-term.ts'
import type { KnownHub } from './registry.ts'

export interface ConnectionOptions {
  knownHub: () => KnownHub
  clock: Clock
  random: () => number
  log: Log
  token: () => string | undefined
  /** A field of `info` changed. */
  onChange: () => void
  onReached: (address: string, name: string) => void
  /** The hub has named its computers, or a higher term. */
  onContinuity: (changes: Pick<KnownHub, 'places' | 'term'>) => void
  /** The hub reports that the session of this token ended. */
  onSessionEnded: (token: string) => void
  /** Frames from the hub on the shell's own connection. */
  onMessage: (message: FromHub) => void
  /** The chats of the logged-in user, with the hub's current counts. */
  onChats: (myId: string, chats: ChatSummary[]) => void
  /** The threads that the user follows. */
  onThreads: (myId: string, threads: Thread[]) => void
}

const backOffMs = { initial: 500, max: 30_000 }
/** After a move all clients of a hub come at once. */
const moveJitterMs = 300
/** A request of the page waits for the end of a move for this long. */
const moveWaitMs = 3_000
/** If nobody is logged in, the hub is probed only to show whether it is reachable. */
const signedOutRetryMs = 30_000

export class HubConnection {
  readonly #options: ConnectionOptions
  readonly #client: HubClient
  #backgroundSocket: BackgroundSocket | undefined
  #state: HubState = 'connecting'
  #presentedFingerprint: string | undefined
  #problem: string | undefined
  #unread = { unread: 0, mentions: 0 }
  #attempt = 0
  #failures = 0
  #retryTimer: Timer
  #isClosed = false
  /** A hub with a lower term than the known one answers there. */
  #staleAddress: string | undefined
  #insistsOnTerm = true
  /** The hub has named another computer; ends with the search for it. */
  #move: PromiseWithResolvers<void> | undefined
  #myId = ''

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#client = new HubClient(options.knownHub())
  }

  info(): Omit<HubInfo, 'isHosted'> {
    const { id, name, addresses, trust } = this.#options.knownHub()
    return {
      id,
      name,
      addresses: [...addresses],
      trust,
      state: this.#state,
      problem: this.#problem,
      presented: this.#presentedFingerprint,
      ...this.#unread,
    }
  }

  start(): void {
    void this.#connect()
  }

  /** The computer woke up, the network changed, or the user pressed "Try now". */
  wake(): void {
    if (this.#backgroundSocket?.isLive) return this.#backgroundSocket.probe()
    this.#failures = 0
    void this.#connect()
  }

  /** There is a token now, or a different one. */
  signedIn(): void {
    this.reconnect()
  }

  signedOut(): void {
    this.#backgroundSocket?.end()
    this.#backgroundSocket = undefined
    this.#unread = { unread: 0, mentions: 0 }
    if (this.#state === 'online') this.#setState('signed-out')
    this.#scheduleRetry(signedOutRetryMs)
  }

  reconnect(): void {
    this.#backgroundSocket?.end()
    this.#backgroundSocket = undefined
    void this.#connect()
  }

  close(): void {
    this.#isClosed = true
    this.#attempt += 1
    this.#options.clock.clearTimeout(this.#retryTimer)
    this.#backgroundSocket?.end()
    this.#client.close()
  }

  /**
   * Sends a request of the page. @throws ShellError if the hub is not reachable, or its identity does not allow
   * requests
   */
  async request(options: HubRequest): Promise<IncomingMessage> {
    this.#requireTrusted()
    if (this.#move) await this.#waitFor(this.#move.promise)
    try {
      const response = await this.#client.request(this.#currentAddress(), options)
      if (response.statusCode === 503 && !this.#backgroundSocket?.isLive) this.reconnect()
      return response
    } catch (error) {
      if (!this.#backgroundSocket?.isLive && this.#state !== 'offline') this.reconnect()
      throw error
    }
  }

  /** Opens a live socket for the page. @throws ShellError */
  openSocket(): WebSocket {
    this.#requireTrusted()
    const token = this.#options.token()
    if (token === undefined) throw new ShellError('not_found', 'You are not logged in to this hub.')
    return openHubSocket(this.#currentAddress(), this.#options.knownHub(), token)
  }

  #requireTrusted(): void {
    if (this.#state === 'changed' || this.#state === 'refused') {
      throw new ShellError('changed', this.#problem ?? 'The app does not send anything to this hub.')
    }
  }

  #currentAddress(): Address {
    const [address = ''] = this.#options.knownHub().addresses
    return parseAddress(address)
  }

  /** The page must not ask the old computer while the new one is being found. */
  async #waitFor(end: Promise<void>): Promise<void> {
    const { clock } = this.#options
    let timer: Timer
    const limit = new Promise<void>((resolve) => (timer = clock.setTimeout(resolve, moveWaitMs)))
    await Promise.race([end, limit])
    clock.clearTimeout(timer)
  }

  async #connect(): Promise<void> {
    if (this.#isClosed) return
    const attempt = ++this.#attempt
    const { clock } = this.#options
    clock.clearTimeout(this.#retryTimer)
    const found = await findHub(this.#client, this.#options.knownHub(), {
      clock,
      avoid: this.#insistsOnTerm ? this.#staleAddress : undefined,
    })
    if (attempt !== this.#attempt) return
    if ('worst' in found) {
      this.#endMove()
      return this.#handleFailure(attempt, found.worst)
    }
    if (found.address === this.#staleAddress) this.#insistsOnTerm = false
    this.#options.onReached(found.address, found.name)
    this.#endMove()
    this.#handleReached()
  }

  #endMove(): void {
    this.#move?.resolve()
    this.#move = undefined
  }

  #handleReached(): void {
    this.#presentedFingerprint = undefined
    this.#problem = undefined
    const token = this.#options.token()
    if (token === undefined) {
      this.#failures = 0
      this.#setState('signed-out')
      return this.#scheduleRetry(signedOutRetryMs)
    }
    if (this.#state !== 'online') this.#setState('connecting')
    this.#openBackgroundSocket(token)
  }

  #openBackgroundSocket(token: string): void {
    this.#backgroundSocket?.end()
    const { clock } = this.#options
    const socket: BackgroundSocket = new BackgroundSocket({
      socket: openHubSocket(this.#currentAddress(), this.#options.knownHub(), token),
      clock,
      onState: (state) => {
        this.#failures = 0
        this.#staleAddress = undefined
        this.#insistsOnTerm = true
        if (state.places) this.#options.onContinuity({ places: readPlaces(state.places) })
        this.#updateUnread(state.me.id, state.chats)
        this.#setState('online')
        this.#options.onMessage(state)
      },
      onChats: (chats) => this.#updateUnread(this.#myId, chats),
      onThreads: (threads) => this.#options.onThreads(this.#myId, threads),
      onMessage: (message) => {
        if (message.t === 'places') this.#options.onContinuity({ places: readPlaces(message.places) })
        this.#options.onMessage(message)
      },
      higherTerm: (term) => this.#compareTerm(term),
      onClose: ({ sessionEnded, after, error, moved }) => {
        if (socket !== this.#backgroundSocket) return
        this.#backgroundSocket = undefined
        this.#options.log.info('own connection closed', { error })
        if (sessionEnded) return this.#options.onSessionEnded(token)
        if (moved) return this.#follow(moved)
        this.#setState('offline')
        this.#scheduleRetry(Math.max(after, this.#nextRetryDelay()))
      },
    })
    this.#backgroundSocket = socket
  }

  /** Returns the known term if that of a `hello` is lower; otherwise remembers that one. */
  #compareTerm(record: unknown): { term: Term; insists: boolean } | undefined {
    const { known, keep } = compareHello(this.#options.knownHub(), record)
    if (keep) this.#options.onContinuity({ term: keep })
    if (known) [this.#staleAddress] = this.#options.knownHub().addresses
    return known && { term: known, insists: this.#insistsOnTerm }
  }

  /** Another computer is the hub: looks for it at once. */
  #follow({ term, places }: MovedTo): void {
    const known = this.#options.knownHub()
    const genuine = verifiedTerm(known, term)
    const isHigher = genuine !== undefined && isHigherTerm(genuine, known.term)
    this.#options.onContinuity({
      ...(places.length > 0 ? { places: [...places] } : {}),
      ...(isHigher ? { term: genuine } : {}),
    })
    this.#move ??= Promise.withResolvers()
    this.#setState('connecting')
    this.#scheduleRetry(this.#options.random() * moveJitterMs)
  }

  async #handleFailure(attempt: number, worstFailure: Failure | undefined): Promise<void> {
    // an older program ignores the record: look elsewhere once, then stay with what there is
    this.#insistsOnTerm = this.#staleAddress === undefined
    if (worstFailure?.problem === 'stranger') {
      const presented = await probeCertificate(worstFailure.address).catch(() => undefined)
      if (attempt !== this.#attempt) return
      this.#presentedFingerprint = presented?.fingerprint
      this.#problem = problemMessages.changed
      this.#setState('changed')
    } else if (worstFailure?.problem === 'clock') {
      this.#problem = problemMessages.clock
      this.#setState('refused')
    } else if (worstFailure?.problem === 'not-tls') {
      this.#problem = problemMessages.notTls
      this.#setState('refused')
    } else {
      this.#problem = undefined
      this.#setState('offline')
    }
    this.#scheduleRetry(this.#nextRetryDelay())
  }

  /** The first retry is immediate, then the delay doubles with full jitter. */
  #nextRetryDelay(): number {
    const maxDelayMs = Math.min(backOffMs.max, backOffMs.initial * 2 ** Math.min(this.#failures, 10))
    this.#failures += 1
    return this.#options.random() * maxDelayMs
  }

  #scheduleRetry(delayMs: number): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#retryTimer)
    this.#retryTimer = clock.setTimeout(() => void this.#connect(), delayMs)
  }

  #updateUnread(myId: string, chats: ChatSummary[]): void {
    this.#myId = myId
    this.#options.onChats(myId, chats)
    let unread = 0
    let mentions = 0
    for (const chat of chats) {
      const counts = unreadCountsOf(chat)
      unread += counts.unread
      mentions += counts.mentions
    }
    this.#unread = { unread, mentions }
    this.#options.onChange()
  }

  #setState(state: HubState): void {
    this.#state = state
    this.#options.onChange()
  }
}

export const clockErrorMessage =
  'The hub’s certificate is not valid at this time. Check the date and time on both computers.'

const problemMessages = {
  changed:
    'A different hub answers at this hub’s address, so nothing is sent to it. If the hub was set up again, ask its owner for a new invite.',
  clock: clockErrorMessage,
  notTls: 'A different service answers at this hub’s address. The app will try again.',
}
