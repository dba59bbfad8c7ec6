import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { FromHub, ToHub } from '../../shared/contract/live.ts'
import type { Input, Output, RequestName } from '../../shared/contract.ts'
import { RequestError } from './test-user.ts'
import { usesCluster } from './test-database.ts'

type StateFrame = Extract<FromHub, { t: 'state' }>
type EntryFrame = Extract<FromHub, { t: 'entry' }>

/** Far longer than what one process tells is on its way to another. */
const busMs = 150

/** A live socket as protocol.md describes it. Records every message it receives, in order. */
export class LiveClient {
  readonly received: FromHub[] = []
  /** The number of messages in each frame. */
  readonly frames: number[] = []
  state: StateFrame | undefined
  closed: { code: number; reason: string } | undefined
  readonly #socket: WebSocket
  #nextId = 1
  readonly #pendingRequests = new Map<
    number,
    { resolve: (output: unknown) => void; reject: (error: unknown) => void }
  >()
  #waiters: (() => void)[] = []

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#receive(data as Buffer))
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      for (const { reject } of this.#pendingRequests.values()) reject(new Error(`closed with ${code}`))
      this.#pendingRequests.clear()
      this.#notifyWaiters()
    })
    socket.on('error', () => {})
  }

  /** Opens without resuming. Rejects with the HTTP status if the upgrade is rejected. */
  static open(url: string, headers: Record<string, string>): Promise<LiveClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/live`, { headers })
    const client = new LiveClient(socket)
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client))
      socket.once('unexpected-response', (_request, response) => {
        reject(new Error(`refused with ${response.statusCode}`))
        socket.terminate()
      })
      socket.once('error', reject)
    })
  }

  static async connect(url: string, headers: Record<string, string>, csrf?: string): Promise<LiveClient> {
    const client = await LiveClient.open(url, headers)
    client.send({ t: 'resume', protocol: 1, ...(csrf === undefined ? {} : { csrf }) })
    client.state = (await client.next((message) => message.t === 'state')) as StateFrame
    return client
  }

  get socket(): WebSocket {
    return this.#socket
  }

  send(...messages: ToHub[]): void {
    this.#socket.send(JSON.stringify(messages))
  }

  sendRaw(data: string | Buffer): void {
    this.#socket.send(data)
  }

  request<N extends RequestName>(name: N, input: Input<N>): Promise<Output<N>> {
    return this.requestAny(name, input) as Promise<Output<N>>
  }

  requestAny(name: string, input: unknown): Promise<unknown> {
    if (this.closed) return Promise.reject(new Error(`closed with ${this.closed.code}`))
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pendingRequests.set(id, { resolve, reject })
      this.send({ t: 'req', id, name, input })
    })
  }

  /**
   * Returns the first matching message received at index `from` or later (default: any), and waits for it if needed.
   */
  async next(matches: (message: FromHub) => boolean, from = 0): Promise<FromHub> {
    let index = from
    for (;;) {
      while (index < this.received.length) {
        const message = this.received[index] as FromHub
        index += 1
        if (matches(message)) return message
      }
      if (this.closed) throw new Error(`closed with ${this.closed.code} before it was heard`)
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  async nextEntry(type: EntryFrame['type'], from = 0): Promise<EntryFrame> {
    return (await this.next((message) => message.t === 'entry' && message.type === type, from)) as EntryFrame
  }

  get entries(): EntryFrame[] {
    return this.received.filter((message) => message.t === 'entry')
  }

  /** Resolves once everything sent to this client so far has arrived, by waiting for a pong. */
  async settle(): Promise<void> {
    // from another process it arrives a moment later
    if (usesCluster()) await sleep(busMs)
    const from = this.received.length
    this.send({ t: 'ping' })
    await this.next((message) => message.t === 'pong', from)
  }

  async whenClosed(): Promise<{ code: number; reason: string }> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiters.push(resolve))
    return this.closed
  }

  async close(): Promise<void> {
    this.#socket.close()
    await this.whenClosed()
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #receive(data: Buffer): void {
    const messages = JSON.parse(data.toString()) as FromHub[]
    this.frames.push(messages.length)
    for (const message of messages) {
      this.received.push(message)
      if (message.t === 'ok') this.#removePendingRequest(message.id)?.resolve(message.output)
      if (message.t === 'err')
        this.#removePendingRequest(message.id)?.reject(new RequestError(0, message.error))
    }
    this.#notifyWaiters()
  }

  #removePendingRequest(id: number | string) {
    const response = this.#pendingRequests.get(id as number)
    this.#pendingRequests.delete(id as number)
    return response
  }

  #notifyWaiters(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }
}

/** The connection below a WebSocket. */
export function rawSocketOf(live: LiveClient): Socket {
  return (live.socket as unknown as { _socket: Socket })._socket
}
