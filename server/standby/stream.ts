import type WebSocket from 'ws'
import {
  decodeFrames,
  encodeFrame,
  type Frame,
  FrameError,
  frameTypes,
  type FrameType,
  jsonFrame,
  type RowFrame,
} from '../continuity/frame.ts'
import { noPosition, type Position } from '../continuity/position.ts'

/** A beat is sent in each interval; a connection without any message for three of them is over. */
const beatIntervalMs = 2_000
const silenceMs = 3 * beatIntervalMs

export interface StreamEvents {
  frame: (frame: RowFrame) => void
  /** Called once. */
  end: (reason: string) => void
  /** The longest body that the other computer may send now. */
  maxBodyBytes?: () => number
  /** What the next beat says. */
  beat: () => { position: Position; body: object } | undefined
}

/** One connection between two computers of a hub: whole frames in both directions, and beats. */
export class Stream {
  readonly #socket: WebSocket
  readonly #events: StreamEvents
  readonly #beats: ReturnType<typeof setInterval>
  #heardAt = performance.now()
  #isOver = false

  constructor(socket: WebSocket, events: StreamEvents) {
    this.#socket = socket
    this.#events = events
    socket.binaryType = 'nodebuffer'
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary))
    socket.on('close', () => this.close('the connection was closed'))
    socket.on('error', (error: Error) => this.close(error.message))
    this.#beats = setInterval(() => this.#beat(), beatIntervalMs)
  }

  /** Bytes that were not sent yet. */
  get buffered(): number {
    return this.#socket.bufferedAmount
  }

  get isOver(): boolean {
    return this.#isOver
  }

  send(type: FrameType, body: object, position: Position = noPosition): void {
    this.sendEncoded(encodeFrame(jsonFrame(type, position, body)))
  }

  sendEncoded(bytes: Buffer): void {
    if (!this.#isOver) this.#socket.send(bytes)
  }

  close(reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    clearInterval(this.#beats)
    // what was sent last is a seal or a farewell, and has to arrive
    this.#socket.close()
    setTimeout(() => this.#socket.terminate(), 1_000).unref()
    this.#events.end(reason)
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return
    this.#heardAt = performance.now()
    try {
      if (!isBinary) throw new FrameError('text instead of frames')
      for (const frame of decodeFrames(data, this.#events.maxBodyBytes)) {
        this.#events.frame(frame)
        if (this.#isOver) return
      }
    } catch (error) {
      this.close((error as Error).message)
    }
  }

  #beat(): void {
    if (performance.now() - this.#heardAt > silenceMs) return this.close('the other computer is silent')
    const beat = this.#events.beat()
    if (beat) this.send(frameTypes.beat, beat.body, beat.position)
  }
}

/** Reads the object of a frame. @throws FrameError */
export function bodyOf({ body }: Frame): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // reported below
  }
  throw new FrameError('a frame without an object')
}
