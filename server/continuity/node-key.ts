import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { syncDirectory } from '../db/fsync.ts'
import { StartError } from '../start-error.ts'
import { continuityFolder } from './state-file.ts'

/** The key by which the computers of one hub recognise each other. Each computer has its own; no copy contains it. */
export interface NodeKey {
  /** base64url SHA-256 of the public key. */
  readonly id: string
  readonly key: KeyObject
  /** SPKI in DER. */
  readonly spki: Buffer
}

/** Reads the key of this computer, which is created at its first use. @throws StartError if it is damaged */
export function loadNodeKey(dataDir: string): NodeKey {
  const file = path.join(continuityFolder(dataDir), 'node-key.pem')
  if (!existsSync(file)) createKey(file)
  try {
    return describeKey(createPrivateKey({ key: readFileSync(file, 'utf8'), format: 'pem' }))
  } catch (error) {
    throw new StartError(
      `The key of this computer in ${file} is damaged: move it away, and add this computer as a standby again.`,
      { cause: error },
    )
  }
}

function createKey(file: string): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const folder = path.dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(`${file}.new`, pem, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  syncDirectory(folder)
  syncDirectory(path.dirname(folder))
}

function describeKey(key: KeyObject): NodeKey {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return { id: nodeIdOf(spki), key, spki }
}

export function nodeIdOf(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('base64url')
}

/** The texts that are signed. Each begins with a name of its own, so that no signature serves for another purpose. */
export const signedTexts = {
  join: (hubId: string, code: string) => `hubbub-join-1\n${hubId}\n${code}`,
  follow: (hubId: string, nonce: string) => `hubbub-follow-1\n${hubId}\n${nonce}`,
  grant: (hubId: string, { node, kind, at }: { node: string; kind: string; at: number }) =>
    `hubbub-grant-1\n${hubId}\n${node}\n${kind}\n${at}`,
}

/** ECDSA P-256 with SHA-256 in the form of IEEE P1363, base64url. */
export function signText(key: KeyObject, text: string): string {
  return sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

/** @param key a public key, or its SPKI in DER */
export function isSignedBy(key: KeyObject | Buffer, text: string, signature: string): boolean {
  try {
    const publicKey = Buffer.isBuffer(key) ? createPublicKey({ key, format: 'der', type: 'spki' }) : key
    const bytes = Buffer.from(signature, 'base64url')
    return verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes)
  } catch {
    return false
  }
}
