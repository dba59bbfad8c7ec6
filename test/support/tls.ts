import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { makeCaCertificate, makeLeafCertificate } from '../../server/tls/certificate.ts'
import { newDataDir } from './data-dir.ts'

/** The certificate that clients of a hub pin: the one of its CA. */
export function pinnedCertificateOf(dataDir: string): string {
  return readFileSync(join(dataDir, 'identity', 'ca.pem'), 'utf8')
}

/** Verifies a hub by its key as the desktop app does: the chain is the identity, whatever the host name. */
export function pinnedTlsOptions(pin: string): ConnectionOptions {
  return { ca: [pin], minVersion: 'TLSv1.3', checkServerIdentity: () => undefined }
}

export interface HttpsResponse {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** One request over TLS to the address of the hub, on a new connection. `headers.host` is the name used for the hub. */
export async function requestOverTls(
  url: string,
  path: string,
  tls: ConnectionOptions,
  { method = 'GET', headers = {}, body = '' } = {},
): Promise<HttpsResponse> {
  const { hostname, port } = new URL(url)
  const outgoing = request({ host: hostname, port, path, method, headers, agent: false, ...tls })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer> & TlsResponse]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
}

interface TlsResponse {
  statusCode: number
  headers: IncomingHttpHeaders
}

/** A TLS connection without any request. */
export async function openTls(url: string, tls: ConnectionOptions): Promise<TLSSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ...tls })
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  return socket
}

/** A computer on a home network as the hub sees it. Its addresses can change. */
export function homeNetwork(...addresses: string[]) {
  const network = {
    addresses,
    interfaces: () => ({
      lo: [interfaceInfo('127.0.0.1', true)],
      wlan0: network.addresses.map((address) => interfaceInfo(address, false)),
    }),
    hostname: () => 'fig-tree',
  }
  return network
}

function interfaceInfo(address: string, internal: boolean): NetworkInterfaceInfo {
  const common = { address, internal, netmask: '', mac: '00:00:00:00:00:00', cidr: null }
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' }
}

/** An address of this machine that others can use, with its interface. Undefined on a machine without a network. */
export function externalAddress(): { name: string; address: string } | undefined {
  for (const [name, list] of Object.entries(networkInterfaces())) {
    const found = list?.find(({ family, internal }) => family === 'IPv4' && !internal)
    if (found) return { name, address: found.address }
  }
  return undefined
}

/** A foreign CA and files with a certificate that it issued for these names. */
export function issueForeignCertificate(names: string[], now = Date.now()) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const authority = { key: privateKey, hubId: `authority ${randomUUID()}` }
  const root = makeCaCertificate(privateKey, authority.hubId, now)
  const directory = newDataDir()
  const files = { cert: join(directory, 'chain.pem'), key: join(directory, 'key.pem') }
  const issue = (forNames: string[], at = now): void => {
    const leafKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    writeFileSync(files.key, leafKey.export({ type: 'pkcs8', format: 'pem' }))
    writeFileSync(files.cert, makeLeafCertificate(authority, leafKey, forNames, at) + root)
  }
  issue(names)
  return { root, files, issue }
}
