// Live sockets to a hub: one for each port of the page, relayed frame by frame. The shell does not interpret the
// frames.
import { isIP } from 'node:net'
import { WebSocket, type RawData } from 'ws'
import type { PagePort } from '../ports.ts'
import type { Address } from './address.ts'
import { assertPlainAllowed, tlsOptions, type HubTrust } from './hub-client.ts'

const handshakeTimeoutMs = 10_000
/** Enough for the state of a user in very many chats. */
const maxFrameBytes = 16 * 1024 * 1024
/** The page sends nothing larger than the hub accepts; a UTF-16 unit takes at most three bytes. */
const maxSentLength = 64 * 1024

export function openHubSocket(address: Address, trust: HubTrust, token: string): WebSocket {
  assertPlainAllowed(trust, address)
  const { host, port, plain } = address
  const url = `${plain ? 'ws' : 'wss'}://${host.includes(':') ? `[${host}]` : host}:${port}/live`
  return new WebSocket(url, {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: handshakeTimeoutMs,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    followRedirects: false,
    ...(plain ? {} : { ...(isIP(host) ? {} : { servername: host }), ...tlsOptions(trust) }),
  })
}

/** Relays frames and closing codes verbatim, both ways, until either end closes. */
export function relayFrames(port: PagePort, socket: WebSocket): void {
  let isClosed = false
  const handleClose = (code: number): void => {
    if (isClosed) return
    isClosed = true
    port.post({ closed: code })
    port.close()
  }
  port.onMessage((message) => {
    // a frame before the hub's hello has no meaning
    if (typeof message !== 'string' || socket.readyState !== WebSocket.OPEN) return
    if (message.length > maxSentLength) return socket.close(1009)
    socket.send(message)
  })
  port.onClose(() => {
    isClosed = true
    socket.close()
  })
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary && !isClosed) port.post(frameText(data))
  })
  socket.on('close', handleClose)
  // `close` always follows, with 1006
  socket.on('error', () => undefined)
}

export function frameText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString()
}
