import { hostname, networkInterfaces } from 'node:os'
import {
  bracketIpv6,
  type Interfaces,
  isLoopback,
  reachableAddresses,
  normalizeAddress,
} from '../addresses.ts'

export interface AllowedHostsOptions {
  /** The address that is listened on; `0.0.0.0` and `::` are all of them, public ones too. */
  host: string
  /** Home and office networks instead of `host`: all of this computer's, or those of the listed interfaces. */
  lan?: true | { readonly interfaces: readonly string[] } | undefined
  /** `https://chat.example.com`: what the hub is called outside, by way of a proxy for example. */
  publicUrl?: URL | undefined
  /** Names that a certificate from elsewhere is for. */
  isCertificateName?: ((name: string) => boolean) | undefined
  /** Tests have a network of their own. */
  network?: Network | undefined
}

/** What the computer says of itself. */
export interface Network {
  interfaces: () => Interfaces
  hostname: () => string
}

const systemNetwork: Network = { interfaces: networkInterfaces, hostname }
const loopbackNames = ['localhost', '127.0.0.1', '::1'] as const
/** An unknown name asks for a new look, but not each time: it may be anybody's. */
const refreshCooldownMs = 1_000

/** Where a hub can be reached, by which names and addresses. They change: a laptop is carried about. */
export class AllowedHosts {
  readonly publicUrl: URL | undefined
  /** False: nobody but this computer. */
  readonly acceptsRemote: boolean
  /** What the operating system is told to listen on, the first that works. */
  readonly hosts: readonly string[]
  readonly #host: string
  readonly #lan: AllowedHostsOptions['lan']
  readonly #network: Network
  readonly #isCertificateName: (name: string) => boolean
  #addresses: readonly string[] = []
  #names: readonly string[] = []
  #allowedNames = new Set<string>()
  #refreshedAt = 0

  constructor({
    host,
    lan,
    publicUrl,
    isCertificateName: isAlsoCalled,
    network = systemNetwork,
  }: AllowedHostsOptions) {
    this.#isCertificateName = isAlsoCalled ?? (() => false)
    this.publicUrl = publicUrl
    this.acceptsRemote = lan !== undefined || !isLoopback(host)
    this.hosts = lan === undefined ? [host] : ['::', '0.0.0.0']
    this.#host = host.toLowerCase()
    this.#lan = lan
    this.#network = network
    this.refresh()
  }

  /** Addresses by which others come in, the most promising first. */
  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** Host names by which others come in. */
  get names(): readonly string[] {
    return this.#names
  }

  /** What the hub's own certificate is for. */
  get certificateNames(): string[] {
    const outside = this.publicUrl?.hostname.replace(/^\[|\]$/g, '')
    return [...new Set([...loopbackNames, ...this.#names, ...this.#addresses, ...(outside ? [outside] : [])])]
  }

  /** Reads names and addresses anew. True when they are others than before. */
  refresh(): boolean {
    this.#refreshedAt = performance.now()
    const before = JSON.stringify([this.#addresses, this.#names])
    this.#addresses = this.#readAddresses()
    this.#names = this.acceptsRemote ? hostNamesOf(this.#network.hostname(), this.#host) : []
    this.#allowedNames = new Set(this.certificateNames.map((name) => bracketIpv6(name)))
    return JSON.stringify([this.#addresses, this.#names]) !== before
  }

  /**
   * Whether this is a name of the hub, as it stands in a Host header. A page of another name that points at our address
   * (DNS rebinding) is refused.
   */
  isAllowed(name: string): boolean {
    if (
      this.#allowedNames.has(name) ||
      isLoopback(name) ||
      this.#isCertificateName(name.replace(/^\[|\]$/g, ''))
    )
      return true
    if (!this.acceptsRemote || performance.now() - this.#refreshedAt < refreshCooldownMs) return false
    return this.refresh() && this.#allowedNames.has(name)
  }

  /** Whether somebody who came to this address of ours is let in: one socket listens on all of them. */
  acceptsLocalAddress(localAddress: string | undefined): boolean {
    if (this.#lan === undefined) return true
    const address = normalizeAddress(localAddress ?? '')
    if (isLoopback(address) || this.#addresses.includes(address)) return true
    if (address.startsWith('fe80:')) return this.#lan === true
    this.refresh()
    return this.#addresses.includes(address)
  }

  #readAddresses(): string[] {
    if (!this.acceptsRemote) return []
    const interfaces = this.#network.interfaces()
    if (this.#lan === true) return reachableAddresses(interfaces)
    if (this.#lan) return reachableAddresses(interfaces, this.#lan.interfaces)
    const all = this.#host === '0.0.0.0' || this.#host === '::'
    const addresses = all ? reachableAddresses(interfaces, undefined, true) : [normalizeAddress(this.#host)]
    return this.#host === '0.0.0.0'
      ? addresses.filter((address) => !address.includes(':'))
      : addresses.filter(isAddress)
  }
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host)
}

/** What DNS and mDNS may call this computer. */
function hostNamesOf(own: string, host: string): string[] {
  const name = own.toLowerCase().replace(/\.$/, '')
  const short = name.split('.', 1)[0] ?? ''
  const names = [name, short, `${short}.local`, ...(isAddress(host) ? [] : [host])]
  return [...new Set(names)].filter(
    (one) => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(one) && !isLoopback(one),
  )
}
