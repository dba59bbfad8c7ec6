// The shell's own connection to a hub: it keeps the unread counts while no page is open, and tells what is new for
// notifications. Whoever is there only by this one is idle.
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import { closeCodes, liveTimes, protocol, type FromHub, type ToHub } from '../../shared/contract/live.ts'
import type { Clock, Timer } from '../ports.ts'
import { textOf } from './hub-socket.ts'

export interface OwnSocketOptions {
  socket: WebSocket
  clock: Clock
  /** It is live; `chats` are all of the person's. */
  state: (state: Extract<FromHub, { t: 'state' }>) => void
  /** What the hub says from then on. */
  heard: (message: FromHub) => void
  /** Counted anew by the hub. */
  chats: (chats: ChatSummary[]) => void
  /** Those the person follows, counted anew. */
  threads: (threads: Thread[]) => void
  /** Once, whatever the reason. `after`: the hub asked to wait that long. */
  closed: (end: { sessionEnded: boolean; error?: unknown; after: number }) => void
}

/** What came in a burst is counted once. */
const recountAfter = 500
const probeWithin = 3_000

export class OwnSocket {
  readonly #options: OwnSocketOptions
  #error: unknown
  #status = 0
  #after = 0
  #isLive = false
  #isClosed = false
  #lastHeard: number
  #pulse: Timer
  #recount: Timer
  #isProbing = false
  #threadsToo = false
  readonly #asked = new Map<number | string, 'chats.list' | 'threads.list'>()
  #nextId = 1

  constructor(options: OwnSocketOptions) {
    this.#options = options
    this.#lastHeard = options.clock.now()
    const { socket } = options
    socket.on('message', (data) => this.#hear(textOf(data)))
    socket.on('error', (error) => (this.#error = error))
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      this.#status = response.statusCode ?? 0
      response.resume()
      socket.terminate()
      this.#closed(0)
    })
    socket.on('close', (code) => this.#closed(code))
    this.#beat(liveTimes.pingEvery)
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** Is anybody there? After sleep a socket may be dead without a word. */
  probe(): void {
    const { clock } = this.#options
    // asked again and again it would never be found dead
    if (this.#isProbing) return
    this.#isProbing = true
    const since = clock.now()
    this.#say({ t: 'ping' })
    clock.clearTimeout(this.#pulse)
    this.#pulse = clock.setTimeout(() => {
      this.#isProbing = false
      if (this.#lastHeard < since) return this.close()
      this.#beat(liveTimes.pingEvery)
    }, probeWithin)
  }

  /** Ends it as if the hub were gone. */
  close(): void {
    this.#options.socket.terminate()
    this.#closed(0)
  }

  /** Ends it for good: nobody is told. */
  end(): void {
    this.#isClosed = true
    this.#stopTimers()
    this.#options.socket.close()
  }

  #hear(text: string): void {
    if (this.#isClosed) return
    this.#lastHeard = this.#options.clock.now()
    for (const message of messagesOf(text)) this.#take(message)
  }

  #take(message: FromHub): void {
    switch (message.t) {
      case 'hello':
        if (message.protocol.min > protocol.max || message.protocol.max < protocol.min) return this.close()
        this.#say({ t: 'resume', protocol: protocol.max })
        return this.#say({ t: 'presence', state: 'idle' })
      case 'state':
        this.#isLive = true
        this.#options.state(message)
        return this.#ask('threads.list', { limit: 100 })
      case 'ok':
        return this.#answered(message.id, message.output)
      case 'err':
        this.#asked.delete(message.id)
        return
      case 'bye':
        this.#after = message.after ?? 0
        return
      case 'entry':
      case 'read':
      case 'threadRead':
      case 'behind':
        this.#threadsToo ||= concernsThreads(message)
        this.#countSoon()
        return this.#options.heard(message)
      default:
        this.#options.heard(message)
    }
  }

  #countSoon(): void {
    this.#recount ??= this.#options.clock.setTimeout(() => {
      this.#recount = undefined
      // the chats first: a thread is told by the name of its chat
      this.#ask('chats.list', {})
      if (this.#threadsToo) this.#ask('threads.list', { limit: 100 })
      this.#threadsToo = false
    }, recountAfter)
  }

  #ask(name: 'chats.list' | 'threads.list', input: object): void {
    const id = this.#nextId++
    this.#asked.set(id, name)
    this.#say({ t: 'req', id, name, input })
  }

  #answered(id: number | string, output: unknown): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    const { chats, threads } = output as { chats?: ChatSummary[]; threads?: Thread[] }
    if (asked === 'chats.list' && chats) this.#options.chats(chats)
    if (asked === 'threads.list' && threads) this.#options.threads(threads)
  }

  #beat(after: number): void {
    const { clock } = this.#options
    this.#pulse = clock.setTimeout(() => {
      if (clock.now() - this.#lastHeard >= liveTimes.deadAfter) return this.close()
      this.#say({ t: 'ping' })
      this.#beat(liveTimes.pingEvery)
    }, after)
  }

  #say(message: ToHub): void {
    const { socket } = this.#options
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify([message]))
  }

  #closed(code: number): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isLive = false
    this.#stopTimers()
    this.#options.closed({
      sessionEnded: this.#status === 401 || code === closeCodes.sessionEnded,
      error: this.#error,
      after: code === closeCodes.tooMany ? 30_000 : this.#after,
    })
  }

  #stopTimers(): void {
    this.#options.clock.clearTimeout(this.#pulse)
    this.#options.clock.clearTimeout(this.#recount)
  }
}

/** A thread I follow may be another than before, or counted otherwise. */
function concernsThreads(message: FromHub): boolean {
  if (message.t !== 'entry') return message.t !== 'read'
  return message.type.startsWith('thread.')
}

function messagesOf(text: string): FromHub[] {
  try {
    const messages: unknown = JSON.parse(text)
    return Array.isArray(messages) ? (messages as FromHub[]) : []
  } catch {
    return []
  }
}
