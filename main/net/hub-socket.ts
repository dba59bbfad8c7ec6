// Live sockets to a hub: one for each port of the page, relayed frame by frame. What they say is the page's and the hub's.
import { isIP } from 'node:net'
import { WebSocket, type RawData } from 'ws'
import type { PagePort } from '../ports.ts'
import type { Address } from './address.ts'
import { assertPlainAllowed, tlsOptions, type HubTrust } from './hub-client.ts'

const handshakeTimeoutMs = 10_000
/** The state of somebody in very many chats. */
const maxFrameBytes = 16 * 1024 * 1024
/** A page says nothing larger than the hub takes; its largest character has three bytes. */
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

/** Frames and closing codes verbatim, both ways, until either is gone. */
export function relayFrames(port: PagePort, socket: WebSocket): void {
  let isClosed = false
  const handleClose = (code: number): void => {
    if (isClosed) return
    isClosed = true
    port.post({ closed: code })
    port.close()
  }
  port.onMessage((message) => {
    // what is said before the hub has said hello has no meaning
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
  // always followed by `close`, with 1006
  socket.on('error', () => undefined)
}

export function frameText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString()
}
