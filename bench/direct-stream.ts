/*
 * The row log over a bare local connection, for bench/continuity.ts: the cost of the log, the journal and the wait, without
 * the rest of the stream.
 */
import { connect, createServer, type Socket } from 'node:net'
import {
  decodeFrameAt,
  encodeFrame,
  frameTypes,
  jsonFrame,
  type RowFrame,
} from '../server/continuity/frame.ts'
import { noPosition, type Position } from '../server/continuity/position.ts'
import type { Replica } from '../server/continuity/replica.ts'
import type { BatchShipper } from '../server/continuity/row-log.ts'

function onFrames(socket: Socket, handle: (frame: RowFrame) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let found = decodeFrameAt(rest, 0); found; found = decodeFrameAt(rest, 0)) {
      rest = rest.subarray(found.end)
      handle(found.frame)
    }
  })
}

export class SocketShipper implements BatchShipper {
  /** Sent with its headers. */
  bytes = 0
  /** From handing a frame on to its DURABLE, in ms. */
  readonly waitsMs: number[] = []
  readonly #socket: Socket
  #waiting: { lsn: number; since: number; resolve: () => void } | undefined

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay()
    onFrames(socket, ({ position }) => {
      if (!this.#waiting || position.lsn < this.#waiting.lsn) return
      this.waitsMs.push(performance.now() - this.#waiting.since)
      this.#waiting.resolve()
    })
  }

  static connect(port: number): Promise<SocketShipper> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new SocketShipper(socket)))
      socket.once('error', reject)
    })
  }

  ship({ position, encoded }: RowFrame): Promise<void> {
    this.bytes += encoded.length
    return new Promise((resolve) => {
      this.#waiting = { lsn: position.lsn, since: performance.now(), resolve }
      this.#socket.write(encoded)
    })
  }

  committed(): void {}
  dropped(): Promise<void> {
    return Promise.reject(new Error('LOSS: a batch was rolled back'))
  }
}

/** Listens for one hub. `open` is called when it connects; its replica takes the frames. */
export function serveReplica(open: (durable: (end: Position) => void) => Replica): Promise<number> {
  const server = createServer((socket) => {
    socket.setNoDelay()
    const replica = open((end) => {
      socket.write(encodeFrame({ type: frameTypes.durable, position: end, body: Buffer.alloc(0) }))
    })
    onFrames(socket, (frame) => replica.append(frame))
    socket.write(encodeFrame(jsonFrame(frameTypes.beat, noPosition, {})))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}
