import { EventEmitter } from 'node:events'

type IpcHandler = (event: unknown, ...args: never[]) => unknown

const handlers = new Map<string, IpcHandler>()

class IpcMain extends EventEmitter {
  handle(channel: string, handler: IpcHandler): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  }

  removeHandler(channel: string): void {
    handlers.delete(channel)
  }
}

export const ipcMain = new IpcMain()

export async function invokeHandler(channel: string, event: unknown, args: unknown[]): Promise<unknown> {
  const handler = handlers.get(channel)
  if (!handler) throw new Error(`No handler registered for '${channel}'`)
  return handler(event, ...(args as never[]))
}

/** The end of a channel that main holds; the other end is in the page. */
export class MessagePortMain extends EventEmitter {
  readonly #runScript: (script: string) => void
  readonly #id: number
  #isStarted = false
  #isClosed = false
  #queued: unknown[] = []

  constructor(id: number, runScript: (script: string) => void) {
    super()
    this.#id = id
    this.#runScript = runScript
  }

  postMessage(message: unknown): void {
    if (!this.#isClosed) this.#runScript(`standIn.port(${this.#id}, ${JSON.stringify(message)})`)
  }

  start(): void {
    this.#isStarted = true
    for (const data of this.#queued.splice(0)) this.emit('message', { data, ports: [] })
  }

  close(): void {
    if (this.#isClosed) return
    this.#runScript(`standIn.closePort(${this.#id})`)
    this.markClosed()
  }

  deliver(data: unknown): void {
    if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#queued.push(data)
  }

  markClosed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.emit('close')
  }
}
