/** Kind of an IP address, derived from its digits alone. */
export type AddressKind = 'loopback' | 'private' | 'link-local' | 'shared' | 'public' | 'other'

/** `shared` is 100.64.0.0/10, used by carriers and mesh VPNs. `other` is multicast, broadcast or not an address. */
export function addressKind(address: string): AddressKind {
  const plain = address.toLowerCase().replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)
  if (mapped?.[1]) return addressKind(mapped[1])
  const parts = plain.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256))
  if (parts.length === 4 && parts.every((part) => part <= 255)) return ipv4Kind(parts)
  return plain.includes(':') && /^[0-9a-f:]{2,39}$/.test(plain) ? ipv6Kind(plain) : 'other'
}

function ipv4Kind([a = 0, b = 0]: number[]): AddressKind {
  if (a === 127) return 'loopback'
  if (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)) return 'private'
  if (a === 169 && b === 254) return 'link-local'
  if (a === 100 && b >= 64 && b <= 127) return 'shared'
  return a === 0 || a >= 224 ? 'other' : 'public'
}

function ipv6Kind(address: string): AddressKind {
  if (address === '::1') return 'loopback'
  if (/^f[cd]/.test(address)) return 'private'
  if (/^fe[89ab]/.test(address)) return 'link-local'
  return /^[23]/.test(address) ? 'public' : 'other'
}

/** Returns `address:port`, with an IPv6 address in brackets. */
export function hostAndPort(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}
