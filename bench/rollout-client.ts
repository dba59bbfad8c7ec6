import { Agent } from 'node:https'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { FromHub } from '../shared/contract/live.ts'

/*
 * A client that goes on as those of users do: it connects again after a `bye` or a lost connection, reads what it lacks, and
 * sends what was not acknowledged again with the same `cid`.
 */

export interface Way {
  url: string
  host: string
  ca: string
}

const retryMs = 500

export class RolloutClient {
  readonly #way: Way
  readonly #token: string
  readonly #chat: string
  #socket: WebSocket | undefined
  #isEnding = false
  #lostAt: number | undefined
  /** The head of the chat at the first state: what comes after it has to arrive. */
  from = 0
  /** The seqs of the chat that came, with those read after a reconnect. */
  readonly seqs = new Map<number, number>()
  #reached = 0
  readonly acked: string[] = []
  readonly #pending = new Map<string, string>()
  /** From the loss of each connection to the state of the next, in ms. */
  readonly absences: number[] = []
  refusals = 0
  errors: string[] = []
  #nextId = 1
  readonly #reads = new Map<number, (entries: { seq: number }[]) => void>()
  #ready = Promise.withResolvers<void>()

  constructor(way: Way, token: string, chat: string) {
    this.#way = way
    this.#token = token
    this.#chat = chat
  }

  /** Resolves with the first state. */
  open(): Promise<void> {
    this.#connect()
    return this.#ready.promise
  }

  get isThere(): boolean {
    return this.#lostAt === undefined
  }

  get pendingCount(): number {
    return this.#pending.size
  }

  send(text: string): void {
    const cid = randomUUID()
    this.#pending.set(cid, text)
    this.#sendPending(cid, text)
  }

  close(): void {
    this.#isEnding = true
    this.#socket?.close()
  }

  #connect(): void {
    const { url, host, ca } = this.#way
    const socket = new WebSocket(`${url.replace('https', 'wss')}/live`, {
      headers: { host, authorization: `Bearer ${this.#token}` },
      agent: new Agent({ ca: [ca], servername: host.replace(/:\d+$/, '') }),
    })
    this.#socket = socket
    let after = retryMs
    socket.on('open', () => socket.send(JSON.stringify([{ t: 'resume', protocol: 1 }])))
    socket.on('message', (data) => {
      for (const message of JSON.parse((data as Buffer).toString()) as FromHub[]) {
        if (message.t === 'bye') {
          after = message.after ?? retryMs
          this.#lostAt ??= performance.now()
        }
        this.#receive(message)
      }
    })
    socket.on('unexpected-response', (_request, response) => {
      this.refusals += 1
      this.errors.push(`the upgrade got ${response.statusCode}`)
      socket.terminate()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#lostAt ??= performance.now()
      this.#reads.clear()
      if (this.#isEnding) return
      void sleep(after).then(() => this.#connect())
    })
  }

  #receive(message: FromHub): void {
    const stream = `chat:${this.#chat}`
    switch (message.t) {
      case 'state': {
        const head = message.chats.find(({ id }) => id === this.#chat)?.head ?? 0
        if (this.#lostAt === undefined) {
          this.from = this.#reached = head
          this.#ready.resolve()
        } else {
          this.absences.push(performance.now() - this.#lostAt)
          this.#lostAt = undefined
          void this.#readUpTo(head)
        }
        for (const [cid, text] of this.#pending) this.#sendPending(cid, text)
        return
      }
      case 'behind':
        void this.#readUpTo(message.heads[stream] ?? 0)
        return
      case 'entry':
        if (message.stream === stream) this.#note(message.seq)
        return
      case 'ok': {
        const read = this.#reads.get(message.id as number)
        this.#reads.delete(message.id as number)
        if (read) return read((message.output as { entries: { seq: number }[] }).entries)
        if (this.#pending.delete(String(message.id))) this.acked.push(String(message.id))
        return
      }
      case 'err':
        this.errors.push(`${message.error.code}: ${message.error.message}`)
        return
      default:
        return
    }
  }

  #note(seq: number): void {
    this.seqs.set(seq, (this.seqs.get(seq) ?? 0) + 1)
    this.#reached = Math.max(this.#reached, seq)
  }

  /** What the client has missed: entries that come live meanwhile lie above. */
  async #readUpTo(head: number): Promise<void> {
    for (let after = this.#reached; after < head;) {
      const id = this.#nextId++
      const page = Promise.withResolvers<{ seq: number }[]>()
      this.#reads.set(id, page.resolve)
      this.#socket?.send(
        JSON.stringify([
          { t: 'req', id, name: 'streams.read', input: { stream: `chat:${this.#chat}`, after, limit: 100 } },
        ]),
      )
      const entries = (await page.promise).filter(({ seq }) => seq <= head)
      for (const { seq } of entries) if (!this.seqs.has(seq)) this.#note(seq)
      if (entries.length === 0) return
      after = entries.at(-1)?.seq ?? head
    }
  }

  #sendPending(cid: string, text: string): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#lostAt !== undefined) return
    const input = { chatId: this.#chat, cid, text }
    this.#socket.send(JSON.stringify([{ t: 'req', id: cid, name: 'messages.send', input }]))
  }
}
