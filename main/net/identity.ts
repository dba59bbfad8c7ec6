// First contact: identifies the hub at an address by its certificates. Only the handshake is sent.
import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import tls from 'node:tls'
import { ShellError } from '../shell-error.ts'
import type { Address } from './address.ts'

/** `public`: every browser trusts the certificate under this name. Otherwise the hub's own CA issued it. */
export type PresentedIdentity =
  | { trust: 'public' }
  | {
      trust: 'pinned'
      /** base64url SHA-256 of that CA's key. */
      fingerprint: string
      /** That CA as PEM: the only root that later connections trust. */
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
 * Identifies the hub by its own key only. A hub may present a provided certificate for its name; without a server name
 * it presents the issued one.
 * @throws ShellError `unreachable` or `not_a_hub`
 */
export function probeCertificate(address: Address): Promise<PresentedIdentity & { trust: 'pinned' }> {
  return withHandshake(address, '', (socket) => ({
    trust: 'pinned',
    ...identityOf(certificateChain(socket)),
  }))
}

/** Performs a handshake and nothing more. */
async function withHandshake<T>(
  { host, port }: Address,
  servername: string,
  read: (socket: tls.TLSSocket) => T,
): Promise<T> {
  const socket = tls.connect({
    host,
    port,
    servername,
    // inspected, not trusted: no data is sent
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

/** Returns the chain from the leaf to the self-signed certificate. */
function certificateChain(socket: tls.TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.raw && chain.length < 8) {
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}

/**
 * Returns the identity of the last certificate, if each one is signed by the next. A CA that is merely sent along
 * proves nothing.
 */
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

/** Returns true if nothing accepted the connection. */
export function isNetworkError(error: unknown): boolean {
  return networkErrors.has(String((error as { code?: unknown } | null)?.code))
}

function unreachableError(cause?: unknown): ShellError {
  return new ShellError(
    'unreachable',
    'Nothing responds at this address. Check that the hub is running, and that both computers are on the same network.',
    { cause },
  )
}

function notAHubError(cause?: unknown): ShellError {
  return new ShellError(
    'not_a_hub',
    'Something else responds at this address, not a hub. Check the address and the port.',
    { cause },
  )
}
