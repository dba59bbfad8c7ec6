import { hostname, networkInterfaces } from 'node:os'
import type { FastifyRequest } from 'fastify'

/**
 * The names this hub answers to. A page of another name that points at our address (DNS rebinding) is refused before
 * anything is looked at.
 */
export function allowedHosts(host: string): (name: string) => boolean {
  const fixed = new Set(['localhost', '127.0.0.1', '[::1]', bracketed(host)])
  const everywhere = host === '0.0.0.0' || host === '::'
  return (name) => {
    if (fixed.has(name) || /^127(\.\d{1,3}){3}$/.test(name)) return true
    return everywhere && ownNames().has(name)
  }
}

/** Read anew each time: a laptop's addresses change. */
function ownNames(): Set<string> {
  const names = new Set<string>()
  const own = hostname().toLowerCase()
  names.add(own)
  names.add(`${own}.local`)
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address } of addresses ?? []) names.add(bracketed(address))
  }
  return names
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host.toLowerCase()
}

/** The name in a Host header, without the port; empty when it is not one. */
export function hostName(header: string | undefined): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:@/\\?#\s]+)(?::\d{1,5})?$/.exec(header ?? '')
  return match?.[1]?.toLowerCase() ?? ''
}

/** What the caller has in the address bar: the scheme of this door and the Host that was allowed. */
export function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.headers.host ?? ''}`
}

/** Whether the browser says that a page of ours sent this. Both signs missing: no browser of ours did. */
export function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { origin } = request.headers
  if (origin !== undefined) return origin === originOf(request)
  return site === 'same-origin'
}
