import { randomUUID } from 'node:crypto'
import type { ChatSummary } from '../shared/contract/chats.ts'
import { summaryDigest } from '../shared/text/summary-digest.ts'
import { LeanSocket } from './many-clients-socket.ts'
import { tokenOf } from './seed.ts'

/*
 * A client of a large hub, as docs/protocol.md describes it. It counts what arrives. One of the sample keeps the cursor of each
 * of its streams too, reads what it lacks, and notes each entry that did not follow the one before.
 */

/** What all clients of this process have got. */
export interface Counters {
  bytes: number
  entries: number
  presence: number
  states: number
  stateBytes: number
  behind: number
  /** By the sample: entries that came twice, and those that had to be read because one before was missing. */
  doubled: number
  skipped: number
  pulled: number
  /** Connections that ended, and attempts that failed. */
  closes: number
  failures: number
}

export interface World {
  readonly counters: Counters
  /** Of the processes that take connections. */
  ports: number[]
  onResumed: (client: ManyClient) => void
  onAck: (ms: number) => void
  onError: (error: unknown) => void
}

interface Unanswered {
  at: number
  chatId: string
  cid: string
}

interface HubMessage {
  t: string
  id?: number
  stream?: string
  seq?: number
  epoch?: string
  after?: number
  code?: string
  chats?: ChatSummary[]
  heads?: Record<string, number>
  output?: { entries?: HubMessage[]; head?: number }
  error?: { code: string }
}

const marks = {
  entry: Buffer.from('"t":"entry"'),
  presence: Buffer.from('"t":"presence"'),
  hello: Buffer.from('[{"t":"hello"'),
  state: Buffer.from('{"t":"state"'),
  bye: Buffer.from('{"t":"bye"'),
  behind: Buffer.from('{"t":"behind"'),
}
/** The first attempt comes within this time, the later ones within twice the time of the one before. */
const firstDelayMs = 1_000
const maxDelayMs = 30_000
const wants = '"wants":["interest","users"]'

export class ManyClient {
  readonly n: number
  readonly #world: World
  #socket: LeanSocket | undefined
  #failures = 0
  #byeMs: number | undefined
  isLive = false
  isStopped = false
  /** When its connection ended, or it began to connect. */
  awaySince = 0
  /** What it has, as `resume` says it. */
  #kept: string | undefined
  /** By the stream, in a client of the sample. */
  readonly cursors: Map<string, number> | undefined
  readonly #known = new Map<string, number>()
  #reading: Set<string> | undefined
  #nextId = 1
  readonly #unanswered = new Map<number, Unanswered | string>()

  constructor(n: number, world: World, isOfSample: boolean) {
    this.n = n
    this.#world = world
    this.cursors = isOfSample ? new Map() : undefined
  }

  connect(): void {
    if (this.isStopped) return
    if (this.awaySince === 0) this.awaySince = performance.now()
    const { ports } = this.#world
    // the next attempt goes to another process
    const port = ports[(this.n + this.#failures) % ports.length] ?? 0
    const address = `10.${this.n >> 16}.${(this.n >> 8) & 255}.${this.n & 255}`
    this.#socket = new LeanSocket(
      { port, token: tokenOf(this.n), address },
      { onText: (payload) => this.#receive(payload), onClose: () => this.#onClose() },
    )
  }

  /** Resolves by `world.onAck`; a message without an answer is sent again after a reconnect, with the same key. */
  sendMessage(chatId: string): void {
    this.#send({ at: performance.now(), chatId, cid: randomUUID() })
  }

  setPresence(state: 'active' | 'idle'): void {
    if (this.isLive) this.#socket?.send(`[{"t":"presence","state":"${state}"}]`)
  }

  get unansweredCount(): number {
    return this.#unanswered.size
  }

  stop(): void {
    this.isStopped = true
    this.#socket?.destroy()
  }

  #send(message: Unanswered): void {
    const id = this.#nextId++
    this.#unanswered.set(id, message)
    if (!this.isLive) return
    const { chatId, cid } = message
    const text = `A message of a hundred characters or so, as a user writes it in a chat of a company, number ${id}`
    this.#request(id, 'messages.send', { chatId, cid, text })
  }

  #request(id: number, name: string, input: object): void {
    this.#socket?.send(JSON.stringify([{ t: 'req', id, name, input }]))
  }

  #onClose(): void {
    const { counters } = this.#world
    if (this.isStopped) return
    if (this.isLive) {
      counters.closes += 1
      this.awaySince = performance.now()
    } else counters.failures += 1
    const limit = Math.min(maxDelayMs, firstDelayMs * 2 ** this.#failures)
    const delay = this.#byeMs ?? Math.random() * limit
    if (!this.isLive) this.#failures += 1
    this.#byeMs = undefined
    this.isLive = false
    setTimeout(() => this.connect(), delay)
  }

  #receive(payload: Buffer): void {
    const { counters } = this.#world
    counters.bytes += payload.length
    if (!this.isLive) return this.#receiveState(payload)
    counters.entries += count(payload, marks.entry)
    counters.presence += count(payload, marks.presence)
    const isBehind = payload.includes(marks.behind)
    if (isBehind) counters.behind += 1
    const isPlain = this.#unanswered.size === 0 && !this.cursors && !payload.includes(marks.bye)
    if (!isPlain) for (const message of parse(payload)) this.#handle(message)
  }

  #receiveState(payload: Buffer): void {
    if (payload.subarray(0, marks.hello.length).equals(marks.hello)) {
      this.#socket?.send(`[{"t":"resume","protocol":1,${wants}${this.#kept ?? ''}}]`)
      if (!payload.includes(marks.state)) return
    }
    for (const message of parse(payload)) this.#handle(message, payload.length)
  }

  #handle(message: HubMessage, bytes = 0): void {
    switch (message.t) {
      case 'state':
        return this.#onState(message, bytes)
      case 'bye':
        this.#byeMs = message.after
        return
      case 'behind':
        return this.#noteHeads(message.heads ?? {})
      case 'entry':
        return this.#take(message)
      case 'ok':
      case 'err':
        return this.#onAnswer(message)
    }
  }

  #onState({ epoch = '', chats = [], heads = {} }: HubMessage, bytes: number): void {
    const { counters } = this.#world
    counters.states += 1
    counters.stateBytes += bytes
    if (this.#kept === undefined) {
      const digests = Object.fromEntries(chats.map((chat) => [chat.id, summaryDigest(chat)]))
      const have = { hub: heads['hub'] ?? 0, chats: digests }
      this.#kept = `,${JSON.stringify({ epoch, have }).slice(1, -1)}`
    }
    this.#failures = 0
    this.isLive = true
    const again = [...this.#unanswered.values()].filter((one) => typeof one !== 'string')
    this.#unanswered.clear()
    this.#reading?.clear()
    this.#noteHeads({ ...heads, ...Object.fromEntries(chats.map(({ id, head }) => [`chat:${id}`, head])) })
    for (const one of again) this.#send(one)
    this.#world.onResumed(this)
    this.awaySince = 0
  }

  #onAnswer(message: HubMessage): void {
    const id = message.id ?? 0
    const asked = this.#unanswered.get(id)
    this.#unanswered.delete(id)
    if (asked === undefined) return
    if (message.t === 'err') {
      this.#world.onError(message.error)
      if (typeof asked !== 'string') setTimeout(() => this.#send(asked), firstDelayMs)
      else this.#reading?.delete(asked)
      return
    }
    if (typeof asked !== 'string') this.#world.onAck(performance.now() - asked.at)
    else this.#onRead(asked, message)
  }

  // --- of the sample

  #take({ stream = '', seq = 0 }: HubMessage): void {
    const { cursors } = this
    if (!cursors) return
    const cursor = cursors.get(stream)
    const { counters } = this.#world
    if (cursor === undefined) counters.skipped += 1
    else if (seq === cursor + 1) cursors.set(stream, seq)
    else if (seq <= cursor) counters.doubled += 1
    else {
      // while it reads, later ones arrive
      if (!this.#reading?.has(stream)) counters.skipped += 1
      this.#know(stream, seq)
    }
  }

  #noteHeads(heads: Record<string, number>): void {
    if (!this.cursors) return
    for (const [stream, head] of Object.entries(heads)) {
      const cursor = this.cursors.get(stream)
      if (cursor === undefined) this.cursors.set(stream, head)
      else if (head > cursor) this.#know(stream, head)
    }
  }

  #know(stream: string, seq: number): void {
    this.#known.set(stream, Math.max(seq, this.#known.get(stream) ?? 0))
    this.#read(stream)
  }

  #read(stream: string): void {
    this.#reading ??= new Set()
    if (this.#reading.has(stream)) return
    this.#reading.add(stream)
    const id = this.#nextId++
    this.#unanswered.set(id, stream)
    this.#request(id, 'streams.read', { stream, after: this.cursors?.get(stream) ?? 0 })
  }

  #onRead(stream: string, { output }: HubMessage): void {
    this.#reading?.delete(stream)
    let cursor = this.cursors?.get(stream) ?? 0
    for (const { seq = 0 } of output?.entries ?? []) {
      if (seq !== cursor + 1) continue
      cursor = seq
      this.#world.counters.pulled += 1
    }
    this.cursors?.set(stream, cursor)
    if (cursor < (this.#known.get(stream) ?? 0)) this.#read(stream)
  }
}

const parse = (payload: Buffer): HubMessage[] => JSON.parse(payload.toString()) as HubMessage[]

function count(payload: Buffer, mark: Buffer): number {
  let found = 0
  for (let at = payload.indexOf(mark); at >= 0; at = payload.indexOf(mark, at + mark.length)) found += 1
  return found
}
