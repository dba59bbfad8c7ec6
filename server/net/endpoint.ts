import { statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { hubHostName } from '../../shared/text/hub-name.ts'
import type { Identity } from '../identity.ts'
import { sentenceFor } from '../start-error.ts'
import { type CertificateFiles, type ProvidedCertificate, readProvidedCertificate } from '../tls/provided.ts'
import { type Credentials, IssuedCertificates } from '../tls/issued.ts'
import { type SharedPort, shareWithTls } from '../tls/shared-port.ts'
import { bracketIpv6, type ClosedAddress, isLoopback } from '../addresses.ts'
import { AddressConnections } from './address-connections.ts'
import { type Network, AllowedHosts } from './allowed-hosts.ts'

const expiryWarningMs = 7 * 24 * 60 * 60 * 1000

export interface EndpointOptions {
  dataDir: string
  host: string
  lan?: true | { readonly interfaces: readonly string[] }
  publicUrl?: URL
  trustedProxies?: readonly string[] | undefined
  tls?: CertificateFiles
  allowPlainHttp: boolean
  network?: Network
  onAddresses?: (reachable: ReachableAddresses) => void
  /** Returns the command that starts this hub with another way of listening, such as `--lan`. */
  commandFor?: ((option: readonly string[]) => string) | undefined
}

/** The addresses of the hub and who can reach them: for users, links and announcements. */
export interface ReachableAddresses {
  hubId: string
  /** The fingerprint, for comparing by eye and reading aloud. */
  fingerprintWords: readonly string[]
  port: number
  /** `192.168.1.5:7788`, the most promising first. Empty: only this computer can connect. */
  addresses: readonly string[]
  /** `fig-tree.local:7788`. */
  names: readonly string[]
  /** Name and publicly trusted certificate from outside: `https://chat.example.com`. */
  outside?: string
  /** Other computers are served without TLS too. */
  acceptsPlainHttp: boolean
  /** Addresses of this computer outside the private networks, which stay closed. */
  closed: readonly ClosedAddress[]
}

/** The endpoint of a hub: its names and addresses, its certificates, and its port. */
export class Endpoint {
  readonly allowedHosts: AllowedHosts
  readonly allowPlainHttp: boolean
  readonly #identity: Identity
  readonly #issuedCertificates: IssuedCertificates
  readonly #options: EndpointOptions
  readonly #clock: () => number
  readonly #log: FastifyBaseLogger
  #credentials: Credentials
  #providedCertificate: ProvidedCertificate | undefined
  #providedState = ''
  #warnedAt = 0
  #sharedPort: SharedPort | undefined
  #port = 0

  /** @throws StartError */
  constructor(
    identity: Identity,
    options: EndpointOptions,
    { clock, log }: { clock: () => number; log: FastifyBaseLogger },
  ) {
    this.#identity = identity
    this.#options = options
    this.#clock = clock
    this.#log = log
    this.allowPlainHttp = options.allowPlainHttp
    if (options.tls) {
      this.#providedState = certificateFileState(options.tls)
      this.#providedCertificate = readProvidedCertificate(options.tls, clock())
    }
    this.allowedHosts = new AllowedHosts({
      ...options,
      ownName: hubHostName(identity.hubId),
      isCertificateName: (name) => this.#providedCertificate?.matchesName(name) === true,
    })
    const { missingInterfaces } = this.allowedHosts
    if (missingInterfaces.length > 0)
      log.warn(
        { interfaces: missingInterfaces },
        'this computer has no network interface of this name: others can connect once it is there',
      )
    this.#issuedCertificates = new IssuedCertificates(options.dataDir, identity, clock)
    this.#credentials = this.#issuedCertificates.issueFor(this.allowedHosts.certificateNames)
  }

  /** Makes a server accept TLS in addition to plain HTTP. */
  attachTo(server: Server): void {
    const connections = new AddressConnections(this.allowedHosts.isTrustedProxy)
    this.#sharedPort = shareWithTls(server, {
      credentials: this.#credentials,
      // a client that sends no name (the app, pinned) or another name gets the certificate that the hub issued
      // itself
      contextFor: (name) =>
        this.#providedCertificate?.matchesName(name) ? this.#providedCertificate.context : undefined,
      accepts: (socket) =>
        this.allowedHosts.acceptsLocalAddress(socket.localAddress) && connections.accepts(socket),
      refusalFor: ({ localAddress, remoteAddress }) =>
        this.allowedHosts.mayExplainTo(localAddress, remoteAddress) ? this.#refusal() : undefined,
    })
  }

  startOnPort(port: number): void {
    this.#port = port
  }

  close(): void {
    this.#sharedPort?.close()
  }

  get reachable(): ReachableAddresses {
    const outside = this.publicOrigin
    return {
      hubId: this.#identity.hubId,
      fingerprintWords: fingerprintWords(this.#identity.hubId),
      port: this.#port,
      addresses: this.allowedHosts.addresses.map((address) => `${bracketIpv6(address)}:${this.#port}`),
      names: this.allowedHosts.names.map((name) => `${name}:${this.#port}`),
      ...(outside === undefined ? {} : { outside }),
      acceptsPlainHttp: this.acceptsPlainHttp,
      closed: this.allowedHosts.closed,
    }
  }

  /** Returns the command that opens this hub to the network, or to one interface. Undefined in the app, which has a switch. */
  openCommand(network?: string): string | undefined {
    return this.#options.commandFor?.(network === undefined ? ['--lan'] : ['--interfaces', network])
  }

  /** Other computers are served without TLS too. */
  get acceptsPlainHttp(): boolean {
    return this.allowPlainHttp && this.allowedHosts.acceptsRemote
  }

  /** The origin whose certificate browsers and apps trust already. */
  get publicOrigin(): string | undefined {
    const { publicUrl } = this.#options
    if (publicUrl) return publicUrl.origin
    if (!this.#providedCertificate?.isPublic) return undefined
    const name = this.#providedCertificate.names.find((one) => !one.includes('*'))
    return name === undefined ? undefined : `https://${name}${this.#port === 443 ? '' : `:${this.#port}`}`
  }

  /** Returns true if browsers that use this name may get the instruction to use only TLS for it. */
  isPublicName(name: string): boolean {
    return this.#providedCertificate?.isPublic === true && this.#providedCertificate.matchesName(name)
  }

  /** Returns the origin of a link that a user makes for others, if the user connected by `origin`. */
  linkOrigin(origin: string): string {
    if (this.publicOrigin !== undefined) return this.publicOrigin
    const [address] = this.allowedHosts.addresses
    const isLocal = isLoopback(new URL(origin).hostname.replace(/^\[|\]$/g, ''))
    if (!this.allowedHosts.acceptsRemote || address === undefined) return origin
    return isLocal ? `https://${bracketIpv6(address)}:${this.#port}` : origin.replace(/^http:/, 'https:')
  }

  /**
   * Returns the origin of an invite for browsers. Without a certificate that they trust it begins without encryption, at
   * the page that explains their warning; the code is behind the #, which no browser sends.
   */
  inviteOrigin(origin: string): string {
    const link = this.linkOrigin(origin)
    const isExplained =
      this.publicOrigin === undefined && this.allowedHosts.acceptsRemote && !this.allowPlainHttp
    return isExplained && !isLoopback(new URL(link).hostname.replace(/^\[|\]$/g, ''))
      ? link.replace(/^https:/, 'http:')
      : link
  }

  /**
   * Returns the response for a client that uses a closed address. It reveals neither the name nor the key of the hub.
   */
  #refusal(): string {
    const [address] = this.allowedHosts.addresses
    const instead =
      address === undefined ? '' : ` Use http://${bracketIpv6(address)}:${this.#port} if you can reach it.`
    return `Other computers cannot use this address, because it is not a private address of this network.${instead}\n`
  }

  /** The CA certificate for users who install it. */
  get caCertificate(): string {
    return this.#issuedCertificates.installableCa(this.allowedHosts.certificateNames)
  }

  /** Reads names, addresses and files again, and renews what is due. Open connections stay. */
  refresh(): void {
    try {
      const moved = this.allowedHosts.refresh()
      this.#renew()
      this.#reloadProvided()
      if (moved) {
        this.#log.info({ addresses: this.allowedHosts.addresses }, 'the addresses of this computer changed')
        this.#options.onAddresses?.(this.reachable)
      }
    } catch (error) {
      this.#log.error({ err: error }, 'the hub could not update its addresses and certificates')
    }
  }

  #renew(): void {
    const credentials = this.#issuedCertificates.issueFor(this.allowedHosts.certificateNames)
    if (credentials.cert === this.#credentials.cert) return
    this.#credentials = credentials
    this.#sharedPort?.setCredentials(credentials)
    this.#log.info('a new certificate was issued')
  }

  /** An invalid new certificate changes nothing: the old certificate stays in use, and the log says why. */
  #reloadProvided(): void {
    const { tls } = this.#options
    if (!tls) return
    this.#warnBeforeExpiry(tls.cert)
    const state = certificateFileState(tls)
    if (state === this.#providedState) return
    this.#providedState = state
    try {
      this.#providedCertificate = readProvidedCertificate(tls, this.#clock())
      this.#log.info({ file: tls.cert }, 'the certificate was reloaded')
    } catch (error) {
      this.#log.error(sentenceFor(error, this.#options.dataDir) ?? String(error))
    }
  }

  #warnBeforeExpiry(file: string): void {
    const now = this.#clock()
    const left = (this.#providedCertificate?.validTo ?? 0) - now
    if (left > expiryWarningMs || now - this.#warnedAt < 24 * 60 * 60 * 1000) return
    this.#warnedAt = now
    this.#log.warn({ file, days: Math.floor(left / 86_400_000) }, 'the certificate expires soon: renew it')
  }
}

/** Changes if one of the files changes. Symbolic links are followed. */
function certificateFileState({ cert, key }: CertificateFiles): string {
  return [cert, key]
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : ''
    })
    .join()
}
