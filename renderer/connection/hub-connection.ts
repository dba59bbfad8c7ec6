// The live socket to a hub: connecting, back-off, and detection of a dead socket.
//
// - One attempt at a time. `#attempt` counts them, so that events of an earlier one are ignored.
// - `credentials` is called before each attempt: a browser cannot see why an upgrade was refused, so the session is
//   checked over HTTP first.
// - Live means that `state` has arrived. Requests wait for it. Those without a response fail as `offline` when the
//   socket closes.
// - Messages of one turn of the event loop leave as one frame, split below the hub's limit.
// - The user may set the clock. A step of it is like a sleep: the socket is checked, and no wait becomes longer.
// - The highest term is kept. A hub with a lower one gets it, and stops. One that goes on has refused it: it is forgotten.
import { type MoveTicket, readMoveTicket } from '../../shared/move-ticket.ts'
import { type Place, readPlaces } from '../../shared/places.ts'
import { isHigherTerm, parseTerm, type Term } from '../../shared/term.ts'
import { closeCodes, liveTimings, type FromHub, type Have, type ToHub } from '../../shared/contract/live.ts'
import { batch, signal, type ReadonlySignal } from '../signals/signal.ts'
import { type Answer, fromWireError, isRequestError, offlineError } from './request.ts'
import { packFrames } from './frames.ts'
import { readFrame } from './hub-messages.ts'
import { PendingRequests } from './pending-requests.ts'
import { readWaitMs, Timer } from './timer.ts'
import { type Outdated, outdatedOf } from './outdated.ts'
import type { SocketLike, Platform } from './platform.ts'

/**
 * `live`: everything shown is current. `connecting`: an attempt is running. `waiting`: the next attempt starts at
 * `nextAttemptAt`. `stopped`: nobody is logged in.
 */
export type ConnectionState = 'connecting' | 'live' | 'waiting' | 'stopped'

export interface HubConnectionOptions {
  address: string
  platform: Pick<Platform, 'openSocket' | 'clock' | 'random' | 'window'>
  /**
   * Called before each attempt. @throws RequestError `unauthenticated` ends the connection; after any other the next
   * attempt follows
   */
  credentials: () => Promise<{ csrf?: string | undefined }>
  /** The epoch of the cached data. */
  epoch: () => string | undefined
  /** What is held of that history. */
  have: (isLarge: boolean) => Have
  /** The highest term that the hub has shown. */
  term: { read: () => Term | undefined; write: (term: Term | undefined) => void }
  /** Every message of the hub but responses; the messages of a frame in one batch of signals. */
  onMessage: (message: FromHub) => void
  /** The connection is no longer live. */
  onDropped: () => void
  /** The hub ended the session. */
  onSessionEnded: () => void
}

const connectTimeoutMs = 10_000
const tickIntervalMs = 5_000
/** A timer that fires this late means that the computer slept: the socket may be dead without an event. */
const sleepThresholdMs = 5_000
const probeTimeoutMs = 3_000
/** A connection must have been live for this long before a failure is followed by an attempt at once. */
const stableAfterMs = 5_000
const reconnectDelaysMs = { initial: 500, max: 30_000 }
/** Focus events come in bursts: an attempt younger than this is not restarted. */
const freshConnectionMs = 1_000

/** After a move all clients of a hub come at once. */
const moveJitterMs = 300

export class HubConnection {
  readonly #options: HubConnectionOptions
  readonly #state = signal<ConnectionState>('stopped')
  readonly #nextAttemptAt = signal<number | undefined>(undefined)
  readonly state: ReadonlySignal<ConnectionState> = this.#state
  readonly nextAttemptAt: ReadonlySignal<number | undefined> = this.#nextAttemptAt
  readonly #asleep = signal(false)
  /** The hub has announced that its computer goes to sleep, and is not back yet. */
  readonly asleep: ReadonlySignal<boolean> = this.#asleep

  readonly #outdated = signal<Outdated | undefined>(undefined)
  /** Which side has to be updated before they understand each other. Undefined once they do. */
  readonly outdated: ReadonlySignal<Outdated | undefined> = this.#outdated

  readonly #movedTo = signal<readonly Place[] | undefined>(undefined)
  /** Another computer is the hub now, at one of these places. Undefined once a hub answers here. */
  readonly movedTo: ReadonlySignal<readonly Place[] | undefined> = this.#movedTo
  readonly #ticket = signal<MoveTicket | undefined>(undefined)
  /** Takes the session of this browser there. The newest one: each counts for ten minutes. */
  readonly ticket: ReadonlySignal<MoveTicket | undefined> = this.#ticket

  #socket: SocketLike | undefined
  #hasShownTerm = false
  /** The next attempt follows at once, since the hub is elsewhere and not gone. */
  #hasJustMoved = false
  #attempt = 0
  #failures = 0
  #startedAt = 0
  #liveSince: number | undefined
  #earliestAttemptAt = 0
  /** How far `#earliestAttemptAt` was away when it was set. */
  #postponedMs = 0
  #lastReceivedAt = 0
  #lastPingAt = 0
  #lastTickAt = 0
  readonly #retryTimer: Timer
  readonly #connectTimer: Timer
  readonly #tickTimer: Timer
  readonly #probeTimer: Timer
  #unsubscribeWake: (() => void) | undefined

  readonly #pendingRequests: PendingRequests
  #outgoing: string[] = []

  constructor(options: HubConnectionOptions) {
    this.#options = options
    const { clock } = options.platform
    this.#pendingRequests = new PendingRequests(clock)
    this.#retryTimer = new Timer(clock)
    this.#connectTimer = new Timer(clock)
    this.#tickTimer = new Timer(clock)
    this.#probeTimer = new Timer(clock)
  }

  /** Watched. */
  get isSlow(): boolean {
    return this.#pendingRequests.isSlow.value
  }

  get isLive(): boolean {
    return this.#state.peek() === 'live'
  }

  start(): void {
    if (this.#state.peek() !== 'stopped') return
    this.#failures = 0
    this.#unsubscribeWake = this.#options.platform.window.onWake(() => this.#onWake())
    this.#attemptConnection()
  }

  stop(): void {
    if (this.#state.peek() === 'stopped') return
    this.#unsubscribeWake?.()
    this.#dropSocket()
    this.#retryTimer.clear()
    batch(() => {
      this.#nextAttemptAt.value = undefined
      this.#state.value = 'stopped'
    })
  }

  /** Ends the back-off and tries now. */
  retryNow(): void {
    if (this.#state.peek() === 'waiting') this.#attemptConnection()
    else if (this.isLive) this.#probe()
  }

  /** Sends a hint, which is dropped while the connection is not live. */
  send(message: ToHub): void {
    if (this.isLive) this.#enqueue(message)
  }

  /** Only while live. Checks the envelope of the response, not its output. */
  request(name: string, input: unknown): Promise<Answer> {
    if (!this.isLive) return Promise.reject(offlineError())
    return this.#pendingRequests.add((id) => this.#enqueue({ t: 'req', id, name, input }))
  }

  #attemptConnection(): void {
    this.#dropSocket()
    this.#retryTimer.clear()
    const attempt = this.#attempt
    this.#startedAt = this.#now()
    batch(() => {
      this.#nextAttemptAt.value = undefined
      this.#state.value = 'connecting'
    })
    this.#connectTimer.set(connectTimeoutMs, () => this.#onAttemptFailed())
    void this.#connect(attempt)
  }

  async #connect(attempt: number): Promise<void> {
    let csrf: string | undefined
    try {
      csrf = (await this.#options.credentials()).csrf
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (isRequestError(error, 'unauthenticated')) {
        this.stop()
        this.#options.onSessionEnded()
      } else {
        const seconds = isRequestError(error) ? error.retryAfter : undefined
        if (seconds !== undefined) this.#postpone(seconds * 1000)
        if (isRequestError(error) && error.moved) this.#noteMove(error.moved, error.ticket)
        this.#onAttemptFailed()
        if (!isRequestError(error)) throw error
      }
      return
    }
    if (attempt !== this.#attempt) return
    const { address, platform } = this.#options
    const socket = platform.openSocket(address)
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#onFrame(data, csrf)
    socket.onclose = ({ code }) => this.#onClosed(code)
  }

  #onFrame(data: unknown, csrf: string | undefined): void {
    this.#lastReceivedAt = this.#now()
    this.#probeTimer.clear()
    const messages = readFrame(data)
    if (!messages) return this.#onAttemptFailed()
    const attempt = this.#attempt
    const thrown: unknown[] = []
    batch(() => {
      for (const message of messages) {
        // A message may end this connection; those after it belong to none.
        if (attempt !== this.#attempt || !this.#socket) return
        try {
          this.#onMessage(message, csrf)
        } catch (error) {
          thrown.push(error)
        }
      }
    })
    // One message that fails must not cost the others of its frame.
    if (thrown.length > 0) throw thrown[0]
  }

  #onMessage(message: FromHub, csrf: string | undefined): void {
    switch (message.t) {
      case 'hello':
        this.#options.onMessage(message)
        return this.#resume(message, csrf)
      case 'state':
        if (this.#hasShownTerm) this.#options.term.write(undefined)
        this.#goLive()
        return this.#options.onMessage(message)
      case 'ok':
        this.#pendingRequests.take(message.id)?.resolve({ output: message.output, held: message.held })
        return
      case 'err':
        this.#pendingRequests.take(message.id)?.reject(fromWireError(message.error))
        return
      case 'bye':
        this.#postpone(readWaitMs(message.after ?? 0) + (message.code === 'moving' ? this.#moveJitter() : 0))
        this.#asleep.value = message.code === 'asleep'
        if (message.code === 'moved') this.#onMoved(message)
        return
      case 'pong':
        return
      default:
        if (this.isLive) this.#options.onMessage(message)
    }
  }

  #onMoved({ term, places, ticket }: Extract<FromHub, { t: 'bye' }>): void {
    this.#hasJustMoved = true
    this.#noteMove(readPlaces(places), readMoveTicket(ticket))
    this.#keepTerm(term)
  }

  #noteMove(places: readonly Place[], ticket: MoveTicket | undefined): void {
    this.#movedTo.value = places
    if (ticket) this.#ticket.value = ticket
  }

  /** Returns a higher term than this one, if there is any; otherwise keeps this one. */
  #keepTerm(term: Term | undefined): Term | undefined {
    const { read, write } = this.#options.term
    const known = read()
    const shown = parseTerm(term)
    if (isHigherTerm(shown, known)) write(shown)
    return isHigherTerm(known, shown) ? known : undefined
  }

  #resume(hello: Extract<FromHub, { t: 'hello' }>, csrf: string | undefined): void {
    this.#outdated.value = outdatedOf(hello.protocol)
    if (this.#outdated.peek()) {
      this.#postpone(reconnectDelaysMs.max)
      return this.#onAttemptFailed()
    }
    const epoch = this.#options.epoch()
    const higher = this.#keepTerm(hello.term)
    this.#hasShownTerm = higher !== undefined
    const zone: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone
    this.#enqueue({
      t: 'resume',
      protocol: 1,
      ...(epoch === undefined ? {} : { epoch, have: this.#options.have(hello.large ?? false) }),
      ...(csrf === undefined ? {} : { csrf }),
      ...(zone === undefined ? {} : { zone }),
      ...(higher === undefined ? {} : { term: higher }),
      ...(hello.large ? { wants: ['interest', 'users'] } : {}),
    })
  }

  #goLive(): void {
    this.#connectTimer.clear()
    this.#liveSince = this.#lastTickAt = this.#lastPingAt = this.#now()
    this.#state.value = 'live'
    this.#asleep.value = false
    this.#movedTo.value = undefined
    this.#ticket.value = undefined
    this.#tickTimer.set(tickIntervalMs, () => this.#tick())
  }

  #tick(): void {
    const now = this.#now()
    const late = now - this.#lastTickAt - tickIntervalMs
    this.#lastTickAt = now
    this.#tickTimer.set(tickIntervalMs, () => this.#tick())
    if (late < -sleepThresholdMs) this.#lastReceivedAt = now
    if (Math.abs(late) > sleepThresholdMs) return this.#probe()
    // the computer of the hub may have another address now
    if (this.#pendingRequests.isSlow.peek() && now - this.#lastReceivedAt >= tickIntervalMs) this.#probe()
    if (now - this.#lastReceivedAt >= liveTimings.connectionTimeoutMs) return this.#onAttemptFailed()
    if (now - this.#lastPingAt >= liveTimings.pingIntervalMs) this.#ping()
  }

  #ping(): void {
    this.#lastPingAt = this.#now()
    this.#enqueue({ t: 'ping' })
  }

  /** Checks a socket that may be dead. Any frame counts as a response. */
  #probe(): void {
    if (this.#probeTimer.isSet) return
    this.#ping()
    this.#probeTimer.set(probeTimeoutMs, () => this.#onAttemptFailed())
  }

  #onWake(): void {
    const now = this.#now()
    switch (this.#state.peek()) {
      case 'live':
        if (now - this.#lastReceivedAt > freshConnectionMs) this.#probe()
        break
      case 'waiting':
        if (now - this.#startedAt > freshConnectionMs && this.#waitMs() <= 0) this.#attemptConnection()
        break
      case 'connecting':
        // An attempt that began without a network may hang until its time-out.
        if (now - this.#startedAt > probeTimeoutMs) this.#attemptConnection()
        break
      case 'stopped':
    }
  }

  #onClosed(code: number): void {
    const now = this.#now()
    if (code === closeCodes.tooMany && this.#waitMs() < reconnectDelaysMs.max)
      this.#postpone(reconnectDelaysMs.max)
    // A restarting hub needs a moment. Without `after`, all its users would connect at once.
    if (code === closeCodes.restarting && this.#earliestAttemptAt <= now && !this.#hasJustMoved)
      this.#failures = Math.max(1, this.#failures)
    this.#onAttemptFailed()
  }

  /** Ends this attempt or connection, and plans the next one. */
  #onAttemptFailed(): void {
    const now = this.#now()
    if (this.#liveSince !== undefined && now - this.#liveSince >= stableAfterMs) this.#failures = 0
    this.#dropSocket()
    const delay = Math.max(this.#nextDelayMs(), this.#waitMs())
    this.#hasJustMoved = false
    this.#failures += 1
    batch(() => {
      this.#nextAttemptAt.value = now + delay
      this.#state.value = 'waiting'
    })
    this.#retryTimer.clear()
    this.#retryTimer.set(delay, () => this.#attemptConnection())
  }

  /**
   * First at once, then doubling with full jitter: a hundred windows that lost their hub must not return in the same
   * second.
   */
  #nextDelayMs(): number {
    if (this.#hasJustMoved) return this.#moveJitter()
    if (this.#failures === 0) return 0
    const most = Math.min(
      reconnectDelaysMs.max,
      reconnectDelaysMs.initial * 2 ** Math.min(this.#failures - 1, 10),
    )
    return this.#options.platform.random() * most
  }

  /** No attempt is made before that. */
  #postpone(ms: number): void {
    this.#earliestAttemptAt = this.#now() + ms
    this.#postponedMs = ms
  }

  #waitMs(): number {
    return Math.min(this.#earliestAttemptAt - this.#now(), this.#postponedMs)
  }

  #moveJitter(): number {
    return this.#options.platform.random() * moveJitterMs
  }

  #dropSocket(): void {
    this.#attempt += 1
    const wasLive = this.isLive
    const socket = this.#socket
    this.#socket = undefined
    this.#liveSince = undefined
    this.#outgoing = []
    this.#connectTimer.clear()
    this.#tickTimer.clear()
    this.#probeTimer.clear()
    if (socket) {
      socket.onmessage = socket.onclose = null
      socket.close()
    }
    if (wasLive) this.#state.value = 'waiting'
    this.#pendingRequests.rejectAll()
    if (wasLive) this.#options.onDropped()
  }

  #enqueue(message: ToHub): void {
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    this.#outgoing.push(JSON.stringify(message))
  }

  #flush(): void {
    const messages = this.#outgoing
    this.#outgoing = []
    // the hub closes it: the requests fail when it has closed, and the browser would report each frame as an error
    if (this.#socket?.readyState === WebSocket.CLOSING) return
    for (const frame of packFrames(messages)) this.#socket?.send(frame)
  }

  #now(): number {
    return this.#options.platform.clock.now()
  }
}
