import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { closeCodes, type FromHub } from '../../shared/contract/live.ts'
import type { Presence } from '../../shared/contract/values.ts'
import type { Viewer } from '../call.ts'
import { textFrame, textFrameOf } from './frame.ts'

/** Above this the hub stops pushing to a connection: what it misses it reads from the log. */
const pushUpTo = 256 * 1024
/** Below this pushing goes on. */
const pushAgainBelow = 64 * 1024
/** Above this the hub stops taking requests from it: its answers are what fills the buffer. */
const takeUpTo = 1024 * 1024
const unansweredUpTo = 64
const stuckAfter = 30_000
const closeWithin = 2_000

/**
 * Committed entries of one stream, serialised once for everybody. `framed` is made by the first connection that sends
 * nothing else in a turn, and shared by all that follow.
 */
export interface Segment {
  stream: string
  last: number
  /** JSON messages with commas between, no brackets. */
  text: string
  /** What stands behind `text`: made when it leaves, so that all who get the same in one turn share it. */
  tail?: () => Buffer
  framed?: Buffer
}

/**
 * One live socket. What a turn of the loop produced for it leaves as one frame. Answers are never dropped; entries and
 * hints are, when the reader is slow: it is told the heads later and reads the rest, so it costs no memory.
 */
export class Connection {
  readonly viewer: Viewer
  readonly address: string
  readonly origin: string
  readonly #socket: WebSocket
  /**
   * What the socket writes to. Whole frames go there directly, each in one write: `ws` would make two of it, which is
   * half of what a delivery costs. Without compression it never keeps a frame back, so the order is that of the calls.
   */
  readonly #wire: Writable
  readonly #onDirty: (connection: Connection) => void
  #outbox: Segment[] = []
  #held: Segment[] | undefined
  #unanswered = 0
  #lastBuffered = 0
  #lastProgress = 0
  #paused = false
  #goodbye: { code: number; reason: string; after: number | undefined } | undefined
  #closed = false
  /** Closed, or told to: nothing of it counts any more. */
  over = false
  resumed = false
  /** `resume` was accepted; the state is on its way. */
  resuming = false
  lastTyping = 0
  typingIn = ''
  behind = false
  state: Presence = 'active'
  /** Monotonic ms: a clock that is set does not drop people. */
  lastHeard: number
  /** Writes this socket sent that are not answered: a read waits for them. */
  readonly writes = new Set<Promise<unknown>>()

  constructor(
    socket: WebSocket,
    options: {
      wire: Writable
      viewer: Viewer
      address: string
      origin: string
      now: number
      onDirty: (connection: Connection) => void
    },
  ) {
    this.#socket = socket
    this.#wire = options.wire
    this.viewer = options.viewer
    this.address = options.address
    this.origin = options.origin
    this.lastHeard = options.now
    this.#onDirty = options.onDirty
  }

  /** Always leaves: answers, state, hello. */
  send(message: FromHub): void {
    this.sendJson(JSON.stringify(message))
  }

  /** The same for a message that is JSON already, or begins so. */
  sendJson(text: string, tail?: () => Buffer): void {
    this.#put({ stream: '', last: 0, text, ...(tail ? { tail } : {}) })
  }

  /** Leaves unless the reader is too slow for hints. */
  hint(segment: Segment): void {
    if (this.resumed && !this.behind && !this.#held) this.#put(segment)
  }

  /** Entries: held back while the state is read, dropped while behind. */
  push(segment: Segment): void {
    if (this.over || this.behind) return
    if (this.#held) this.#held.push(segment)
    else if (this.resumed) this.#put(segment)
  }

  /** From here on entries are held back until `release`. */
  hold(): void {
    this.#held = []
  }

  /** Lets go what was held above the heads that were sent. */
  release(headOf: (stream: string) => number): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.resumed = true
    for (const segment of held) if (segment.last > headOf(segment.stream)) this.#put(segment)
  }

  #put(segment: Segment): void {
    if (this.#closed) return
    if (this.#outbox.length === 0) this.#onDirty(this)
    this.#outbox.push(segment)
  }

  /** Sends what this turn produced as one frame. */
  flush(): void {
    this.#sendOutbox()
    if (!this.#goodbye || this.#closed) return
    const { code, reason, after } = this.#goodbye
    this.send({ t: 'bye', code: reason, ...(after === undefined ? {} : { after }) })
    this.#sendOutbox()
    this.#closed = true
    this.#socket.close(code, reason)
  }

  #sendOutbox(): void {
    const outbox = this.#outbox
    if (outbox.length === 0) return
    this.#outbox = []
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (!this.behind && this.#socket.bufferedAmount > pushUpTo) this.behind = true
    const leaving = this.behind ? outbox.filter((segment) => segment.stream === '') : outbox
    const [first] = leaving
    if (!first) return
    if (leaving.length === 1 && first.stream !== '') {
      first.framed ??= textFrame(`[${first.text}]`)
      this.#wire.write(first.framed)
    } else if (leaving.some(({ tail }) => tail)) {
      this.#wire.cork()
      for (const part of textFrameOf(leaving)) this.#wire.write(part)
      this.#wire.uncork()
    } else {
      this.#wire.write(textFrame(`[${leaving.map((segment) => segment.text).join(',')}]`))
    }
    this.#regulate()
  }

  /** A request was taken from the socket. */
  began(): void {
    this.#unanswered += 1
    this.#regulate()
  }

  answered(): void {
    this.#unanswered -= 1
    this.#regulate()
  }

  /** Takes requests only as fast as their answers leave. */
  #regulate(): void {
    const tooMuch = this.#socket.bufferedAmount > takeUpTo || this.#unanswered >= unansweredUpTo
    if (tooMuch && !this.#paused) {
      this.#paused = true
      this.#socket.pause()
    } else if (this.#paused && !tooMuch && this.#unanswered < unansweredUpTo / 2) {
      this.#paused = false
      this.#socket.resume()
    }
  }

  /**
   * Looks after a slow reader. Answers true when it has caught up and wants the heads.
   * @param now monotonic ms
   */
  checkDrain(now: number): boolean {
    const buffered = this.#socket.bufferedAmount
    if (buffered < this.#lastBuffered || buffered === 0 || this.#lastBuffered === 0) this.#lastProgress = now
    this.#lastBuffered = buffered
    this.#regulate()
    if (buffered > pushUpTo && now - this.#lastProgress > stuckAfter) {
      this.over = true
      this.#closed = true
      this.#socket.close(closeCodes.tooSlow, 'too_slow')
      // it does not read, so the closing frame waits behind the rest: not for ever
      setTimeout(() => this.#socket.terminate(), closeWithin).unref()
      return false
    }
    return this.behind && buffered < pushAgainBelow
  }

  get buffered(): number {
    return this.#socket.bufferedAmount
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  /** From now on nothing that comes in counts; at the end of the turn, after the answers that are due, it closes. */
  close(code: number, reason: string, after?: number): void {
    if (this.over) return
    this.over = true
    this.#goodbye = { code, reason, after }
    this.#onDirty(this)
  }

  terminate(): void {
    this.over = true
    this.#closed = true
    this.#socket.terminate()
  }
}
