import type { EventEmitter } from 'node:events'
import type { Turns } from '../turns.ts'
import type { Connection } from './connection.ts'

export type ClientMessage = Record<string, unknown> & { t: string }

export interface InboxOptions {
  connection: Connection
  turns: Turns
  /** Takes the message from the user's rate. Returns the ms to wait, or 0. */
  takeToken: () => number
  /** Handles a message. Returns false if it violates the protocol. */
  handle: (message: ClientMessage) => boolean
  /** The client violated the protocol. */
  onViolation: () => void
  onError: (error: unknown) => void
}

/**
 * The messages of a socket that the hub has not taken yet. It takes them one by one: not while a read is under way,
 * not while responses wait to be sent, not faster than the rate of the user, and not longer than the user's slice of
 * a turn (reads wait for it in the dispatcher). Meanwhile the socket is paused, so what one frame or one connection may set off is bounded.
 */
export class Inbox {
  readonly #options: InboxOptions
  /** Frames as they came; parsed when their turn comes. */
  #frames: { data: Buffer; isBinary: boolean }[] = []
  /** The rest of the frame that was parsed last. */
  #messages: ClientMessage[] = []
  #next = 0
  #waitsForTurn = false
  #throttle: ReturnType<typeof setTimeout> | undefined
  #isTaking = false

  constructor(options: InboxOptions) {
    this.#options = options
    options.connection.onReady = () => this.take()
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0 && this.#next >= this.#messages.length
  }

  receive(data: Buffer, isBinary: boolean): void {
    this.#frames.push({ data, isBinary })
    this.take()
  }

  /**
   * Charges the user for the time that a chunk of input takes, whatever is in it: a flood of empty fragments makes no
   * message. Listens before and after the listener of the WebSocket.
   */
  measure(wire: EventEmitter): void {
    const { connection, turns } = this.#options
    let start = 0
    wire.prependListener('data', () => {
      start = performance.now()
    })
    wire.on('data', () => turns.charge(connection.viewer.userId, performance.now() - start))
  }

  /** A frame without a message, such as a ping of the WebSocket, counts in the rate too. */
  countFrame(): void {
    this.#throttleFor(this.#options.takeToken())
    this.#updateFlow()
  }

  /** Takes no more until a later turn: the user has used up the slice of this one. */
  waitForTurn(): void {
    const { connection, turns } = this.#options
    if (this.#waitsForTurn || connection.isClosing) return
    this.#waitsForTurn = turns.wait(connection.viewer.userId, () => {
      this.#waitsForTurn = false
      this.take()
    })
    this.#updateFlow()
  }

  /** Takes as many messages as it may now. An error ends this connection only. */
  take(): void {
    const { connection, onError } = this.#options
    // a handler that finishes at once calls this from within
    if (this.#isTaking) return
    this.#isTaking = true
    try {
      this.#takeMessages()
    } catch (error) {
      onError(error)
      connection.terminate()
    } finally {
      this.#isTaking = false
    }
    this.#updateFlow()
  }

  close(): void {
    clearTimeout(this.#throttle)
    this.#frames = []
    this.#messages = []
  }

  #takeMessages(): void {
    const { connection, takeToken, handle, onViolation } = this.#options
    while (!connection.isClosing && connection.isReady && !this.#throttle && !this.#waitsForTurn) {
      if (this.#next >= this.#messages.length && !this.#parseNextFrame()) return
      const message = this.#messages[this.#next]
      // a frame without messages
      if (!message) continue
      this.#throttleFor(takeToken())
      if (this.#throttle) return
      this.#next += 1
      if (!handle(message)) onViolation()
    }
  }

  /** Returns false if there is no frame. */
  #parseNextFrame(): boolean {
    const frame = this.#frames.shift()
    if (!frame) return false
    this.#next = 0
    const messages = frame.isBinary ? undefined : parseFrame(frame.data)
    this.#messages = messages ?? []
    if (!messages) this.#options.onViolation()
    return true
  }

  #throttleFor(ms: number): void {
    if (ms <= 0 || this.#throttle || this.#options.connection.isClosing) return
    this.#throttle = setTimeout(() => {
      this.#throttle = undefined
      this.take()
    }, ms)
    this.#throttle.unref()
  }

  #updateFlow(): void {
    this.#options.connection.setReading(this.isEmpty && !this.#waitsForTurn && !this.#throttle)
  }
}

/** Returns the messages of a frame: a JSON array of objects with a `t`. Returns undefined for any other text. */
function parseFrame(data: Buffer): ClientMessage[] | undefined {
  let value: unknown
  try {
    // ws passes a single Buffer for a text frame and has checked its UTF-8
    value = JSON.parse(data.toString())
  } catch {
    return undefined
  }
  return Array.isArray(value) && value.every(isClientMessage) ? value : undefined
}

function isClientMessage(value: unknown): value is ClientMessage {
  return typeof value === 'object' && value !== null && typeof (value as { t?: unknown }).t === 'string'
}
