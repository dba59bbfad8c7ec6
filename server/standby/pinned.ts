import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import WebSocket from 'ws'
import { maxMessageBytes } from '../continuity/frame.ts'

// as an import it would evaluate all exports of the module, and the lazy ones load a WebSocket client at each start
const { request } = process.getBuiltinModule('node:http')

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

/** A connection to a computer that has proved that it belongs to the hub. */
export interface PinnedConnection {
  readonly socket: TLSSocket
  /** The public key of the hub. */
  readonly publicKey: KeyObject
}

/**
 * Connects to a computer of this hub, and to nobody else. @throws Error if another one answers
 *
 * The certificates are checked here and not by TLS, which also compares their dates with the clock: a computer whose clock is
 * wrong could neither follow nor vote. The key of the hub does not expire, and one that it has signed belongs to the hub.
 */
export async function connectPinned({ address, hubId }: PinnedAddress): Promise<PinnedConnection> {
  const socket = await connectUnchecked(address)
  const [leaf, authority] = chainOf(socket)
  const { publicKey } = authority
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const isOfHub = createHash('sha256').update(spki).digest('base64url') === hubId
  if (isOfHub && leaf.checkIssued(authority) && leaf.verify(publicKey)) return { socket, publicKey }
  socket.destroy()
  throw new Error(`${address} is not the hub with this fingerprint`)
}

/** What the other is has to be checked before anything is sent. */
function connectUnchecked(address: string): Promise<TLSSocket> {
  const { hostname, port } = new URL(`https://${address}`)
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port || 443),
      // so that it shows its own certificate, not one that its owner provides
      servername: '',
      minVersion: 'TLSv1.3',
      rejectUnauthorized: false,
    })
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error(`${address} does not answer`)))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.setTimeout(0)
      socket.off('error', reject)
      // until its user has a handler of its own
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
  })
}

/** The certificate that the other has proved to own the key of, and the last of its chain. */
function chainOf(socket: TLSSocket): [X509Certificate, X509Certificate] {
  const first = socket.getPeerCertificate(true)
  let last = first
  // the authority names itself as its issuer
  for (let depth = 0; depth < 4 && hasIssuer(last); depth += 1) last = last.issuerCertificate
  return [new X509Certificate(first.raw), new X509Certificate(last.raw)]
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
  const { socket } = await connectPinned(at)
  return new Promise((resolve, reject) => {
    const sent = request({
      createConnection: () => socket,
      ...{ host: at.address, path, method },
      headers: {
        host: at.address,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
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
export async function openStream(at: PinnedAddress): Promise<{ socket: WebSocket; publicKey: KeyObject }> {
  const { socket: connection, publicKey } = await connectPinned(at)
  const socket = new WebSocket(`ws://${at.address}${streamPath}`, streamProtocol, {
    createConnection: () => connection,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handshakeTimeout: connectTimeoutMs,
  })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ socket, publicKey }))
    socket.once('error', reject)
  })
}
