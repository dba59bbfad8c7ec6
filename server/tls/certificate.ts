import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { addressBytes } from '../addresses.ts'
import {
  bitString,
  integer,
  objectId,
  octetString,
  constructedTag,
  implicitTag,
  sequence,
  set,
  time,
  utf8String,
  explicitTag,
  derTrue,
} from './der.ts'

/*
 * The two certificates of a hub: of its CA, which is its identity, and of the leaf that the CA issues for the current
 * names and addresses. docs/decisions/0023-issued-certificates.md explains why this code writes them itself.
 */

const dayMs = 24 * 60 * 60 * 1000
/** Browsers accept no leaf that is valid for more than 398 days. */
const leafLifetimeMs = 397 * dayMs
/** Clocks of other computers may be slow. */
const leafBackdateMs = dayMs
const caLifetimeMs = 20 * 365.25 * dayMs
/** A date before the first hub: a wrong clock at the first start must not make the identity invalid. */
const caValidFrom = Date.UTC(2020, 0, 1)

const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

/** Host names in lower case, and addresses without brackets and zone. */
export type SubjectNames = readonly string[]

/** The CA may only issue for names below these, and for addresses in these networks (`10.0.0.0/8`). */
export type PermittedSubtrees = readonly string[]

/** The name never changes: a client that pinned an earlier certificate of this key finds it by its name. */
export function caName(hubId: string): string {
  return `Hubbub hub ${hubId}`
}

/** Self-signed. `within`: for users who install it, see issued.ts. */
export function makeCaCertificate(
  key: KeyObject,
  hubId: string,
  now: number,
  within?: PermittedSubtrees,
): string {
  const spki = spkiOf(key)
  const extensions = [
    extension(oid.basicConstraints, sequence(derTrue, integer(Buffer.from([0]))), true),
    // keyCertSign
    extension(oid.keyUsage, bitString(Buffer.from([0x04]), 2), true),
    extension(oid.subjectKeyIdentifier, octetString(keyId(spki))),
    ...(within
      ? [extension(oid.nameConstraints, sequence(constructedTag(0, ...within.map(subtree))), true)]
      : []),
  ]
  const name = distinguishedName(caName(hubId))
  const until = Math.max(now, caValidFrom) + caLifetimeMs
  return certificate({
    issuer: name,
    subject: name,
    from: caValidFrom,
    until,
    spki,
    extensions,
    signedWith: key,
  })
}

/** For its own key, signed by the CA. */
export function makeLeafCertificate(
  ca: { key: KeyObject; hubId: string },
  leafKey: KeyObject,
  names: SubjectNames,
  now: number,
): string {
  const spki = spkiOf(leafKey)
  const from = now - leafBackdateMs
  const extensions = [
    extension(oid.basicConstraints, sequence(), true),
    // digitalSignature
    extension(oid.keyUsage, bitString(Buffer.from([0x80]), 7), true),
    extension(oid.extKeyUsage, sequence(objectId(oid.serverAuth))),
    extension(oid.subjectKeyIdentifier, octetString(keyId(spki))),
    extension(oid.authorityKeyIdentifier, sequence(implicitTag(0, keyId(spkiOf(ca.key))))),
    extension(oid.subjectAltName, sequence(...names.map(generalName))),
  ]
  return certificate({
    issuer: distinguishedName(caName(ca.hubId)),
    subject: distinguishedName('Hubbub'),
    from,
    until: from + leafLifetimeMs,
    spki,
    extensions,
    signedWith: ca.key,
  })
}

interface CertificateContent {
  issuer: Buffer
  subject: Buffer
  from: number
  until: number
  spki: Buffer
  extensions: Buffer[]
  signedWith: KeyObject
}

function certificate({
  issuer,
  subject,
  from,
  until,
  spki,
  extensions,
  signedWith,
}: CertificateContent): string {
  const algorithm = sequence(objectId(oid.ecdsaWithSha256))
  const content = sequence(
    explicitTag(0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    algorithm,
    issuer,
    sequence(time(from), time(until)),
    subject,
    spki,
    explicitTag(3, sequence(...extensions)),
  )
  const der = sequence(content, algorithm, bitString(sign('sha256', content, signedWith)))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [derTrue] : []), octetString(value))
}

function distinguishedName(commonName: string): Buffer {
  const part = (id: string, text: string) => set(sequence(objectId(id), utf8String(text)))
  return sequence(part(oid.organization, 'Hubbub'), part(oid.commonName, commonName))
}

function generalName(name: string): Buffer {
  return isIP(name) ? implicitTag(7, addressBytes(name)) : implicitTag(2, Buffer.from(name, 'ascii'))
}

function subtree(name: string): Buffer {
  const [address = '', length] = name.split('/')
  if (length === undefined) return sequence(implicitTag(2, Buffer.from(name, 'ascii')))
  const bytes = addressBytes(address)
  const mask = bytes.map((_, i) => 0xff & ~(0xff >> Math.min(8, Math.max(0, Number(length) - i * 8))))
  return sequence(implicitTag(7, Buffer.concat([bytes, mask])))
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

function keyId(spki: Buffer): Buffer {
  return createHash('sha256').update(spki).digest().subarray(0, 20)
}
