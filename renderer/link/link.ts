// The live socket to a hub, and everything that keeps it alive.
//
// - One attempt at a time. `#attempt` counts them, so what an earlier one still does is ignored.
// - Before each attempt `credentials` is asked: a browser cannot see why an upgrade was refused, so the question
//   whether the session still holds is put over HTTP first.
// - Live means: `state` has arrived. Requests wait for it; those without an answer fail as `offline` when it drops.
// - What one turn sends leaves as one frame, split below the hub's limit.
import { closeCodes, liveTimings, protocol, type FromHub, type ToHub } from '../../shared/contract/live.ts'
import { batch, signal, type ReadonlySignal } from '../state/signal.ts'
import { errorOfWire, isRequestError, offlineError } from './request.ts'
import { framesOf, parseFrame } from './frames.ts'
import { Alarm } from './alarm.ts'
import type { SocketLike, Surroundings } from './surroundings.ts'

/**
 * `live`: everything shown is current. `connecting`: trying right now. `waiting`: the next try is at `nextTryAt`.
 * `stopped`: nobody is logged in.
 */
export type LinkState = 'connecting' | 'live' | 'waiting' | 'stopped'

export interface LinkOptions {
  address: string
  surroundings: Pick<Surroundings, 'openSocket' | 'clock' | 'random' | 'window'>
  /** Asked before each attempt. Throws RequestError: `unauthenticated` ends the link, anything else is tried again. */
  credentials: () => Promise<{ csrf?: string | undefined }>
  /** The epoch of what is kept here. */
  epoch: () => string | undefined
  /** Everything the hub says but answers; a frame's messages in one batch of signals. */
  receive: (message: FromHub) => void
  /** It is no longer live. */
  dropped: () => void
  /** The session is over. */
  ended: () => void
}

const connectWithin = 10_000
const tickEvery = 5_000
/** A timer that is this late slept: the socket may be dead without anybody having told us. */
const lateBy = 5_000
const probeWithin = 3_000
/** A link that was live for less has not proven that the next attempt deserves to be at once. */
const provenAfter = 5_000
const backOff = { first: 500, most: 30_000 }
/** Focus comes in bursts; an attempt that young is not started over. */
const youngFor = 1_000

interface Waiting {
  resolve: (output: unknown) => void
  reject: (error: Error) => void
}

export class Link {
  readonly #options: LinkOptions
  readonly #state = signal<LinkState>('stopped')
  readonly #nextTryAt = signal<number | undefined>(undefined)
  readonly state: ReadonlySignal<LinkState> = this.#state
  readonly nextTryAt: ReadonlySignal<number | undefined> = this.#nextTryAt
  readonly #asleep = signal(false)
  /** The hub has said that its computer goes to sleep, and is not back yet. */
  readonly asleep: ReadonlySignal<boolean> = this.#asleep

  #socket: SocketLike | undefined
  #attempt = 0
  #failures = 0
  #startedAt = 0
  #liveSince: number | undefined
  #notBefore = 0
  #lastHeard = 0
  #lastPing = 0
  #lastTick = 0
  readonly #retry: Alarm
  readonly #giveUp: Alarm
  readonly #nextTick: Alarm
  readonly #probing: Alarm
  #offWake: (() => void) | undefined

  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  #outgoing: string[] = []

  constructor(options: LinkOptions) {
    this.#options = options
    const { clock } = options.surroundings
    this.#retry = new Alarm(clock)
    this.#giveUp = new Alarm(clock)
    this.#nextTick = new Alarm(clock)
    this.#probing = new Alarm(clock)
  }

  get isLive(): boolean {
    return this.#state.peek() === 'live'
  }

  start(): void {
    if (this.#state.peek() !== 'stopped') return
    this.#failures = 0
    this.#offWake = this.#options.surroundings.window.onWake(() => this.#wake())
    this.#try()
  }

  stop(): void {
    if (this.#state.peek() === 'stopped') return
    this.#offWake?.()
    this.#drop()
    this.#retry.clear()
    batch(() => {
      this.#nextTryAt.value = undefined
      this.#state.value = 'stopped'
    })
  }

  /** Tries now, whatever the back-off says. */
  retryNow(): void {
    if (this.#state.peek() === 'waiting') this.#try()
    else if (this.isLive) this.#probe()
  }

  /** A hint: dropped when nobody listens. */
  send(message: ToHub): void {
    if (this.isLive) this.#put(message)
  }

  /** Only while live; the answer's envelope is all that is checked. */
  request(name: string, input: unknown): Promise<unknown> {
    if (!this.isLive) return Promise.reject(offlineError())
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#put({ t: 'req', id, name, input })
    })
  }

  #try(): void {
    this.#drop()
    this.#retry.clear()
    const attempt = this.#attempt
    this.#startedAt = this.#now()
    batch(() => {
      this.#nextTryAt.value = undefined
      this.#state.value = 'connecting'
    })
    this.#giveUp.set(connectWithin, () => this.#fail())
    void this.#connect(attempt)
  }

  async #connect(attempt: number): Promise<void> {
    let csrf: string | undefined
    try {
      csrf = (await this.#options.credentials()).csrf
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (isRequestError(error, 'unauthenticated')) {
        this.stop()
        this.#options.ended()
      } else {
        const seconds = isRequestError(error) ? error.retryAfter : undefined
        if (seconds !== undefined) this.#notBefore = this.#now() + seconds * 1000
        this.#fail()
        if (!isRequestError(error)) throw error
      }
      return
    }
    if (attempt !== this.#attempt) return
    const { address, surroundings } = this.#options
    const socket = surroundings.openSocket(address)
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#hear(data, csrf)
    socket.onclose = ({ code }) => this.#closed(code)
  }

  #hear(data: unknown, csrf: string | undefined): void {
    this.#lastHeard = this.#now()
    this.#probing.clear()
    const messages = parseFrame(data)
    if (!messages) return this.#fail()
    const attempt = this.#attempt
    const thrown: unknown[] = []
    batch(() => {
      for (const message of messages) {
        // A message may end all this: what comes after it is of a link that is no more.
        if (attempt !== this.#attempt || !this.#socket) return
        try {
          this.#take(message, csrf)
        } catch (error) {
          thrown.push(error)
        }
      }
    })
    // One message that fails must not cost those that came with it.
    if (thrown.length > 0) throw thrown[0]
  }

  #take(message: FromHub, csrf: string | undefined): void {
    switch (message.t) {
      case 'hello':
        this.#options.receive(message)
        return this.#resume(message, csrf)
      case 'state':
        this.#goLive()
        return this.#options.receive(message)
      case 'ok':
        this.#settle(message.id)?.resolve(message.output)
        return
      case 'err':
        this.#settle(message.id)?.reject(errorOfWire(message.error))
        return
      case 'bye':
        this.#notBefore = this.#now() + (message.after ?? 0)
        this.#asleep.value = message.code === 'asleep'
        return
      case 'pong':
        return
      default:
        if (this.isLive) this.#options.receive(message)
    }
  }

  #resume(hello: Extract<FromHub, { t: 'hello' }>, csrf: string | undefined): void {
    if (hello.protocol.min > protocol.max || hello.protocol.max < protocol.min) {
      this.#notBefore = this.#now() + backOff.most
      return this.#fail()
    }
    const epoch = this.#options.epoch()
    this.#put({
      t: 'resume',
      protocol: 1,
      ...(epoch === undefined ? {} : { epoch }),
      ...(csrf === undefined ? {} : { csrf }),
    })
  }

  #goLive(): void {
    this.#giveUp.clear()
    this.#liveSince = this.#lastTick = this.#lastPing = this.#now()
    this.#state.value = 'live'
    this.#asleep.value = false
    this.#nextTick.set(tickEvery, () => this.#tick())
  }

  #tick(): void {
    const now = this.#now()
    const late = now - this.#lastTick - tickEvery
    this.#lastTick = now
    this.#nextTick.set(tickEvery, () => this.#tick())
    if (late > lateBy) return this.#probe()
    if (now - this.#lastHeard >= liveTimings.connectionTimeoutMs) return this.#fail()
    if (now - this.#lastPing >= liveTimings.pingIntervalMs) this.#ping()
  }

  #ping(): void {
    this.#lastPing = this.#now()
    this.#put({ t: 'ping' })
  }

  /** Is anybody there? Any frame will do as an answer. */
  #probe(): void {
    if (this.#probing.isSet) return
    this.#ping()
    this.#probing.set(probeWithin, () => this.#fail())
  }

  #wake(): void {
    const now = this.#now()
    switch (this.#state.peek()) {
      case 'live':
        if (now - this.#lastHeard > youngFor) this.#probe()
        break
      case 'waiting':
        if (now - this.#startedAt > youngFor && now >= this.#notBefore) this.#try()
        break
      case 'connecting':
        // An attempt begun without a network may hang until its time is up.
        if (now - this.#startedAt > probeWithin) this.#try()
        break
      case 'stopped':
    }
  }

  #closed(code: number): void {
    const now = this.#now()
    if (code === closeCodes.tooMany) this.#notBefore = Math.max(this.#notBefore, now + backOff.most)
    // A hub that restarts needs a moment; without a word from it, everybody at once would be the first thing it meets.
    if (code === closeCodes.restarting && this.#notBefore <= now) this.#failures = Math.max(1, this.#failures)
    this.#fail()
  }

  /** This attempt, or this link, is over: the next one is planned. */
  #fail(): void {
    const now = this.#now()
    if (this.#liveSince !== undefined && now - this.#liveSince >= provenAfter) this.#failures = 0
    this.#drop()
    const delay = Math.max(this.#backOff(), this.#notBefore - now)
    this.#failures += 1
    batch(() => {
      this.#nextTryAt.value = now + delay
      this.#state.value = 'waiting'
    })
    this.#retry.clear()
    this.#retry.set(delay, () => this.#try())
  }

  /** At once, then doubling with full jitter: a hundred windows that lost their hub must not come back in one second. */
  #backOff(): number {
    if (this.#failures === 0) return 0
    const most = Math.min(backOff.most, backOff.first * 2 ** Math.min(this.#failures - 1, 10))
    return this.#options.surroundings.random() * most
  }

  #drop(): void {
    this.#attempt += 1
    const wasLive = this.isLive
    const socket = this.#socket
    this.#socket = undefined
    this.#liveSince = undefined
    this.#outgoing = []
    this.#giveUp.clear()
    this.#nextTick.clear()
    this.#probing.clear()
    if (socket) {
      socket.onmessage = socket.onclose = null
      socket.close()
    }
    if (wasLive) this.#state.value = 'waiting'
    const unanswered = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of unanswered) reject(offlineError())
    if (wasLive) this.#options.dropped()
  }

  #settle(id: number | string): Waiting | undefined {
    const waiting = this.#waiting.get(Number(id))
    this.#waiting.delete(Number(id))
    return waiting
  }

  #put(message: ToHub): void {
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    this.#outgoing.push(JSON.stringify(message))
  }

  #flush(): void {
    const messages = this.#outgoing
    this.#outgoing = []
    for (const frame of framesOf(messages)) this.#socket?.send(frame)
  }

  #now(): number {
    return this.#options.surroundings.clock.now()
  }
}
