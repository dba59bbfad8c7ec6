// One hub of the rail: its addresses, its identity, and the user logged in there. Each connection has its own agent,
// sockets and back-off, so that a problem of one hub never affects another.
//
// - An attempt tries the addresses in order, the one that worked last first. Requests go only to a hub that has proven
// its identity.
// - `#attempt` counts the attempts: results of an earlier one are ignored.
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import type { HubInfo, HubState } from '../../shared/desktop.ts'
import { unreadCountsOf } from '../../shared/unread-counts.ts'
import type { Clock, Log, Timer } from '../ports.ts'
import { parseAddress, type Address } from '../net/address.ts'
import { HubClient, type HubRequest } from '../net/hub-client.ts'
import { openHubSocket } from '../net/hub-socket.ts'
import { probeCertificate } from '../net/identity.ts'
import { fetchHubMeta } from '../net/hub-meta.ts'
import { BackgroundSocket } from '../net/background-socket.ts'
import { connectionErrorKind, type ConnectionErrorKind } from '../net/connection-error.ts'
import { ShellError } from '../shell-error.ts'
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
    try {
      return await this.#client.request(this.#currentAddress(), options)
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

  async #connect(): Promise<void> {
    if (this.#isClosed) return
    const attempt = ++this.#attempt
    this.#options.clock.clearTimeout(this.#retryTimer)
    const { id, addresses } = this.#options.knownHub()
    let worstFailure: { problem: ConnectionErrorKind; address: Address } | undefined
    for (const [index, text] of addresses.entries()) {
      try {
        const meta = await fetchHubMeta(this.#client, parseAddress(text))
        if (attempt !== this.#attempt) return
        if (meta.hubId !== id) throw Object.assign(new Error('another hub'), { code: 'CERT_REJECTED' })
        this.#options.onReached(text, meta.name)
        return this.#handleReached()
      } catch (error) {
        if (attempt !== this.#attempt) return
        // a stranger at the last working address is an impostor; at an unproven address it is simply another computer
        const errorKind = connectionErrorKind(error)
        const problem = index > 0 && errorKind !== 'clock' ? 'offline' : errorKind
        if (!worstFailure || worstFailure.problem === 'offline')
          worstFailure = { problem, address: parseAddress(text) }
      }
    }
    await this.#handleFailure(attempt, worstFailure)
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
        this.#updateUnread(state.me.id, state.chats)
        this.#setState('online')
        this.#options.onMessage(state)
      },
      onChats: (chats) => this.#updateUnread(this.#myId, chats),
      onThreads: (threads) => this.#options.onThreads(this.#myId, threads),
      onMessage: (message) => this.#options.onMessage(message),
      onClose: ({ sessionEnded, after, error }) => {
        if (socket !== this.#backgroundSocket) return
        this.#backgroundSocket = undefined
        this.#options.log.info('own connection closed', { error })
        if (sessionEnded) return this.#options.onSessionEnded(token)
        this.#setState('offline')
        this.#scheduleRetry(Math.max(after, this.#nextRetryDelay()))
      },
    })
    this.#backgroundSocket = socket
  }

  async #handleFailure(
    attempt: number,
    worstFailure: { problem: ConnectionErrorKind; address: Address } | undefined,
  ): Promise<void> {
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
