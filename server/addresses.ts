import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** Home, office and link-local networks: what the internet does not route. */
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

function createBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', length] = network.split('/')
    list.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Without a zone, and IPv4 as such also when it came by way of IPv6. */
export function normalizeAddress(address: string): string {
  const plain = address.split('%', 1)[0] ?? ''
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain.toLowerCase()
}

export function isPrivate(address: string): boolean {
  return isInBlockList(privateBlockList, address)
}

/** An address of this computer itself, or the name of one. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || isInBlockList(loopbackBlockList, host)
}

function isInBlockList(list: BlockList, address: string): boolean {
  const plain = normalizeAddress(address)
  if (isIPv4(plain)) return list.check(plain, 'ipv4')
  return isIPv6(plain) && list.check(plain, 'ipv6')
}

/** Made by programs for themselves: others seldom come in by these, so they are named last. */
const virtualInterfacePattern =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vethernet|lxc|lxdbr|podman|cni|flannel|utun|tun|tap|wg|zt)/i

/**
 * The addresses under which others can come in: of the interfaces with these names, or the private ones of all. The most
 * promising first.
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
      // means something only together with an interface of the caller's
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

/** 4 or 16 bytes. */
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

/** As it stands in an address bar. */
export function bracketIpv6(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
