import { connect, type Socket } from 'node:net'

/*
 * A WebSocket with as little memory as possible, so that one process holds ten thousands: all sockets of the process share the
 * buffer that they read into, and one keeps only what is left of a frame. Frames leave with a mask of zeros.
 */

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)
const upgradeResponse = Buffer.from('HTTP/1.1 101')
const headerEnd = Buffer.from('\r\n\r\n')
const connectTimeoutMs = 30_000
const opcodes = { text: 1, close: 8, ping: 9 }
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

/**
 * One of 200 addresses of this computer, by the last number of the address that the client reports. From one address, the kernel looks
 * for a free port for many ms once 15,000 connections are open to a port of the hub.
 */
const localAddressOf = (address: string): string => `127.0.0.${1 + (Number(address.split('.').at(-1)) % 200)}`

export interface SocketEvents {
  /** The text of a frame; its memory is used again after the call. */
  onText: (payload: Buffer) => void
  onClose: () => void
}

export class LeanSocket {
  readonly #socket: Socket
  readonly #events: SocketEvents
  #rest: Buffer | undefined
  #isUpgraded = false
  #isClosed = false

  /** @param address that a proxy would report of the client */
  constructor(
    { port, token, address }: { port: number; token: string; address: string },
    events: SocketEvents,
  ) {
    this.#events = events
    this.#socket = connect({
      ...{ host: '127.0.0.1', localAddress: localAddressOf(address), port, noDelay: true },
      onread: {
        buffer: readBuffer,
        callback: (count) => {
          this.#receive(readBuffer.subarray(0, count))
          return true
        },
      },
    })
    this.#socket.setTimeout(connectTimeoutMs, () => this.#socket.destroy())
    this.#socket.on('error', () => undefined)
    this.#socket.on('end', () => this.#socket.destroy())
    this.#socket.once('close', () => this.#onClose())
    this.#socket.write(
      `GET /live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        `X-Forwarded-For: ${address}\r\nX-Forwarded-Proto: https\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    )
  }

  send(text: string): void {
    this.#socket.write(clientFrame(text))
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#rest = undefined
    this.#events.onClose()
  }

  #receive(chunk: Buffer): void {
    let data = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = undefined
    if (!this.#isUpgraded) {
      const end = data.indexOf(headerEnd)
      if (end < 0) return this.#keep(data)
      if (!data.subarray(0, upgradeResponse.length).equals(upgradeResponse)) return this.destroy()
      this.#isUpgraded = true
      this.#socket.setTimeout(0)
      data = data.subarray(end + headerEnd.length)
    }
    let at = 0
    for (;;) {
      const frame = frameAt(data, at)
      if (!frame) break
      at = frame.end
      if (frame.opcode === opcodes.text) this.#events.onText(data.subarray(frame.start, frame.end))
      else if (frame.opcode === opcodes.ping) this.#socket.write(pong)
      else if (frame.opcode === opcodes.close) return this.destroy()
    }
    if (at < data.length) this.#keep(data.subarray(at))
  }

  #keep(data: Buffer): void {
    this.#rest = Buffer.from(data)
  }
}

function frameAt(data: Buffer, at: number): { opcode: number; start: number; end: number } | undefined {
  if (data.length < at + 2) return undefined
  const short = (data[at + 1] as number) & 0x7f
  const start = at + 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
  if (data.length < start) return undefined
  const length =
    short === 126 ? data.readUInt16BE(at + 2) : short === 127 ? Number(data.readBigUInt64BE(at + 2)) : short
  if (data.length < start + length) return undefined
  return { opcode: (data[at] as number) & 0x0f, start, end: start + length }
}

/** With a mask of zeros: the protocol wants one, and the text stays as it is. */
function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 6 : length < 65_536 ? 8 : 14
  const frame = Buffer.alloc(header + length)
  frame[0] = 0x81
  if (length < 126) frame[1] = 0x80 | length
  else if (length < 65_536) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, header)
  return frame
}
