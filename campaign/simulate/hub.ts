import { cpSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { type RunningHub, startHub } from '../../server/start.ts'
import { HubSocket, type HubSocketEvents } from './hub-socket.ts'
import type { VirtualTime } from './virtual-time.ts'

/*
 * The whole hub, without a port: requests and sockets are handed to its app. A crash takes the files as they are at that
 * moment, between two steps of the process: what was not committed is gone, as after kill -9.
 */

const host = 'team.test:7788'
export const origin = `http://${host}`
export const setupCode = 'test-code-1'

export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  bytes: Buffer
  body: string
  cookie: string | undefined
  location: string | undefined
}

export interface SimulatedHubOptions {
  time: VirtualTime
  /** The folder for its directories, one for each life of the hub. */
  dir: string
  /** Limits of requests are on. */
  isLimited: boolean
  onError: (error: unknown) => void
  /** Called with the files that a crash has left. */
  onCrash?: (dataDir: string) => void
}

export class SimulatedHub {
  readonly #options: SimulatedHubOptions
  #crashed: RunningHub | undefined
  #running: RunningHub | undefined
  #lives = 0
  #reader: Database.Database | undefined
  dataDir: string
  /** How far the clock of its computer was set, in ms. */
  clockOffsetMs = 0

  /** @param from a data directory to begin with */
  constructor(options: SimulatedHubOptions, from?: string) {
    this.#options = options
    this.dataDir = path.join(options.dir, 'life-0')
    if (from === undefined) mkdirSync(this.dataDir, { recursive: true })
    else cpSync(from, this.dataDir, { recursive: true })
  }

  get isUp(): boolean {
    return this.#running !== undefined
  }

  get running(): RunningHub {
    if (!this.#running) throw new Error('the hub is down')
    return this.#running
  }

  async start(): Promise<void> {
    const { time, isLimited, onError } = this.#options
    this.#running = await startHub({
      ...{
        dataDir: this.dataDir,
        host: '127.0.0.1',
        port: 7788,
        opensPort: false,
        publicUrl: new URL(origin),
      },
      ...{ allowPlainHttp: false, loadTest: !isLimited, logN: 4, setupCode, backups: [] },
      clock: () => time.now() + this.clockOffsetMs,
      steady: () => time.monotonic,
      onFatal: onError,
      log: pino({ level: 'error' }, { write: (line) => onError(new Error(`the hub logs ${line}`)) }),
    })
  }

  /** Everything that is not committed is lost. */
  crash(): void {
    const before = this.#running
    if (!before) return
    this.#running = undefined
    const from = this.dataDir
    this.#lives += 1
    this.dataDir = path.join(this.#options.dir, `life-${this.#lives}`)
    cpSync(from, this.dataDir, { recursive: true, filter: (file) => !/hub\.lock|-shm$/.test(file) })
    this.#options.onCrash?.(this.dataDir)
    // what the old process still does reaches neither the clients nor these files
    this.#crashed = before
  }

  /** Ends what a crash has left in this process. Call it once its sockets are cut. */
  async clearCrashed(): Promise<void> {
    const before = this.#crashed
    this.#crashed = undefined
    await before?.close().catch(() => undefined)
  }

  async stop(): Promise<void> {
    const before = this.#running
    this.#running = undefined
    await before?.close()
  }

  /** Ends everything and removes the files. */
  async end(): Promise<void> {
    this.#reader?.close()
    await this.stop()
    await this.clearCrashed()
    rmSync(this.#options.dir, { recursive: true, force: true })
  }

  async request(
    method: string,
    url: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: Readable | string | undefined } = {},
  ): Promise<HttpAnswer> {
    const answer = await this.running.app.inject({
      method: method as 'GET',
      url,
      headers: { host, origin, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    })
    const cookie = answer.headers['set-cookie']
    return {
      status: answer.statusCode,
      headers: textHeaders(answer.headers),
      bytes: answer.rawPayload,
      body: answer.body,
      cookie: typeof cookie === 'string' ? cookie.split(';')[0] : undefined,
      location: textHeaders(answer.headers)['location'],
    }
  }

  openSocket(cookie: string, events: HubSocketEvents): HubSocket {
    return new HubSocket(this.running.app.server, { host, origin, cookie }, events)
  }

  /** The rows as they are committed, once the history is over. */
  readRows<T>(read: (raw: Database.Database) => T): T {
    this.#reader ??= new Database(path.join(this.dataDir, 'hub.db'), { readonly: true })
    return read(this.#reader)
  }
}

function textHeaders(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}
