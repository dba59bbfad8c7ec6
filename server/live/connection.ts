import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { closeCodes, type FromHub } from '../../shared/contract/live.ts'
import type { Presence } from '../../shared/contract/values.ts'
import type { Viewer } from '../caller.ts'
import { textFrame, textFrameOf } from './frame.ts'

/** Above this the hub stops pushing to a connection: what it misses it reads from the log. */
const maxPushBufferBytes = 256 * 1024
/** Below this pushing goes on. */
const resumePushBelowBytes = 64 * 1024
/** Above this the hub stops taking requests from it: its answers are what fills the buffer. */
const maxRequestBufferBytes = 1024 * 1024
const maxUnansweredRequests = 64
const stuckTimeoutMs = 30_000
const closeTimeoutMs = 2_000

/**
 * Committed entries of one stream, serialised once for everybody. `framed` is made by the first connection that sends
 * nothing else in a turn, and shared by all that follow.
 */
export interface Segment {
  stream: string
  lastSeq: number
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
  readonly #rawSocket: Writable
  readonly #onDirty: (connection: Connection) => void
  #outbox: Segment[] = []
  #heldSegments: Segment[] | undefined
  #unansweredCount = 0
  #lastBuffered = 0
  #lastProgress = 0
  #paused = false
  #pendingClose: { code: number; reason: string; after: number | undefined } | undefined
  #closed = false
  /** Closed, or told to: nothing of it counts any more. */
  isClosing = false
  isResumed = false
  /** `resume` was accepted; the state is on its way. */
  isResuming = false
  lastTypingAt = 0
  typingChatId = ''
  isBehind = false
  state: Presence = 'active'
  /** Monotonic ms: a clock that is set does not drop people. */
  lastReceivedAt: number
  /** Writes this socket sent that are not answered: a read waits for them. */
  readonly pendingWrites = new Set<Promise<unknown>>()

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
    this.#rawSocket = options.wire
    this.viewer = options.viewer
    this.address = options.address
    this.origin = options.origin
    this.lastReceivedAt = options.now
    this.#onDirty = options.onDirty
  }

  /** Always leaves: answers, state, hello. */
  send(message: FromHub): void {
    this.sendJson(JSON.stringify(message))
  }

  /** The same for a message that is JSON already, or begins so. */
  sendJson(text: string, tail?: () => Buffer): void {
    this.#enqueue({ stream: '', lastSeq: 0, text, ...(tail ? { tail } : {}) })
  }

  /** Leaves unless the reader is too slow for hints. */
  sendHint(segment: Segment): void {
    if (this.isResumed && !this.isBehind && !this.#heldSegments) this.#enqueue(segment)
  }

  /** Entries: held back while the state is read, dropped while behind. */
  sendEntries(segment: Segment): void {
    if (this.isClosing || this.isBehind) return
    if (this.#heldSegments) this.#heldSegments.push(segment)
    else if (this.isResumed) this.#enqueue(segment)
  }

  /** From here on entries are held back until `release`. */
  holdEntries(): void {
    this.#heldSegments = []
  }

  /** Lets go what was held above the heads that were sent. */
  releaseEntries(headOf: (stream: string) => number): void {
    const held = this.#heldSegments ?? []
    this.#heldSegments = undefined
    this.isResumed = true
    for (const segment of held) if (segment.lastSeq > headOf(segment.stream)) this.#enqueue(segment)
  }

  #enqueue(segment: Segment): void {
    if (this.#closed) return
    if (this.#outbox.length === 0) this.#onDirty(this)
    this.#outbox.push(segment)
  }

  /** Sends what this turn produced as one frame. */
  flush(): void {
    this.#sendOutbox()
    if (!this.#pendingClose || this.#closed) return
    const { code, reason, after } = this.#pendingClose
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
    if (!this.isBehind && this.#socket.bufferedAmount > maxPushBufferBytes) this.isBehind = true
    const leaving = this.isBehind ? outbox.filter((segment) => segment.stream === '') : outbox
    const [first] = leaving
    if (!first) return
    if (leaving.length === 1 && first.stream !== '') {
      first.framed ??= textFrame(`[${first.text}]`)
      this.#rawSocket.write(first.framed)
    } else if (leaving.some(({ tail }) => tail)) {
      this.#rawSocket.cork()
      for (const part of textFrameOf(leaving)) this.#rawSocket.write(part)
      this.#rawSocket.uncork()
    } else {
      this.#rawSocket.write(textFrame(`[${leaving.map((segment) => segment.text).join(',')}]`))
    }
    this.#applyBackpressure()
  }

  /** A request was taken from the socket. */
  requestStarted(): void {
    this.#unansweredCount += 1
    this.#applyBackpressure()
  }

  requestFinished(): void {
    this.#unansweredCount -= 1
    this.#applyBackpressure()
  }

  /** Takes requests only as fast as their answers leave. */
  #applyBackpressure(): void {
    const tooMuch =
      this.#socket.bufferedAmount > maxRequestBufferBytes || this.#unansweredCount >= maxUnansweredRequests
    if (tooMuch && !this.#paused) {
      this.#paused = true
      this.#socket.pause()
    } else if (this.#paused && !tooMuch && this.#unansweredCount < maxUnansweredRequests / 2) {
      this.#paused = false
      this.#socket.resume()
    }
  }

  /**
   * Looks after a slow reader. Answers true when it has caught up and wants the heads.
   * @param now monotonic ms
   */
  checkProgress(now: number): boolean {
    const buffered = this.#socket.bufferedAmount
    if (buffered < this.#lastBuffered || buffered === 0 || this.#lastBuffered === 0) this.#lastProgress = now
    this.#lastBuffered = buffered
    this.#applyBackpressure()
    if (buffered > maxPushBufferBytes && now - this.#lastProgress > stuckTimeoutMs) {
      this.isClosing = true
      this.#closed = true
      this.#socket.close(closeCodes.tooSlow, 'too_slow')
      // it does not read, so the closing frame waits behind the rest: not for ever
      setTimeout(() => this.#socket.terminate(), closeTimeoutMs).unref()
      return false
    }
    return this.isBehind && buffered < resumePushBelowBytes
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  /** From now on nothing that comes in counts; at the end of the turn, after the answers that are due, it closes. */
  close(code: number, reason: string, after?: number): void {
    if (this.isClosing) return
    this.isClosing = true
    this.#pendingClose = { code, reason, after }
    this.#onDirty(this)
  }

  terminate(): void {
    this.isClosing = true
    this.#closed = true
    this.#socket.terminate()
  }
}
