import { hostname, networkInterfaces } from 'node:os'
import {
  bracketIpv6,
  closedAddresses,
  type ClosedAddress,
  isNeighbour,
  type Interfaces,
  isLoopback,
  networkMatcher,
  reachableAddresses,
  normalizeAddress,
} from '../addresses.ts'

export interface AllowedHostsOptions {
  /** The address to listen on; `0.0.0.0` and `::` mean all addresses, public ones too. */
  host: string
  /** Home and office networks instead of `host`: all of this computer's, or those of the listed interfaces. */
  lan?: true | { readonly interfaces: readonly string[] } | undefined
  /** `https://chat.example.com`: the public address of the hub, for example of a proxy. */
  publicUrl?: URL | undefined
  /** Networks of proxies on other computers: see trusted-proxies.ts. */
  trustedProxies?: readonly string[] | undefined
  /** Names that a provided certificate is for. */
  isCertificateName?: ((name: string) => boolean) | undefined
  /** The name of the hub itself: see hubHostName. */
  ownName?: string | undefined
  /** Tests provide their own network. */
  network?: Network | undefined
}

/** Network properties that the operating system reports. */
export interface Network {
  interfaces: () => Interfaces
  hostname: () => string
}

const systemNetwork: Network = { interfaces: networkInterfaces, hostname }
const loopbackNames = ['localhost', '127.0.0.1', '::1'] as const
/** An unknown name triggers a refresh, but not each time: any client can send it. */
const refreshCooldownMs = 1_000

/** The names and addresses of a hub. They change: a laptop moves between networks. */
export class AllowedHosts {
  readonly publicUrl: URL | undefined
  /** Whether a proxy at this address is believed when it reports the address of its client. */
  readonly isTrustedProxy: (address: string) => boolean
  /** False: only this computer can connect. */
  readonly acceptsRemote: boolean
  /** Addresses to listen on; the first that works is used. */
  readonly hosts: readonly string[]
  readonly #host: string
  readonly #lan: AllowedHostsOptions['lan']
  readonly #network: Network
  readonly #isCertificateName: (name: string) => boolean
  readonly #ownNames: readonly string[]
  #addresses: readonly string[] = []
  #names: readonly string[] = []
  #allowedNames = new Set<string>()
  #refreshedAt = 0

  constructor({
    host,
    lan,
    publicUrl,
    trustedProxies = [],
    isCertificateName: isAlsoCalled,
    ownName,
    network = systemNetwork,
  }: AllowedHostsOptions) {
    this.#isCertificateName = isAlsoCalled ?? (() => false)
    this.#ownNames = ownName === undefined ? [] : [ownName]
    this.publicUrl = publicUrl
    const isListed = networkMatcher(trustedProxies)
    this.isTrustedProxy = (address) => publicUrl !== undefined && (isLoopback(address) || isListed(address))
    this.acceptsRemote = lan !== undefined || !isLoopback(host)
    this.hosts = lan === undefined ? [host] : ['::', '0.0.0.0']
    this.#host = host.toLowerCase()
    this.#lan = lan
    this.#network = network
    this.refresh()
  }

  /** Addresses that other computers can use, the most promising first. */
  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** Other computers can connect now: not with `--lan` on a computer without a network. */
  get isReachable(): boolean {
    return this.acceptsRemote && (this.#lan === undefined || this.#addresses.length > 0)
  }

  /** Addresses of this computer that `--lan` leaves closed. */
  get closed(): readonly ClosedAddress[] {
    return this.#lan === true ? closedAddresses(this.#network.interfaces()) : []
  }

  /**
   * Returns true if a refused client may learn where the hub listens: it is on the same network, where it
   * could see that anyway. Others learn nothing.
   */
  mayExplainTo(localAddress: string | undefined, remoteAddress: string | undefined): boolean {
    return isNeighbour(this.#network.interfaces(), localAddress ?? '', remoteAddress ?? '')
  }

  /** Those of the named interfaces that this computer does not have now. */
  get missingInterfaces(): readonly string[] {
    const lan = this.#lan
    if (lan === undefined || lan === true) return []
    const present = this.#network.interfaces()
    return lan.interfaces.filter((name) => !Object.hasOwn(present, name))
  }

  /** Host names that other computers can use; the last one is that of the hub itself. */
  get names(): readonly string[] {
    return this.#names
  }

  /** Names of the certificate that the hub issues itself. */
  get certificateNames(): string[] {
    const outside = this.publicUrl?.hostname.replace(/^\[|\]$/g, '')
    return [...new Set([...loopbackNames, ...this.#names, ...this.#addresses, ...(outside ? [outside] : [])])]
  }

  /** Reads names and addresses again. Returns true if they changed. */
  refresh(): boolean {
    this.#refreshedAt = performance.now()
    const before = JSON.stringify([this.#addresses, this.#names])
    this.#addresses = this.#readAddresses()
    this.#names = this.acceptsRemote
      ? [...new Set([...hostNamesOf(this.#network.hostname(), this.#host), ...this.#ownNames])]
      : []
    this.#allowedNames = new Set(this.certificateNames.map((name) => bracketIpv6(name)))
    return JSON.stringify([this.#addresses, this.#names]) !== before
  }

  /**
   * Returns true if this is a name of the hub, as in a Host header. A page of another name that points at our
   * address (DNS rebinding) is refused.
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

  /** Returns true if connections to this local address are accepted: a single socket listens on all of them. */
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

/** Returns the names that DNS and mDNS may use for this computer. */
function hostNamesOf(own: string, host: string): string[] {
  const name = own.toLowerCase().replace(/\.$/, '')
  const short = name.split('.', 1)[0] ?? ''
  const names = [name, short, `${short}.local`, ...(isAddress(host) ? [] : [host])]
  return [...new Set(names)].filter(
    (one) => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(one) && !isLoopback(one),
  )
}
