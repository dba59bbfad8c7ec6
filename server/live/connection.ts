import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { closeCodes, type FromHub, type Want } from '../../shared/contract/live.ts'
import type { Presence } from '../../shared/contract/values.ts'
import type { Viewer } from '../caller.ts'
import { type Entries, entriesAbove, Floors, type HeadOf } from './floors.ts'
import { textFrame, textFrameOf } from './frame.ts'

/**
 * If more than this is buffered, the hub stops pushing to the connection; the client reads the missed entries from
 * the log.
 */
const maxPushBufferBytes = 256 * 1024
/** If less than this is buffered, pushing resumes. */
const resumePushBelowBytes = 64 * 1024
const muchToSendChars = 64 * 1024
/**
 * If more than this is buffered, the hub stops taking requests from the connection: its own responses fill the
 * buffer.
 */
const maxRequestBufferBytes = 1024 * 1024
const maxUnansweredRequests = 64
type ByeMessage = Extract<FromHub, { t: 'bye' }>

/** Text of one frame; a single message that is larger has a frame of its own. */
const maxFrameChars = 256 * 1024
const stuckTimeoutMs = 30_000
const closeTimeoutMs = 2_000

/**
 * Committed entries of one stream, serialised once for all users. The first connection that sends nothing else in a
 * turn sets `framed`, and all later ones share it.
 */
export interface Segment extends Entries {
  /** The number of entries in it, if that is not one. */
  count?: number
  /** JSON messages separated by commas, without brackets. */
  text: string
  /**
   * Text after `text`, made when the frame leaves, so that all connections with the same content in a turn share
   * it.
   */
  tail?: () => Buffer
  framed?: Buffer | undefined
}

/**
 * A live socket. Invariants:
 *
 * 1. Everything that one turn of the loop produces for the connection leaves as one frame, unless it is large.
 * 2. Responses are never dropped.
 * 3. Entries and hints are dropped while the client is a slow consumer. It gets the heads later and reads the rest
 *    from the log, so a slow consumer does not fill the memory of the hub.
 */
export class Connection {
  readonly viewer: Viewer
  readonly address: string
  readonly origin: string
  /** The token of the session, if a cookie has brought it. */
  readonly cookieToken: string | undefined
  readonly #socket: WebSocket
  /**
   * The stream below the WebSocket. Whole frames are written to it directly, each in a single write: `ws` would
   * make two, which is half the cost of a delivery. Without compression `ws` never delays a frame, so frames leave
   * in the order of the calls, and `bufferedAmount` is the `writableLength` of this stream.
   */
  readonly #rawSocket: Writable
  readonly #onDirty: (connection: Connection) => void
  #outbox: Segment[] = []
  #outboxChars = 0
  #heldSegments: Segment[] | undefined
  /** In a cluster. */
  #floors: Floors | undefined
  #unansweredCount = 0
  #lastBuffered = 0
  #lastProgress = 0
  #paused = false
  /** The inbox wants more input. */
  #reading = true
  /** The inbox takes nothing while a read is under way: what it sets off is known after it. */
  #readsUnderWay = 0
  /** Called when requests may be taken again. */
  onReady: (() => void) | undefined
  /** Called when the user has used up a slice of this turn. */
  onExhausted: (() => void) | undefined
  #onAnswered: (() => void) | undefined
  #pendingClose: { code: number; bye: ByeMessage } | undefined
  #closed = false
  /** Closed, or about to close: incoming messages are ignored. */
  isClosing = false
  /** About to close once its requests are answered. */
  isLeaving = false
  isResumed = false
  /** `resume` was accepted; the hub is reading the state. */
  isResuming = false
  lastTypingAt = 0
  typingChatId = ''
  isBehind = false
  state: Presence = 'active'
  /** What the client asked for with `resume`. */
  wants: ReadonlySet<Want> = new Set()
  /** Ids of users whose presence it asked for. */
  watched: ReadonlySet<string> = new Set()
  /** Monotonic ms: setting the system clock does not disconnect users. */
  lastReceivedAt: number
  /** Monotonic ms of the last ping, or of the begin. */
  lastPingAt: number
  /** Writes of this socket without a response yet: a read waits for them. */
  readonly pendingWrites = new Set<Promise<unknown>>()

  constructor(
    socket: WebSocket,
    options: {
      wire: Writable
      viewer: Viewer
      address: string
      origin: string
      cookieToken?: string | undefined
      now: number
      onDirty: (connection: Connection) => void
    },
  ) {
    this.#socket = socket
    this.#rawSocket = options.wire
    this.viewer = options.viewer
    this.address = options.address
    this.origin = options.origin
    this.cookieToken = options.cookieToken
    this.lastReceivedAt = this.lastPingAt = options.now
    this.#onDirty = options.onDirty
    this.#rawSocket.on('drain', () => this.#updateFlow())
  }

  /** Sends a message that is never dropped: a response, the state, hello. */
  send(message: FromHub): void {
    this.sendJson(JSON.stringify(message))
  }

  /** Like `send`, for a message that is JSON already, or whose beginning is. */
  sendJson(text: string, tail?: () => Buffer): void {
    this.#enqueue({ stream: '', lastSeq: 0, text, ...(tail ? { tail } : {}) })
  }

  /**
   * Sends a hint, after the state if that is being read. Drops it if the client is too slow for hints.
   * @param isVital nothing tells it again, and it is about what the user does: it is sent to slow clients too
   */
  sendHint(segment: Segment, isVital = false): void {
    if (this.isBehind && isVital && this.isResumed) this.sendJson(segment.text)
    if (this.isClosing || this.isBehind) return
    // the state may have been read before what the hint tells, and no entry tells it again
    if (this.#heldSegments) this.#heldSegments.push({ ...segment, lastSeq: Infinity })
    else if (this.isResumed) this.#enqueue(segment)
  }

  /** Sends entries. Holds them back while the state is read; drops them while the connection is behind. */
  sendEntries(segment: Segment): void {
    if (this.isClosing || this.isBehind) return
    const rest = this.#floors ? this.#floors.above(segment) : segment
    if (!rest) return
    if (this.#heldSegments) this.#heldSegments.push(rest)
    else if (this.isResumed) this.#enqueue(rest)
  }

  /** Holds entries back until `releaseEntries`. */
  holdEntries(): void {
    this.#heldSegments = []
  }

  /**
   * Sends the held entries that lie above the heads in the state message.
   * @param inCluster entries up to these heads may come later
   */
  releaseEntries(headOf: HeadOf, inCluster = false): void {
    const held = this.#heldSegments ?? []
    if (inCluster) this.#floors = new Floors(headOf)
    this.#heldSegments = undefined
    this.isResumed = true
    for (const segment of held) {
      const rest = this.#floors
        ? this.#floors.above(segment)
        : entriesAbove(segment, headOf(segment.stream) ?? 0)
      if (rest) this.#enqueue(rest)
    }
  }

  #enqueue(segment: Segment): void {
    if (this.#closed) return
    if (this.#outbox.length === 0) this.#onDirty(this)
    this.#outbox.push(segment)
    this.#outboxChars += segment.text.length
  }

  get hasMuchToSend(): boolean {
    return this.#outboxChars > muchToSendChars
  }

  /** Sends everything this turn produced as one frame. */
  flush(): void {
    this.#sendOutbox()
    if (!this.#pendingClose || this.#closed) return
    const { code, bye } = this.#pendingClose
    this.send(bye)
    this.#sendOutbox()
    this.#closed = true
    this.#socket.close(code, bye.code)
  }

  #sendOutbox(): void {
    const outbox = this.#outbox
    if (outbox.length === 0) return
    this.#outbox = []
    this.#outboxChars = 0
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (!this.isBehind && this.#rawSocket.writableLength > maxPushBufferBytes) this.isBehind = true
    const leaving = this.isBehind ? outbox.filter((segment) => segment.stream === '') : outbox
    if (leaving.length === 1) this.#writeFrame(leaving)
    else for (const frame of splitIntoFrames(leaving)) this.#writeFrame(frame)
    // nothing else that the flow depends on has changed, and this runs for each delivery
    if (this.#paused || this.#rawSocket.writableLength > maxRequestBufferBytes) this.#updateFlow()
  }

  #writeFrame(segments: readonly Segment[]): void {
    const [first] = segments
    if (!first) return
    if (segments.length === 1 && first.stream !== '') {
      first.framed ??= textFrame(`[${first.text}]`)
      this.#rawSocket.write(first.framed)
    } else if (segments.some(({ tail }) => tail)) {
      this.#rawSocket.cork()
      for (const part of textFrameOf(segments)) this.#rawSocket.write(part)
      this.#rawSocket.uncork()
    } else {
      this.#rawSocket.write(textFrame(`[${segments.map((segment) => segment.text).join(',')}]`))
    }
  }

  /** Counts a request that was taken from the socket. */
  requestStarted(): void {
    this.#unansweredCount += 1
  }

  requestFinished(): void {
    this.#unansweredCount -= 1
    if (this.#unansweredCount === 0) this.#onAnswered?.()
    this.#updateFlow()
  }

  /** The inbox takes nothing more until the read is answered. */
  readStarted(): void {
    this.#readsUnderWay += 1
  }

  readFinished(): void {
    this.#readsUnderWay -= 1
    this.#updateFlow()
  }

  /** Returns true if another message may be taken: responses leave, and no read is under way. */
  get isReady(): boolean {
    return this.#readsUnderWay === 0 && !this.#hasTooMuch
  }

  get #hasTooMuch(): boolean {
    return (
      this.#unansweredCount >= maxUnansweredRequests ||
      this.#rawSocket.writableLength + this.#outboxChars > maxRequestBufferBytes
    )
  }

  /** Whether the inbox wants more input. */
  setReading(reading: boolean): void {
    this.#reading = reading
    this.#applyFlow()
  }

  /** Lets the inbox go on, and reads from the socket only as fast as responses leave. */
  #updateFlow(): void {
    if (this.isReady && !this.isClosing) this.onReady?.()
    this.#applyFlow()
  }

  #applyFlow(): void {
    const pause = !this.#reading || this.#hasTooMuch
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#socket.pause()
    else this.#socket.resume()
  }

  /**
   * Checks the progress of a slow consumer. Returns true once the buffer has drained and the connection needs the
   * heads.
   * @param now monotonic ms
   */
  checkProgress(now: number): boolean {
    const buffered = this.#rawSocket.writableLength
    if (buffered < this.#lastBuffered || buffered === 0 || this.#lastBuffered === 0) this.#lastProgress = now
    this.#lastBuffered = buffered
    this.#updateFlow()
    if (buffered > maxPushBufferBytes && now - this.#lastProgress > stuckTimeoutMs) {
      this.isClosing = true
      this.#closed = true
      this.#socket.close(closeCodes.tooSlow, 'too_slow')
      // the client does not read, so the closing frame waits behind the rest: limit that wait
      setTimeout(() => this.#socket.terminate(), closeTimeoutMs).unref()
      return false
    }
    return this.isBehind && buffered < resumePushBelowBytes
  }

  get bufferedBytes(): number {
    return this.#rawSocket.writableLength
  }

  ping(now: number): void {
    this.lastPingAt = now
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  /**
   * Ignores further messages, and closes at the end of the turn, after the responses that are due.
   * @param details of the `bye`; `after`: ms after which the client should reconnect
   */
  close(code: number, reason: string, details: Omit<ByeMessage, 't' | 'code'> = {}): void {
    if (this.isClosing) return
    this.isClosing = true
    this.#pendingClose = { code, bye: { t: 'bye', code: reason, ...details } }
    this.#onDirty(this)
  }

  /** Like `close`, after the responses to the requests that it has taken. */
  closeWhenAnswered(code: number, reason: string, details: Omit<ByeMessage, 't' | 'code'> = {}): void {
    if (this.isClosing || this.isLeaving) return
    this.isLeaving = true
    this.#onAnswered = () => this.close(code, reason, details)
    if (this.#unansweredCount === 0) this.#onAnswered()
  }

  terminate(): void {
    this.isClosing = true
    this.#closed = true
    this.#socket.terminate()
  }
}

/** Large responses leave in several frames; what one turn produces is one frame otherwise. */
function splitIntoFrames(segments: readonly Segment[]): readonly (readonly Segment[])[] {
  if (segments.reduce((sum, { text }) => sum + text.length, 0) <= maxFrameChars) return [segments]
  const frames: Segment[][] = []
  let chars = Infinity
  for (const segment of segments) {
    if (chars + segment.text.length > maxFrameChars) {
      frames.push([])
      chars = 0
    }
    frames.at(-1)?.push(segment)
    chars += segment.text.length
  }
  return frames
}
