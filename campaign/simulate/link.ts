import { Readable } from 'node:stream'
import type { FromHub } from '../../shared/contract/live.ts'
import type { Platform, SocketLike } from '../../renderer/connection/platform.ts'
import type { Random } from '../../test/simulation/random.ts'
import type { HubSocket } from './hub-socket.ts'
import { origin, type SimulatedHub } from './hub.ts'
import type { VirtualTime } from './virtual-time.ts'

/*
 * The network between one browser and the hub. What one side sends arrives later, in its order; a cut loses what is under
 * way, and both sides notice. A silent cable loses everything, and neither does.
 */

/** What a history has done to a network. */
export interface LinkState {
  isOffline: boolean
  maxDelayMs: number
  /** Of the entries, so many are lost on their way: a fault that TCP does not have. */
  lostShare: number
  /** Of the frames to and from the hub, so many come twice. */
  doubledShare: number
}

export interface LinkOptions {
  time: VirtualTime
  hub: SimulatedHub
  /** Of the browser, whose tabs share them. */
  state: LinkState
  session: { cookie: string }
  random: () => Random
  /** Watches what the hub has sent, and what arrives. */
  onSentByHub: (messages: FromHub[]) => void
  onArrived: (messages: FromHub[]) => void
  onRequest: (messages: { t: string; id?: unknown; name?: string; input?: unknown }[]) => void
  /** The hub has begun to take a file, and this is its id. */
  onUpload: (fileId: string, metadata: string) => void
}

interface Wire {
  page: SocketLike
  hub: HubSocket | undefined
  isSilent: boolean
  isOver: boolean
  /** The time at which the last frame of each direction arrives. */
  toPageAt: number
  toHubAt: number
}

const minDelayMs = 1
/** Of a body, so much arrives at once. */
const partBytes = 64 * 1024
/** Without a response, a request over HTTP fails when the system gives up. */
const hangMs = 120_000

export class Link {
  readonly state: LinkState
  readonly #options: LinkOptions
  readonly #wires = new Set<Wire>()
  readonly #fetches = new Set<(error: Error) => void>()
  #isDead = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.state = options.state
  }

  get isSilent(): boolean {
    return [...this.#wires].some((wire) => wire.isSilent)
  }

  /** Both sides notice. */
  cut(): void {
    for (const wire of [...this.#wires]) this.#break(wire)
    for (const fail of [...this.#fetches]) fail(new TypeError('the network is gone'))
  }

  /** What is sent from now on over the open sockets is lost, and neither side notices. */
  silence(): void {
    for (const wire of this.#wires) wire.isSilent = true
  }

  /** The page is gone. */
  kill(): void {
    this.#isDead = true
    for (const wire of [...this.#wires]) {
      wire.page.onmessage = wire.page.onclose = null
      this.#break(wire)
    }
    for (const fail of [...this.#fetches]) fail(new TypeError('the page is gone'))
  }

  readonly openSocket = (): SocketLike => {
    const { time } = this.#options
    const wire: Wire = {
      page: this.#pageEnd(() => wire),
      hub: undefined,
      isSilent: false,
      isOver: false,
      toPageAt: 0,
      toHubAt: 0,
    }
    this.#wires.add(wire)
    time.set(() => this.#connect(wire), this.#delayMs())
    return wire.page
  }

  readonly fetch: Platform['fetch'] = (input, init = {}) =>
    new Promise<Response>((resolve, reject) => {
      const { time } = this.#options
      let isOver = false
      let body: Readable | string | undefined
      const end = (run: () => void): void => {
        if (isOver) return
        isOver = true
        this.#fetches.delete(fail)
        if (body instanceof Readable && !body.readableEnded) body.destroy(connectionReset())
        time.clear(timer)
        if (!this.#isDead) run()
      }
      const fail = (error: Error): void => end(() => reject(error))
      this.#fetches.add(fail)
      const timer = time.set(() => fail(new TypeError('no response')), hangMs)
      init.signal?.addEventListener('abort', () => fail(new TypeError('aborted')))
      time.set(() => {
        if (isOver || this.#isDead) return
        if (this.state.isOffline || !this.#options.hub.isUp) return fail(new TypeError('no hub'))
        body = this.#bodyOf(init)
        void this.#ask(addressOf(input), init, body).then(
          (response) => time.set(() => end(() => resolve(response)), this.#delayMs()),
          () => fail(new TypeError('the hub is gone')),
        )
      }, this.#delayMs())
    })

  async #ask(url: string, init: RequestInit, body: Readable | string | undefined): Promise<Response> {
    const { hub, session, onUpload } = this.#options
    const { method = 'GET' } = init
    const given = (init.headers ?? {}) as Record<string, string>
    const headers = { ...given, ...lengthOf(init), cookie: session.cookie }
    const answer = await hub.request(method, url, { headers, body })
    if (answer.cookie !== undefined) session.cookie = answer.cookie
    const { status, location } = answer
    const metadata = given['upload-metadata']
    if (location !== undefined && metadata !== undefined) onUpload(location.split('/').at(-1) ?? '', metadata)
    const isEmpty = status === 204 || status === 304
    return new Response(isEmpty ? null : new Uint8Array(answer.bytes), { status, headers: answer.headers })
  }

  /** Bytes arrive part by part, until the network breaks. */
  #bodyOf({ body }: RequestInit): Readable | string | undefined {
    if (!(body instanceof Uint8Array)) return typeof body === 'string' ? body : undefined
    const stream = new Readable({ read: () => undefined })
    // the hub reads it as a request, whose errors it expects
    stream.on('error', () => undefined)
    let at = 0
    const next = (): void => {
      if (stream.destroyed) return
      if (at >= body.length) return void stream.push(null)
      stream.push(body.subarray(at, at + partBytes))
      at += partBytes
      this.#options.time.set(next, this.#delayMs())
    }
    next()
    return stream
  }

  #pageEnd(wire: () => Wire): SocketLike {
    return {
      ...{ onopen: null, onmessage: null, onclose: null, onerror: null },
      send: (text) => this.#toHub(wire(), text),
      close: () => {
        wire().page.onmessage = wire().page.onclose = null
        this.#break(wire())
      },
    }
  }

  #connect(wire: Wire): void {
    const { hub, session, time } = this.#options
    if (wire.isOver) return
    if (this.state.isOffline || !hub.isUp) return this.#break(wire)
    wire.hub = hub.openSocket(session.cookie, {
      onOpen: () => undefined,
      onText: (text) => this.#toPage(wire, text),
      onClose: (code) => {
        // after the frames before it
        wire.toPageAt = Math.max(wire.toPageAt, time.monotonic + this.#delayMs())
        if (!wire.isSilent) time.set(() => this.#break(wire, code), wire.toPageAt - time.monotonic)
      },
    })
  }

  #break(wire: Wire, code = 1006): void {
    if (wire.isOver) return
    wire.isOver = true
    this.#wires.delete(wire)
    wire.hub?.destroy()
    wire.page.onclose?.({ code })
  }

  #toPage(wire: Wire, text: string): void {
    const { time, random, onSentByHub, onArrived } = this.#options
    const messages = JSON.parse(text) as FromHub[]
    onSentByHub(messages)
    if (wire.isSilent) return
    wire.toPageAt = Math.max(wire.toPageAt, time.monotonic + this.#delayMs())
    const arriving = messages.filter(({ t }) => t !== 'entry' || !random().chance(this.state.lostShare))
    const times = messages.every(({ t }) => t === 'entry') && random().chance(this.state.doubledShare) ? 2 : 1
    if (arriving.length === 0) return
    time.set(() => {
      if (wire.isOver || wire.isSilent) return
      for (let i = 0; i < times; i += 1) {
        onArrived(arriving)
        wire.page.onmessage?.({ data: JSON.stringify(arriving) })
      }
    }, wire.toPageAt - time.monotonic)
  }

  #toHub(wire: Wire, text: string): void {
    const { time, random, onRequest } = this.#options
    if (wire.isOver) return
    onRequest(JSON.parse(text) as { t: string }[])
    if (wire.isSilent) return
    wire.toHubAt = Math.max(wire.toHubAt, time.monotonic + this.#delayMs())
    const times = text.includes('"name":"messages.send"') && random().chance(this.state.doubledShare) ? 2 : 1
    time.set(() => {
      if (wire.isOver || wire.isSilent) return
      for (let i = 0; i < times; i += 1) wire.hub?.send(text)
    }, wire.toHubAt - time.monotonic)
  }

  #delayMs(): number {
    return minDelayMs + this.#options.random().below(this.state.maxDelayMs)
  }
}

function addressOf(input: string | URL | Request): string {
  return (input instanceof Request ? input.url : String(input)).replace(origin, '')
}

function lengthOf({ body }: RequestInit): Record<string, string> {
  return body instanceof Uint8Array ? { 'content-length': String(body.length) } : {}
}

function connectionReset(): Error {
  return Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' })
}
