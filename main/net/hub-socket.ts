// Live sockets to a hub: one for each port of the page, relayed frame by frame. What they say is the page's and the hub's.
import { isIP } from 'node:net'
import { WebSocket, type RawData } from 'ws'
import type { Port } from '../ports.ts'
import type { Address } from './address.ts'
import { checkPlain, tlsOptions, type HubTrust } from './hub-client.ts'

const upgradeWithin = 10_000
/** The state of somebody in very many chats. */
const frameUpTo = 16 * 1024 * 1024
/** A page says nothing larger than the hub takes; its largest character has three bytes. */
const saysUpTo = 64 * 1024

export function openHubSocket(address: Address, trust: HubTrust, token: string): WebSocket {
  checkPlain(trust, address)
  const { host, port, plain } = address
  const url = `${plain ? 'ws' : 'wss'}://${host.includes(':') ? `[${host}]` : host}:${port}/live`
  return new WebSocket(url, {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: upgradeWithin,
    maxPayload: frameUpTo,
    perMessageDeflate: false,
    followRedirects: false,
    ...(plain ? {} : { ...(isIP(host) ? {} : { servername: host }), ...tlsOptions(trust) }),
  })
}

/** Frames and closing codes verbatim, both ways, until either is gone. */
export function relay(port: Port, socket: WebSocket): void {
  let told = false
  const closed = (code: number): void => {
    if (told) return
    told = true
    port.post({ closed: code })
    port.close()
  }
  port.onMessage((message) => {
    // what is said before the hub has said hello has no meaning
    if (typeof message !== 'string' || socket.readyState !== WebSocket.OPEN) return
    if (message.length > saysUpTo) return socket.close(1009)
    socket.send(message)
  })
  port.onClose(() => {
    told = true
    socket.close()
  })
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary && !told) port.post(textOf(data))
  })
  socket.on('close', closed)
  // always followed by `close`, with 1006
  socket.on('error', () => undefined)
}

export function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString()
}
