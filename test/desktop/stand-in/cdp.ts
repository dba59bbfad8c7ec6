import { EventEmitter } from 'node:events'
import { WebSocket } from 'ws'

type Params = Record<string, unknown>

/** Chromium's own protocol, as thin as it can be. */
export class Cdp {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve: (result: Params) => void; reject: (error: Error) => void }>()
  readonly #events = new EventEmitter().setMaxListeners(0)
  #nextId = 1

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#hear(data.toString()))
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser is gone'))
      this.#waiting.clear()
    })
  }

  static async connect(url: string): Promise<Cdp> {
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 256 * 1024 * 1024 })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return new Cdp(socket)
  }

  send<T = Params>(method: string, params: Params = {}, sessionId?: string): Promise<T> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: Params) => void, reject })
      this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }))
    })
  }

  /** Of a session, or with '' of the browser. */
  on(sessionId: string, method: string, run: (params: never) => void): void {
    this.#events.on(`${sessionId} ${method}`, run as (params: unknown) => void)
  }

  #hear(text: string): void {
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
      params?: Params
      result?: Params
      error?: { message: string }
      sessionId?: string
    }
    if (id === undefined) return void this.#events.emit(`${sessionId} ${method}`, params)
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(new Error(error.message))
    else waiting?.resolve(result ?? {})
  }
}
