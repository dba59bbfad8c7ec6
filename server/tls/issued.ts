import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import type { Identity } from '../identity.ts'
import { privateNetworks } from '../addresses.ts'
import { StartError } from '../start-error.ts'
import { caName, makeCaCertificate, makeLeafCertificate, type SubjectNames } from './certificate.ts'

/** The input of a TLS server, as PEM. */
export interface Credentials {
  /** The leaf, then its issuer. */
  cert: string
  key: string
}

/** Top-level names that do not exist on the internet. */
const localNames = ['localhost', 'local', 'lan', 'internal', 'home.arpa'] as const

/**
 * The certificates that the hub issues itself, stored next to its key. Only the key is irreplaceable: a certificate
 * that is missing, damaged, too old or for other names is issued again.
 */
export class IssuedCertificates {
  readonly ca: string
  readonly #directory: string
  readonly #identity: Identity
  readonly #clock: () => number
  #installable: { within: string; pem: string } | undefined

  /** @throws StartError if they cannot be written */
  constructor(dataDir: string, identity: Identity, clock: () => number) {
    this.#directory = path.join(dataDir, 'identity')
    this.#identity = identity
    this.#clock = clock
    this.ca = this.#readCa() ?? this.#makeCa()
  }

  /**
   * Returns the stored leaf if it is for exactly these names and more than a third of its lifetime is left. Otherwise
   * issues a new one.
   */
  issueFor(names: SubjectNames): Credentials {
    const { leaf, key } = this.#readLeaf(names) ?? this.#makeLeaf(names)
    return { cert: leaf + this.ca, key }
  }

  /**
   * The CA for users who install it in their system or browser. It is limited to private networks, local names and
   * the current names of the hub, so that a thief of its key cannot pose as a bank.
   */
  installableCa(names: SubjectNames): string {
    const wanted = names.map((name) => (isIP(name) === 0 ? name : `${name}/${isIP(name) === 4 ? 32 : 128}`))
    const within = [...new Set([...localNames, ...privateNetworks, '127.0.0.0/8', '::1/128', ...wanted])]
    const known = within.join()
    if (this.#installable?.within !== known) {
      const { key, hubId } = this.#identity
      this.#installable = { within: known, pem: makeCaCertificate(key, hubId, this.#clock(), within) }
    }
    return this.#installable.pem
  }

  #readCa(): string | undefined {
    const pem = this.#read('ca.pem')
    const ca = parseCertificate(pem)
    const isOurs =
      ca?.ca === true &&
      ca.subject.split('\n').includes(`CN=${caName(this.#identity.hubId)}`) &&
      ca.verify(createPublicKey(this.#identity.key)) &&
      Date.parse(ca.validTo) > this.#clock()
    return isOurs ? pem : undefined
  }

  #makeCa(): string {
    const pem = makeCaCertificate(this.#identity.key, this.#identity.hubId, this.#clock())
    this.#write('ca.pem', pem)
    return pem
  }

  #readLeaf(names: SubjectNames): { leaf: string; key: string } | undefined {
    const pem = this.#read('leaf.pem')
    const at = pem.indexOf('-----BEGIN CERTIFICATE-----')
    const [key, leaf] = [pem.slice(0, Math.max(0, at)), pem.slice(Math.max(0, at))]
    const certificate = parseCertificate(leaf)
    const isFine =
      certificate !== undefined &&
      certificate.verify(createPublicKey(this.#identity.key)) &&
      isFresh(certificate, this.#clock()) &&
      coversNames(certificate, names) &&
      matchesKey(certificate, key)
    return isFine ? { leaf, key } : undefined
  }

  #makeLeaf(names: SubjectNames): { leaf: string; key: string } {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const leaf = makeLeafCertificate(this.#identity, privateKey, names, this.#clock())
    this.#write('leaf.pem', key + leaf)
    return { leaf, key }
  }

  #read(name: string): string {
    try {
      return readFileSync(path.join(this.#directory, name), 'utf8')
    } catch {
      return ''
    }
  }

  #write(name: string, content: string): void {
    const file = path.join(this.#directory, name)
    try {
      writeFileSync(`${file}.new`, content, { mode: 0o600 })
      renameSync(`${file}.new`, file)
    } catch (error) {
      const code = String((error as { code?: unknown }).code)
      throw new StartError(
        `The hub's certificate cannot be written to ${file} (${code}): free some space, or give your account write access.`,
      )
    }
  }
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** A clock that was set back makes the certificate valid only in the future, which no client accepts. */
function isFresh({ validFrom, validTo }: X509Certificate, now: number): boolean {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
  return from <= now && now < from + ((to - from) * 2) / 3
}

function coversNames(certificate: X509Certificate, names: SubjectNames): boolean {
  const count = certificate.subjectAltName?.split(', ').length ?? 0
  return (
    count === names.length &&
    names.every(
      (name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined,
    )
  )
}

function matchesKey(certificate: X509Certificate, pem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem))
  } catch {
    return false
  }
}
