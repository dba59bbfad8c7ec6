import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'

/** The certificate that clients of a hub pin: of its CA. */
export function pinOf(dataDir: string): string {
  return readFileSync(join(dataDir, 'identity', 'ca.pem'), 'utf8')
}

/** As the desktop app holds a hub to its key: the chain is the identity, whatever the address is called. */
export function pinned(pin: string): ConnectionOptions {
  return { ca: [pin], minVersion: 'TLSv1.3', checkServerIdentity: () => undefined }
}

export interface TlsAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** One request over TLS to where the hub listens, on a connection of its own; `headers.host` is what it is called. */
export async function askTls(
  url: string,
  path: string,
  tls: ConnectionOptions,
  { method = 'GET', headers = {}, body = '' } = {},
): Promise<TlsAnswer> {
  const { hostname, port } = new URL(url)
  const asking = request({ host: hostname, port, path, method, headers, agent: false, ...tls })
  asking.end(body)
  const [answer] = (await once(asking, 'response')) as [AsyncIterable<Buffer> & TlsResponse]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() }
}

interface TlsResponse {
  statusCode: number
  headers: IncomingHttpHeaders
}

/** A TLS connection on which nothing was said yet. */
export async function openTls(url: string, tls: ConnectionOptions): Promise<TLSSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ...tls })
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  return socket
}
