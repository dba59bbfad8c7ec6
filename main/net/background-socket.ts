// The shell's own connection to a hub. It keeps the unread counts while no page is open, and reports new messages for
// notifications. A user who is connected only by this socket is idle.
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import { closeCodes, liveTimings, protocol, type FromHub, type ToHub } from '../../shared/contract/live.ts'
import { type Place, readPlaces } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import type { Clock, Timer } from '../ports.ts'
import { frameText } from './hub-socket.ts'

export interface BackgroundSocketOptions {
  socket: WebSocket
  clock: Clock
  /** The socket is live; `chats` are all chats of the user. */
  onState: (state: Extract<FromHub, { t: 'state' }>) => void
  /** Frames from the hub after `state`. */
  onMessage: (message: FromHub) => void
  /** Recounted by the hub. */
  onChats: (chats: ChatSummary[]) => void
  /** The followed threads, recounted. */
  onThreads: (threads: Thread[]) => void
  /**
   * Returns the known term if it is higher than that of this `hello`. `insists`: a hub that goes on all the same is not
   * the hub.
   */
  higherTerm: (term: unknown) => { term: Term; insists: boolean } | undefined
  /** Called once, for any reason. `after`: the hub asked to wait that long. `moved`: another computer is the hub. */
  onClose: (end: {
    sessionEnded: boolean
    error?: unknown
    after: number
    moved: MovedTo | undefined
  }) => void
}

export interface MovedTo {
  /** To be verified. */
  term: unknown
  places: readonly Place[]
}

/** Entries that arrive in a burst cause one recount. */
const recountDelayMs = 500
const probeTimeoutMs = 3_000
/** How long a hub may take to verify a higher term. */
const stepDownTimeoutMs = 2_000

export class BackgroundSocket {
  readonly #options: BackgroundSocketOptions
  #error: unknown
  #status = 0
  #retryAfterMs = 0
  #moved: MovedTo | undefined
  #insists = false
  #isLive = false
  #isClosed = false
  #lastReceivedAt: number
  #pingTimer: Timer
  #recountTimer: Timer
  #isProbing = false
  #shouldRecountThreads = false
  readonly #pendingRequests = new Map<number | string, 'chats.list' | 'threads.list'>()
  #nextId = 1

  constructor(options: BackgroundSocketOptions) {
    this.#options = options
    this.#lastReceivedAt = options.clock.now()
    const { socket } = options
    socket.on('message', (data) => this.#receive(frameText(data)))
    socket.on('error', (error) => (this.#error = error))
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      this.#status = response.statusCode ?? 0
      response.resume()
      socket.terminate()
      this.#handleClose(0)
    })
    socket.on('close', (code) => this.#handleClose(code))
    this.#schedulePing(liveTimings.pingIntervalMs)
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** Checks that the hub still responds. After sleep a socket may be dead without an event. */
  probe(): void {
    const { clock } = this.#options
    // a probe that restarts again and again would never find it dead
    if (this.#isProbing) return
    this.#isProbing = true
    const since = clock.now()
    this.#send({ t: 'ping' })
    clock.clearTimeout(this.#pingTimer)
    this.#pingTimer = clock.setTimeout(() => {
      this.#isProbing = false
      if (this.#lastReceivedAt < since) return this.close()
      this.#schedulePing(liveTimings.pingIntervalMs)
    }, probeTimeoutMs)
  }

  /** Ends the socket as if the hub were gone. */
  close(): void {
    this.#options.socket.terminate()
    this.#handleClose(0)
  }

  /** Ends the socket for good, without calling `onClose`. */
  end(): void {
    this.#isClosed = true
    this.#stopTimers()
    this.#options.socket.close()
  }

  #receive(text: string): void {
    if (this.#isClosed) return
    this.#lastReceivedAt = this.#options.clock.now()
    for (const message of parseMessages(text)) this.#handleMessage(message)
  }

  #handleMessage(message: FromHub): void {
    switch (message.t) {
      case 'hello':
        if (message.protocol.min > protocol.max || message.protocol.max < protocol.min) return this.close()
        return this.#resume(message)
      case 'state':
        // an older program, which knows no terms
        if (this.#insists) return this.close()
        this.#isLive = true
        this.#options.onState(message)
        return this.#request('threads.list', { limit: 100 })
      case 'ok':
        return this.#handleResponse(message.id, message.output)
      case 'err':
        this.#pendingRequests.delete(message.id)
        return
      case 'bye':
        this.#retryAfterMs = message.after ?? 0
        if (message.code === 'moved') this.#moved = { term: message.term, places: readPlaces(message.places) }
        return
      case 'entry':
      case 'read':
      case 'threadRead':
      case 'behind':
        this.#shouldRecountThreads ||= affectsThreads(message)
        this.#scheduleRecount()
        return this.#options.onMessage(message)
      default:
        this.#options.onMessage(message)
    }
  }

  #resume(hello: Extract<FromHub, { t: 'hello' }>): void {
    const higher = this.#options.higherTerm(hello.term)
    this.#send({ t: 'resume', protocol: protocol.max, ...(higher ? { term: higher.term } : {}) })
    this.#insists = higher?.insists ?? false
    if (!this.#insists) return this.#send({ t: 'presence', state: 'idle' })
    const { clock } = this.#options
    clock.clearTimeout(this.#pingTimer)
    this.#pingTimer = clock.setTimeout(() => this.close(), stepDownTimeoutMs)
  }

  #scheduleRecount(): void {
    this.#recountTimer ??= this.#options.clock.setTimeout(() => {
      this.#recountTimer = undefined
      // chats first: a thread is shown with the name of its chat
      this.#request('chats.list', {})
      if (this.#shouldRecountThreads) this.#request('threads.list', { limit: 100 })
      this.#shouldRecountThreads = false
    }, recountDelayMs)
  }

  #request(name: 'chats.list' | 'threads.list', input: object): void {
    const id = this.#nextId++
    this.#pendingRequests.set(id, name)
    this.#send({ t: 'req', id, name, input })
  }

  #handleResponse(id: number | string, output: unknown): void {
    const requestName = this.#pendingRequests.get(id)
    this.#pendingRequests.delete(id)
    const { chats, threads } = output as { chats?: ChatSummary[]; threads?: Thread[] }
    if (requestName === 'chats.list' && chats) this.#options.onChats(chats)
    if (requestName === 'threads.list' && threads) this.#options.onThreads(threads)
  }

  #schedulePing(delayMs: number): void {
    const { clock } = this.#options
    this.#pingTimer = clock.setTimeout(() => {
      if (clock.now() - this.#lastReceivedAt >= liveTimings.connectionTimeoutMs) return this.close()
      this.#send({ t: 'ping' })
      this.#schedulePing(liveTimings.pingIntervalMs)
    }, delayMs)
  }

  #send(message: ToHub): void {
    const { socket } = this.#options
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify([message]))
  }

  #handleClose(code: number): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isLive = false
    this.#stopTimers()
    this.#options.onClose({
      sessionEnded: this.#status === 401 || code === closeCodes.sessionEnded,
      error: this.#error,
      after: code === closeCodes.tooMany ? 30_000 : this.#retryAfterMs,
      moved: this.#moved,
    })
  }

  #stopTimers(): void {
    this.#options.clock.clearTimeout(this.#pingTimer)
    this.#options.clock.clearTimeout(this.#recountTimer)
  }
}

/** Returns true if the frame may change the followed threads or their counts. */
function affectsThreads(message: FromHub): boolean {
  if (message.t !== 'entry') return message.t !== 'read'
  return message.type.startsWith('thread.')
}

function parseMessages(text: string): FromHub[] {
  try {
    const messages: unknown = JSON.parse(text)
    return Array.isArray(messages) ? (messages as FromHub[]) : []
  } catch {
    return []
  }
}
