import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection to a hub for arbitrary bytes, including what no proper client would send. */
export async function openRawSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  // the hub may close the connection in the middle of invalid input
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

export interface RawResponse {
  status: number
  /** Names in lower case. */
  headers: Map<string, string>
  body: string
}

/** Sends the bytes and reads until the hub closes. Returns the first response, or status 0 if there is none. */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<RawResponse> {
  const socket = await openRawSocket(url)
  const response = readRaw(socket)
  socket.end(bytes)
  return response
}

/**
 * Sends a request that says `connection: close`, and reads until the hub closes. Unlike `sendRaw` it does not end its side.
 */
export async function requestRaw(url: string, bytes: string | Buffer): Promise<RawResponse> {
  const socket = await openRawSocket(url)
  const response = readRaw(socket)
  socket.write(bytes)
  return response
}

async function readRaw(socket: Socket): Promise<RawResponse> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'close')
  return parseRawResponse(Buffer.concat(chunks).toString())
}

function parseRawResponse(text: string): RawResponse {
  const at = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, Math.max(at, 0)).split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0), headers, body: text.slice(at + 4) }
}
