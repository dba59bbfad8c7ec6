import { EventEmitter } from 'node:events'
import { WebSocket } from 'ws'

type CdpParams = Record<string, unknown>

/** A minimal client of the Chrome DevTools Protocol. */
export class CdpClient {
  readonly #socket: WebSocket
  readonly #pendingCalls = new Map<
    number,
    { resolve: (result: CdpParams) => void; reject: (error: Error) => void }
  >()
  readonly #events = new EventEmitter().setMaxListeners(0)
  #nextId = 1

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#handleMessage(data.toString()))
    socket.on('close', () => {
      for (const { reject } of this.#pendingCalls.values()) reject(new Error('the browser is gone'))
      this.#pendingCalls.clear()
    })
  }

  static async connect(url: string): Promise<CdpClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 256 * 1024 * 1024 })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return new CdpClient(socket)
  }

  send<T = CdpParams>(method: string, params: CdpParams = {}, sessionId?: string): Promise<T> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pendingCalls.set(id, { resolve: resolve as (result: CdpParams) => void, reject })
      this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }))
    })
  }

  /** Listens to events of a session, or with '' of the browser. */
  on(sessionId: string, method: string, run: (params: never) => void): void {
    this.#events.on(`${sessionId} ${method}`, run as (params: unknown) => void)
  }

  #handleMessage(text: string): void {
    const {
      id,
      method,
      params,
      result,
      error,
      sessionId = '',
    } = JSON.parse(text) as {
      id?: number
      method?: string
      params?: CdpParams
      result?: CdpParams
      error?: { message: string }
      sessionId?: string
    }
    if (id === undefined) return void this.#events.emit(`${sessionId} ${method}`, params)
    const waiting = this.#pendingCalls.get(id)
    this.#pendingCalls.delete(id)
    if (error) waiting?.reject(new Error(error.message))
    else waiting?.resolve(result ?? {})
  }
}
