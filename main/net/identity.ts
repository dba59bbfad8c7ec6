// First contact: who answers at an address, by its certificates. The handshake is all that is sent.
import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import tls from 'node:tls'
import { ShellError } from '../shell-error.ts'
import type { Address } from './address.ts'

/** `public`: every browser trusts it under this name. Else by the CA of its own, which vouches for it. */
export type PresentedIdentity =
  | { trust: 'public' }
  | {
      trust: 'pinned'
      /** base64url SHA-256 of that CA's key. */
      fingerprint: string
      /** That CA, as PEM: what later connections trust, and nothing else. */
      ca: string
    }

const handshakeTimeoutMs = 5_000

/** @throws ShellError `unreachable` or `not_a_hub` */
export async function probeIdentity(address: Address): Promise<PresentedIdentity> {
  const isNamed = isIP(address.host) === 0
  if (isNamed && (await withHandshake(address, address.host, ({ authorized }) => authorized)))
    return { trust: 'public' }
  return probeCertificate(address)
}

/**
 * By the key of its own only. A hub may hold somebody else's certificate for its name; who asks for no name gets its own.
 * @throws ShellError `unreachable` or `not_a_hub`
 */
export function probeCertificate(address: Address): Promise<PresentedIdentity & { trust: 'pinned' }> {
  return withHandshake(address, '', (socket) => ({
    trust: 'pinned',
    ...identityOf(certificateChain(socket)),
  }))
}

/** A handshake and no more. */
async function withHandshake<T>(
  { host, port }: Address,
  servername: string,
  read: (socket: tls.TLSSocket) => T,
): Promise<T> {
  const socket = tls.connect({
    host,
    port,
    servername,
    // looked at, not trusted: nothing is said to whoever this is
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  })
  try {
    await waitForHandshake(socket)
    return read(socket)
  } finally {
    socket.destroy()
  }
}

function waitForHandshake(socket: tls.TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(handshakeTimeoutMs, () => reject(unreachableError()))
    socket.once('secureConnect', resolve)
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(isNetworkError(error) ? unreachableError(error) : notAHubError(error)),
    )
    socket.once('close', () => reject(notAHubError()))
  })
}

/** From the leaf up to what signed itself. */
function certificateChain(socket: tls.TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.raw && chain.length < 8) {
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}

/** The last of the chain, when each one is signed by the next: a CA that is merely sent along vouches for nobody. */
export function identityOf(chain: X509Certificate[]): { fingerprint: string; ca: string } {
  const ca = chain.at(-1)
  if (!ca || !ca.checkIssued(ca) || !ca.verify(ca.publicKey)) throw notAHubError()
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1]
    if (issuer && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)))
      throw notAHubError()
  }
  return { fingerprint: fingerprintOf(ca), ca: ca.toString() }
}

export function fingerprintOf(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64url')
}

const networkErrors = new Set([
  'ECONNREFUSED',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
])

/** Nobody was there at all. */
export function isNetworkError(error: unknown): boolean {
  return networkErrors.has(String((error as { code?: unknown } | null)?.code))
}

function unreachableError(cause?: unknown): ShellError {
  return new ShellError(
    'unreachable',
    'Nothing answers at this address. Check that the hub is running, and that both computers are in the same network.',
    { cause },
  )
}

function notAHubError(cause?: unknown): ShellError {
  return new ShellError(
    'not_a_hub',
    'Something else answers at this address, not a hub. Check the address and the port.',
    { cause },
  )
}
