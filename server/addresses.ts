import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** Home, office and link-local networks, which the internet does not route. */
export const privateNetworks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
] as const

const privateBlockList = createBlockList(privateNetworks)
const loopbackBlockList = createBlockList(['127.0.0.0/8', '::1/128'])

/** @param networks such as `10.0.0.0/8`; without a length the address alone. @throws Error for anything else */
function createBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', length] = network.split('/')
    const longest = isIPv6(address) ? 128 : 32
    list.addSubnet(
      address,
      length === undefined ? longest : Number(length),
      longest === 128 ? 'ipv6' : 'ipv4',
    )
  }
  return list
}

/** Returns a test for addresses of these networks. @throws Error for a text that is not a network */
export function networkMatcher(networks: readonly string[]): (address: string) => boolean {
  const list = createBlockList(networks)
  return (address) => isInBlockList(list, address)
}

/** Returns the address without a zone, and an IPv4-mapped IPv6 address as IPv4. */
export function normalizeAddress(address: string): string {
  const plain = address.split('%', 1)[0] ?? ''
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain.toLowerCase()
}

/**
 * Returns the network of an address, because a household shares one: IPv6 by /64, and IPv4 also when written as an IPv6 address.
 */
export function networkPrefix(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  const plain = address.split('%')[0] ?? ''
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - front.length - back.length
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/**
 * Names a client in limits that only keep the hub available. The computers of a private network share a /64: none of them may
 * use up the limit of all.
 */
export function clientKey(address: string): string {
  return isPrivate(address) ? normalizeAddress(address) : networkPrefix(address)
}

export function isPrivate(address: string): boolean {
  return isInBlockList(privateBlockList, address)
}

/** Returns true for an address or name of this computer itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || isInBlockList(loopbackBlockList, host)
}

function isInBlockList(list: BlockList, address: string): boolean {
  const plain = normalizeAddress(address)
  if (isIPv4(plain)) return list.check(plain, 'ipv4')
  return isIPv6(plain) && list.check(plain, 'ipv6')
}

/** Interfaces that programs create. Other computers seldom connect through these, so they are listed last. */
const virtualInterfacePattern =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vethernet|lxc|lxdbr|podman|cni|flannel|utun|tun|tap|wg|zt)/i

/**
 * Returns the addresses that other computers can use: those of the named interfaces, or the private addresses of
 * all. The most promising first.
 */
export function reachableAddresses(
  interfaces: Interfaces,
  only?: readonly string[],
  alsoPublic = false,
): string[] {
  const found: { address: string; rank: number }[] = []
  for (const [name, addresses] of Object.entries(interfaces)) {
    if (only && !only.includes(name)) continue
    for (const { address, internal } of addresses ?? []) {
      const plain = normalizeAddress(address)
      // valid only together with an interface of the caller
      if (internal || plain.startsWith('fe80:')) continue
      if (!only && !alsoPublic && !isPrivate(plain)) continue
      const rank =
        (virtualInterfacePattern.test(name) ? 4 : 0) +
        (plain.startsWith('169.254.') ? 2 : 0) +
        (isIPv6(plain) ? 1 : 0)
      found.push({ address: plain, rank })
    }
  }
  const sorted = found.sort((a, b) => a.rank - b.rank).map(({ address }) => address)
  return [...new Set(sorted)]
}

/** An address of this computer outside the private networks, which `--lan` does not open. */
export interface ClosedAddress {
  address: string
  /** The name of its interface. */
  network: string
}

/**
 * Returns the addresses that stay closed with `--lan` on networks where no private address is open. A home network has
 * public IPv6 addresses in addition to private ones; these need no warning.
 */
export function closedAddresses(interfaces: Interfaces): ClosedAddress[] {
  return Object.entries(interfaces).flatMap(([network, entries = []]) => {
    const own = entries.filter(({ internal }) => !internal).map(({ address }) => normalizeAddress(address))
    const usable = own.filter((address) => !address.startsWith('fe80:'))
    if (usable.some(isPrivate)) return []
    return usable.map((address) => ({ address, network }))
  })
}

/** Returns true if both addresses are in one network of this computer: no router is between them. */
export function isNeighbour(interfaces: Interfaces, local: string, remote: string): boolean {
  const [own, other] = [normalizeAddress(local), normalizeAddress(remote)]
  const family = isIPv6(own) ? 'ipv6' : 'ipv4'
  if (isIPv6(own) !== isIPv6(other)) return false
  return Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .some(({ address, cidr, internal }) => {
      if (internal || normalizeAddress(address) !== own || !cidr) return false
      const list = new BlockList()
      list.addSubnet(own, Number(cidr.split('/')[1]), family)
      return list.check(other, family)
    })
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text = ''): string[] => (text === '' ? [] : text.split(':'))
  const front = groups(head)
  const back = groups(tail)
  const middle = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  const all = tail === undefined ? front : [...front, ...middle, ...back]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** Returns the host as it appears in an address bar. */
export function bracketIpv6(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
