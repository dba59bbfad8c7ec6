import { statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import type { Identity } from '../identity.ts'
import { sentenceFor } from '../start-error.ts'
import { type CertificateFiles, type GivenCertificate, readGiven } from '../tls/given.ts'
import { type Credentials, OwnCertificates } from '../tls/own.ts'
import { type SharedPort, shareWithTls } from '../tls/port.ts'
import { bracketed, isLoopback } from './addresses.ts'
import { type Network, Reach } from './reach.ts'

/** Others find the hub at its new addresses within this, whoever notices the change. */
const lookEvery = 30_000
const warnBefore = 7 * 24 * 60 * 60 * 1000

export interface DoorOptions {
  dataDir: string
  host: string
  lan?: true | { readonly interfaces: readonly string[] }
  publicUrl?: URL
  tls?: CertificateFiles
  allowPlainHttp: boolean
  network?: Network
  onAddresses?: (reachable: Reachable) => void
}

/** Who can reach the hub where: for people, links and announcements. */
export interface Reachable {
  hubId: string
  /** The identity for comparing by eye and reading aloud. */
  words: readonly string[]
  port: number
  /** `192.168.1.5:7788`, the most promising first. Empty: nobody but this computer. */
  addresses: readonly string[]
  /** `fig-tree.local:7788`. */
  names: readonly string[]
  /** Name and publicly trusted certificate from outside: `https://chat.example.com`. */
  outside?: string
  /** Other computers are served without TLS too. */
  insecure: boolean
}

/** The way into a hub: its names and addresses, its certificates, and the port that they are for. */
export class Door {
  readonly reach: Reach
  readonly allowPlainHttp: boolean
  readonly #identity: Identity
  readonly #own: OwnCertificates
  readonly #options: DoorOptions
  readonly #clock: () => number
  readonly #log: FastifyBaseLogger
  #credentials: Credentials
  #given: GivenCertificate | undefined
  #givenState = ''
  #warnedAt = 0
  #shared: SharedPort | undefined
  #port = 0
  #timer: ReturnType<typeof setInterval> | undefined

  /** @throws StartError */
  constructor(
    identity: Identity,
    options: DoorOptions,
    { clock, log }: { clock: () => number; log: FastifyBaseLogger },
  ) {
    this.#identity = identity
    this.#options = options
    this.#clock = clock
    this.#log = log
    this.allowPlainHttp = options.allowPlainHttp
    if (options.tls) {
      this.#givenState = stateOf(options.tls)
      this.#given = readGiven(options.tls, clock())
    }
    this.reach = new Reach({ ...options, isAlsoCalled: (name) => this.#given?.isFor(name) === true })
    this.#own = new OwnCertificates(options.dataDir, identity, clock)
    this.#credentials = this.#own.for(this.reach.certified)
  }

  /** Makes a server take TLS beside plain HTTP. */
  openOn(server: Server): void {
    this.#shared = shareWithTls(server, {
      credentials: this.#credentials,
      // whoever asks for no name (the app, pinned) or for another one gets the hub's own certificate
      contextFor: (name) => (this.#given?.isFor(name) ? this.#given.context : undefined),
      admits: ({ localAddress }) => this.reach.admits(localAddress),
    })
  }

  listensOn(port: number): void {
    this.#port = port
    this.#timer = setInterval(() => this.look(), lookEvery)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#shared?.close()
  }

  get reachable(): Reachable {
    const outside = this.outside
    return {
      hubId: this.#identity.hubId,
      words: fingerprintWords(this.#identity.hubId),
      port: this.#port,
      addresses: this.reach.addresses.map((address) => `${bracketed(address)}:${this.#port}`),
      names: this.reach.names.map((name) => `${name}:${this.#port}`),
      ...(outside === undefined ? {} : { outside }),
      insecure: this.insecure,
    }
  }

  /** Other computers are served without TLS too. */
  get insecure(): boolean {
    return this.allowPlainHttp && this.reach.isOpen
  }

  /** Where browsers and apps come in without being told whom to trust. */
  get outside(): string | undefined {
    const { publicUrl } = this.#options
    if (publicUrl) return publicUrl.origin
    if (!this.#given?.isPublic) return undefined
    const name = this.#given.names.find((one) => !one.includes('*'))
    return name === undefined ? undefined : `https://${name}${this.#port === 443 ? '' : `:${this.#port}`}`
  }

  /** Whether browsers that came by this name may be told to use nothing but TLS for it. */
  isPublicName(name: string): boolean {
    return this.#given?.isPublic === true && this.#given.isFor(name)
  }

  /** Where a link leads that somebody makes for others who came by `origin` themselves. */
  linkOrigin(origin: string): string {
    if (this.outside !== undefined) return this.outside
    const [address] = this.reach.addresses
    const isLocal = isLoopback(new URL(origin).hostname.replace(/^\[|\]$/g, ''))
    if (!this.reach.isOpen || address === undefined) return origin
    return isLocal ? `https://${bracketed(address)}:${this.#port}` : origin.replace(/^http:/, 'https:')
  }

  /** The certificate of the CA for people who install it. */
  get installable(): string {
    return this.#own.installable(this.reach.certified)
  }

  /** Reads names, addresses and files anew, and renews what is due. Open connections stay. */
  look(): void {
    try {
      const moved = this.reach.look()
      this.#renew()
      this.#readGivenAnew()
      if (moved) {
        this.#log.info({ addresses: this.reach.addresses }, 'the addresses of this computer changed')
        this.#options.onAddresses?.(this.reachable)
      }
    } catch (error) {
      this.#log.error({ err: error }, 'the hub could not look after its addresses and certificates')
    }
  }

  #renew(): void {
    const credentials = this.#own.for(this.reach.certified)
    if (credentials.cert === this.#credentials.cert) return
    this.#credentials = credentials
    this.#shared?.setCredentials(credentials)
    this.#log.info('a new certificate was made')
  }

  /** A new one that is no good changes nothing: the old one stays in use, and the log says why. */
  #readGivenAnew(): void {
    const { tls } = this.#options
    if (!tls) return
    this.#warnInTime(tls.cert)
    const state = stateOf(tls)
    if (state === this.#givenState) return
    this.#givenState = state
    try {
      this.#given = readGiven(tls, this.#clock())
      this.#log.info({ file: tls.cert }, 'the certificate was read anew')
    } catch (error) {
      this.#log.error(sentenceFor(error, this.#options.dataDir) ?? String(error))
    }
  }

  #warnInTime(file: string): void {
    const now = this.#clock()
    const left = (this.#given?.validTo ?? 0) - now
    if (left > warnBefore || now - this.#warnedAt < 24 * 60 * 60 * 1000) return
    this.#warnedAt = now
    this.#log.warn({ file, days: Math.floor(left / 86_400_000) }, 'the certificate expires soon: renew it')
  }
}

/** Changes when one of the files does; links to files are followed. */
function stateOf({ cert, key }: CertificateFiles): string {
  return [cert, key]
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : ''
    })
    .join()
}
