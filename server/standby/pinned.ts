import { createHash, X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import WebSocket from 'ws'
import { maxMessageBytes } from '../continuity/frame.ts'

/*
 * The way to another computer of the same hub. All of them show certificates of the hub's own CA, whose key is the
 * identity of the hub, so the id of the hub is all that has to be known before.
 */

export interface PinnedAddress {
  /** `10.0.0.5:7788`, with an IPv6 host in brackets. */
  readonly address: string
  readonly hubId: string
}

const connectTimeoutMs = 5_000
const requestTimeoutMs = 20_000

interface PinnedOptions {
  ca: string[]
  servername: string
  minVersion: 'TLSv1.3'
}

/** Returns the TLS options that accept this hub and nobody else. @throws Error if another one answers */
export async function pin({ address, hubId }: PinnedAddress): Promise<PinnedOptions> {
  const ca = await readAuthority(address)
  const spki = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' })
  if (createHash('sha256').update(spki).digest('base64url') !== hubId) {
    throw new Error(`${address} is not the hub with this fingerprint`)
  }
  return { ca: [ca], servername: '', minVersion: 'TLSv1.3' }
}

/** Reads the certificate that a computer names as its authority. It proves nothing yet: see `pin`. */
function readAuthority(address: string): Promise<string> {
  const { hostname, port } = new URL(`https://${address}`)
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port || 443),
      servername: '',
      minVersion: 'TLSv1.3',
      // the connections that follow verify the whole chain
      rejectUnauthorized: false,
    })
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error(`${address} does not answer`)))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      let last = socket.getPeerCertificate(true)
      // the authority names itself as its issuer
      for (let depth = 0; depth < 4 && hasIssuer(last); depth += 1) last = last.issuerCertificate
      socket.destroy()
      resolve(`-----BEGIN CERTIFICATE-----\n${last.raw.toString('base64')}\n-----END CERTIFICATE-----\n`)
    })
  })
}

function hasIssuer({ issuerCertificate, fingerprint256 }: DetailedPeerCertificate): boolean {
  return (
    (issuerCertificate as DetailedPeerCertificate | undefined) !== undefined &&
    issuerCertificate.fingerprint256 !== fingerprint256
  )
}

/** Sends a request; the body of the response is not read yet. */
export async function requestPinned(
  at: PinnedAddress,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<IncomingMessage> {
  const tls = await pin(at)
  const { hostname, port } = new URL(`https://${at.address}`)
  return new Promise((resolve, reject) => {
    const sent = request({
      ...tls,
      // the authority is pinned: the names of its certificates do not matter
      checkServerIdentity: () => undefined,
      ...{ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port || 443, path, method },
      headers: {
        host: at.address,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      agent: false,
    })
    sent.setTimeout(requestTimeoutMs, () => sent.destroy(new Error(`${at.address} does not answer`)))
    sent.once('error', reject)
    sent.once('response', resolve)
    sent.end(body)
  })
}

/** Reads the JSON of a response. */
export async function readJson(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
}

export const streamPath = '/continuity'
/** Answers with the highest term that a computer knows, to anybody: the record is signed and no secret. */
export const termPath = '/continuity/term'
export const streamProtocol = 'hubbub-continuity.1'

/** Opens the stream to another computer. Resolves when it is open. */
export async function openStream(at: PinnedAddress): Promise<WebSocket> {
  const tls = await pin(at)
  const socket = new WebSocket(`wss://${at.address}${streamPath}`, streamProtocol, {
    ...tls,
    checkServerIdentity: () => false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handshakeTimeout: connectTimeoutMs,
  })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}
