import type { FastifyRequest } from 'fastify'
import { isLoopback } from '../addresses.ts'
import type { AllowedHosts } from '../net/allowed-hosts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The address of the client; `request.ip` is undefined once it has gone. */
    clientAddress: string
    /** The origin in the caller's address bar: scheme, host and port. */
    hubOrigin: string
  }
}

/** Returns the name in a Host header, without the port; empty if it is not a valid name. */
export function parseHostName(header: string | undefined): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:@/\\?#\s]+)(?::\d{1,5})?$/.exec(header ?? '')
  return match?.[1]?.toLowerCase() ?? ''
}

/**
 * Returns scheme, host and port as the caller used them; undefined for a name that is not the hub's. A request for
 * the public name came through a proxy, which has terminated TLS, or directly by TLS.
 */
export function allowedOrigin(
  allowedHosts: AllowedHosts,
  host: string | undefined,
  encrypted: boolean,
): string | undefined {
  const { publicUrl } = allowedHosts
  if (publicUrl && host !== undefined && isHostOf(publicUrl, host.toLowerCase())) return publicUrl.origin
  if (!allowedHosts.isAllowed(parseHostName(host))) return undefined
  return `${encrypted ? 'https' : 'http'}://${host}`
}

function isHostOf({ host, hostname, protocol }: URL, given: string): boolean {
  return given === host || given === `${hostname}:${protocol === 'https:' ? 443 : 80}`
}

export function requestOrigin(request: FastifyRequest): string {
  return request.hubOrigin
}

/** Returns true if the caller's browser uses HTTPS, with the hub or with the proxy in front of it. */
export function isSecure(request: FastifyRequest): boolean {
  return request.hubOrigin.startsWith('https:')
}

export function isEncrypted(request: FastifyRequest): boolean {
  // a request whose body was cut off has no connection any more
  return (request.raw.socket as { encrypted?: boolean } | null)?.encrypted === true
}

/**
 * Returns true if the browser says that a page of this hub sent the request. If both headers are missing, no such
 * browser sent it.
 */
export function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { origin } = request.headers
  if (origin !== undefined) return origin === requestOrigin(request)
  return site === 'same-origin'
}

/** Returns true if the request came from this computer, or from a proxy on it. */
export function isLoopbackRequest(request: FastifyRequest): boolean {
  return isLoopback(request.raw.socket.remoteAddress ?? '')
}
