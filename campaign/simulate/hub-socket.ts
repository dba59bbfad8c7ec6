import { IncomingMessage } from 'node:http'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/*
 * A WebSocket to a hub in the same process: the hub's end is a stream instead of a TCP socket, and everything above it is the
 * hub's own. The client's end is the few lines of RFC 6455 that the page's browser would do.
 */

const upgradeEnd = '\r\n\r\n'
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 }
const brokenCode = 1006

export interface HubSocketEvents {
  onOpen: () => void
  onText: (text: string) => void
  onClose: (code: number) => void
}

/** The hub's end of the connection. */
class HubEnd extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 40_000
  readonly #onBytes: (bytes: Buffer) => void

  constructor(onBytes: (bytes: Buffer) => void) {
    super()
    this.#onBytes = onBytes
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  override _read(): void {
    // the client pushes
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#onBytes(chunk)
    done()
  }
}

export class HubSocket {
  readonly #end: HubEnd
  readonly #events: HubSocketEvents
  #received = Buffer.alloc(0)
  #isOpen = false
  #isClosed = false

  constructor(server: Server, headers: Record<string, string>, events: HubSocketEvents) {
    this.#events = events
    this.#end = new HubEnd((bytes) => this.#receive(bytes))
    this.#end.once('close', () => this.#closed(brokenCode))
    const request = new IncomingMessage(this.#end as unknown as Socket)
    const all: Record<string, string> = {
      ...headers,
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    }
    Object.assign(request, { method: 'GET', url: '/live', httpVersion: '1.1', headers: all })
    request.rawHeaders = Object.entries(all).flat()
    server.emit('upgrade', request, this.#end, Buffer.alloc(0))
  }

  send(text: string): void {
    this.sendFrame(opcodes.text, Buffer.from(text))
  }

  /** The connection breaks: neither side says goodbye. */
  destroy(): void {
    this.#isClosed = true
    this.#end.destroy()
  }

  /** Any frame of RFC 6455, whole. */
  sendFrame(opcode: number, payload: Buffer): void {
    if (!this.#isOpen || this.#isClosed || this.#end.destroyed) return
    const long = payload.length > 125
    const head = Buffer.alloc(long ? (payload.length > 65_535 ? 10 : 4) : 2)
    head[0] = 0x80 | opcode
    head[1] = 0x80 | (long ? (payload.length > 65_535 ? 127 : 126) : payload.length)
    if (head.length === 4) head.writeUInt16BE(payload.length, 2)
    if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2)
    // a mask of zeros leaves the payload as it is
    this.#end.push(Buffer.concat([head, Buffer.alloc(4), payload]))
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    if (!this.#isOpen && !this.#takeUpgrade()) return
    while (this.#takeFrame());
  }

  #takeUpgrade(): boolean {
    const end = this.#received.indexOf(upgradeEnd)
    if (end < 0) return false
    const isAccepted = this.#received.subarray(0, end).toString().startsWith('HTTP/1.1 101')
    this.#received = this.#received.subarray(end + upgradeEnd.length)
    if (!isAccepted) {
      this.#closed(brokenCode)
      return false
    }
    this.#isOpen = true
    this.#events.onOpen()
    return true
  }

  #takeFrame(): boolean {
    const bytes = this.#received
    if (bytes.length < 2) return false
    const short = (bytes[1] ?? 0) & 0x7f
    const start = short === 126 ? 4 : short === 127 ? 10 : 2
    if (bytes.length < start) return false
    const length =
      short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
    if (bytes.length < start + length) return false
    const payload = bytes.subarray(start, start + length)
    this.#received = bytes.subarray(start + length)
    const opcode = (bytes[0] ?? 0) & 0x0f
    if (opcode === opcodes.text) this.#events.onText(payload.toString())
    else if (opcode === opcodes.ping) this.sendFrame(opcodes.pong, payload)
    else if (opcode === opcodes.close) this.#closed(length >= 2 ? payload.readUInt16BE(0) : 1005)
    return true
  }

  #closed(code: number): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#events.onClose(code)
    this.#end.destroy()
  }
}
