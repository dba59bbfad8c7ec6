import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { StartError } from '../start-error.ts'
import { tlsOptions } from './shared-port.ts'

/** PEM files: the certificate followed by its issuers, and its private key. */
export interface CertificateFiles {
  cert: string
  key: string
}

/** A certificate from another issuer, for names that browsers trust already. */
export interface ProvidedCertificate {
  readonly context: SecureContext
  /** Host names, including wildcards. */
  readonly names: readonly string[]
  /** Browsers and apps trust it without installation. */
  readonly isPublic: boolean
  readonly validTo: number
  matchesName(name: string): boolean
}

/** @throws StartError with the problem of the files */
export function readProvidedCertificate(files: CertificateFiles, now: number): ProvidedCertificate {
  const certPem = readPem(files.cert, 'certificate')
  const keyPem = readPem(files.key, 'key of the certificate')
  const [leaf, ...issuers] = certificatesIn(certPem, files.cert)
  if (!leaf)
    throw new StartError(
      `${files.cert} contains no PEM certificate, which begins with “-----BEGIN CERTIFICATE-----”.`,
    )
  const key = readKey(keyPem, files.key)
  if (!leaf.checkPrivateKey(key)) {
    throw new StartError(
      `The key in ${files.key} does not match the certificate in ${files.cert}: give a matching pair, with the hub’s own certificate first in its file.`,
    )
  }
  const [from, to] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)]
  if (to <= now) {
    throw new StartError(
      `The certificate in ${files.cert} expired on ${formatDay(to)}: renew it, or leave out --tls-cert.`,
    )
  }
  if (from > now) {
    throw new StartError(
      `The certificate in ${files.cert} is valid from ${formatDay(from)} only: set the clock of this computer, or give another.`,
    )
  }
  return {
    context: contextOf(certPem, keyPem, files),
    names: namesOf(leaf),
    isPublic: isPubliclyTrusted([leaf, ...issuers]),
    validTo: to,
    matchesName: (name) => (isIP(name) ? leaf.checkIP(name) : leaf.checkHost(name)) !== undefined,
  }
}

function readPem(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    const why = code === 'ENOENT' ? 'there is no such file' : code
    throw new StartError(
      `The ${what} ${file} cannot be read (${why}): give your account access, or another path.`,
    )
  }
}

function certificatesIn(pem: string, file: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    throw new StartError(`${file} contains a damaged certificate: copy it again from its issuer.`)
  }
}

function readKey(pem: string, file: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw new StartError(
      `The key in ${file} is encrypted with a password: give an unencrypted one, and keep the file private.`,
    )
  }
  try {
    return createPrivateKey(pem)
  } catch {
    throw new StartError(`${file} contains no readable PEM private key.`)
  }
}

function contextOf(cert: string, key: string, files: CertificateFiles): SecureContext {
  try {
    return createSecureContext({ cert, key, ...tlsOptions })
  } catch (error) {
    throw new StartError(`The certificate in ${files.cert} cannot be used: ${(error as Error).message}.`)
  }
}

function namesOf(leaf: X509Certificate): string[] {
  const names = [...(leaf.subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^,"]+)/g)]
  return names.map(([, name]) => (name as string).toLowerCase())
}

/**
 * Returns true if this Node trusts the issuer of the last certificate of the chain. Clients check the certificates in
 * between.
 */
function isPubliclyTrusted(chain: readonly X509Certificate[]): boolean {
  const last = chain.at(-1) as X509Certificate
  return getCACertificates('default').some((pem) => {
    try {
      const root = new X509Certificate(pem)
      return (
        last.fingerprint256 === root.fingerprint256 || (last.checkIssued(root) && last.verify(root.publicKey))
      )
    } catch {
      return false
    }
  })
}

function formatDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
