import { connect, type Socket } from 'node:net'

/*
 * A client with minimal cost, so that a thousand of them do not slow down what they measure. It still checks every
 * byte: a frame equal to one that was already parsed is compared, not parsed.
 */

export interface ServerMessage {
  t: string
  id?: number
  stream?: string
  seq?: number
  message?: { no: number; seq?: number; cid: string; author: string; text: string }
  output?: {
    message?: { seq: number; text: string }
    messages?: { no: number }[]
    entries?: ServerMessage[]
    head?: number
  }
  error?: unknown
  chats?: { id: string; head: number }[]
  heads?: Record<string, number>
}

/** A frame with nothing but the next entries of one stream. */
export interface EntryRun {
  bytes: Buffer
  first: number
  last: number
  /** The load's own numbers of the messages in it. */
  numbers: number[]
}

export interface ClientListener {
  /** Returns a frame of entries that was parsed before, for the same position in the stream. */
  findRun: (client: Client, payload: Buffer) => EntryRun | undefined
  onRun: (client: Client, run: EntryRun) => void
  onMessages: (client: Client, payload: Buffer) => void
  onClose: (client: Client) => void
}

const upgradeResponse = Buffer.from('HTTP/1.1 101')
const headerEnd = Buffer.from('\r\n\r\n')

export class Client {
  readonly user: string
  /** The chat this client is in; in these runs it receives nothing of other chats. */
  readonly chat: string
  /** The highest seq it has, or -1 before the first `state`. */
  cursor: number
  /** The highest seq it knows of, also while it reads the log. */
  highestSeq = 0
  isLive = false
  isReadingLog = false
  isPaused = false
  inFlightCount = 0
  /** The code and the reason of the closing frame. */
  closeReason = 'no closing frame'
  readonly #socket: Socket
  readonly #listener: ClientListener
  #unparsed: Buffer | undefined
  #outgoing: string[] = []
  #isUpgraded = false

  constructor(
    options: { port: number; token: string; user: string; chat: string; cursor: number },
    listener: ClientListener,
  ) {
    this.user = options.user
    this.chat = options.chat
    this.cursor = options.cursor
    this.#listener = listener
    this.#socket = connect({ host: '127.0.0.1', port: options.port, noDelay: true })
    this.#socket.write(
      'GET /live HTTP/1.1\r\nHost: 127.0.0.1:' +
        String(options.port) +
        '\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ' +
        options.token +
        '\r\n\r\n',
    )
    this.#socket.on('data', (chunk: Buffer) => this.#handleData(chunk))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => listener.onClose(this))
  }

  /** Leaves with everything else that is queued before `flush`. */
  queue(message: string): void {
    this.#outgoing.push(message)
  }

  flush(): void {
    if (this.#outgoing.length === 0) return
    const text = `[${this.#outgoing.join(',')}]`
    this.#outgoing = []
    this.#socket.write(encodeMaskedFrame(0x81, Buffer.from(text)))
  }

  send(message: object): void {
    this.queue(JSON.stringify(message))
    this.flush()
  }

  pause(): void {
    this.isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.isPaused = false
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #handleData(chunk: Buffer): void {
    let data = this.#unparsed === undefined ? chunk : Buffer.concat([this.#unparsed, chunk])
    this.#unparsed = undefined
    if (!this.#isUpgraded) {
      const end = data.indexOf(headerEnd)
      if (end < 0) {
        this.#unparsed = data
        return
      }
      if (!data.subarray(0, upgradeResponse.length).equals(upgradeResponse)) {
        throw new Error(`not upgraded: ${data.subarray(0, 200).toString()}`)
      }
      this.#isUpgraded = true
      this.send({ t: 'resume', protocol: 1 })
      data = data.subarray(end + headerEnd.length)
    }
    let at = 0
    while (data.length - at >= 2) {
      let head = 2
      let length = (data[at + 1] as number) & 0x7f
      if (length === 126) {
        if (data.length - at < 4) break
        length = data.readUInt16BE(at + 2)
        head = 4
      } else if (length === 127) {
        if (data.length - at < 10) break
        length = Number(data.readBigUInt64BE(at + 2))
        head = 10
      }
      if (data.length - at < head + length) break
      this.#handleFrame((data[at] as number) & 0x0f, data.subarray(at + head, at + head + length))
      at += head + length
    }
    if (at < data.length) this.#unparsed = at === 0 ? data : data.subarray(at)
    this.flush()
  }

  #handleFrame(opcode: number, payload: Buffer): void {
    if (opcode === 1) {
      const run = this.#listener.findRun(this, payload)
      if (run) this.#listener.onRun(this, run)
      else this.#listener.onMessages(this, payload)
    } else if (opcode === 9) {
      this.#socket.write(encodeMaskedFrame(0x8a, payload))
    } else if (opcode === 8) {
      this.closeReason = `${payload.readUInt16BE(0)} ${payload.subarray(2).toString()}`
    }
  }
}

/** Masks with a key of zeros: the server does its part of the work, this process does not. */
function encodeMaskedFrame(first: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.alloc(head + 4 + length)
  frame[0] = first
  frame[1] = 0x80 | (head === 2 ? length : head === 4 ? 126 : 127)
  if (head === 4) frame.writeUInt16BE(length, 2)
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2)
  payload.copy(frame, head + 4)
  return frame
}
