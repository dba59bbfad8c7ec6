import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { syncDirectory } from './db/fsync.ts'
import { makeDirectory } from './db/make-directory.ts'
import { StartError } from './start-error.ts'

const keyName = 'hub-key.pem'

export interface Identity {
  /** base64url SHA-256 of the public key (SPKI, DER). The key identifies the hub, on whatever computer it runs. */
  readonly hubId: string
  /** The private key. It signs the hub's certificates, its terms and what it grants to other computers. */
  readonly key: KeyObject
}

/**
 * Loads the hub's key pair, which is created at the first start. It is never replaced: with another key this would be
 * another hub, and every app that pinned the old key would refuse it. Called under the lock of the data directory.
 * @throws StartError if the key is damaged, or missing although there is a database
 */
export function loadIdentity(dataDir: string): Identity {
  const file = keyFile(dataDir)
  if (!existsSync(file)) {
    if (existsSync(path.join(dataDir, 'hub.db'))) throw missingKeyError(file)
    makeKey(file)
  }
  return readIdentity(file)
}

export function keyFile(dataDir: string): string {
  return path.join(dataDir, 'identity', keyName)
}

/** Next to a key: created before it, removed when the database of the new hub is complete. See check-data-dir.ts. */
export function firstStartFile(key: string): string {
  return path.join(path.dirname(key), 'first-start')
}

/**
 * Loads the key that all processes of a hub share, and puts a copy into the data directory, where backups and other commands
 * look for it. Creates it at the first start, which no other process makes at the same time.
 * @param file see sharedKeyFile
 * @throws StartError if it is missing although the hub is there, or is not the key in the data directory
 */
export function loadSharedIdentity(file: string, dataDir: string, isFirstStart: boolean): Identity {
  if (!existsSync(file) && isFirstStart) makeKey(file)
  const identity = readIdentity(file)
  const copy = keyFile(dataDir)
  if (!existsSync(copy)) {
    writeKey(copy, identity.key)
  } else if (readIdentity(copy).hubId !== identity.hubId) {
    throw new StartError(
      `${dataDir} belongs to another hub than the key ${file}, so nothing was changed: choose another directory with --data, or the right key with --identity.`,
    )
  }
  return identity
}

/** @param place a file, or the folder that it is in */
export function sharedKeyFile(place: string): string {
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? !place.endsWith('.pem')
  return isFolder ? path.join(place, keyName) : place
}

/** @throws StartError if it is damaged */
export function readIdentity(file: string): Identity {
  const key = readKey(file)
  return { hubId: hubIdOf(key), key }
}

function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const directory = path.dirname(file)
  makeDirectory(directory)
  writeFileSync(firstStartFile(file), '', { mode: 0o600, flush: true })
  syncDirectory(directory)
  writeKey(file, privateKey)
}

function writeKey(file: string, key: KeyObject): void {
  const directory = path.dirname(file)
  makeDirectory(directory)
  const unfinished = `${file}.new`
  const pem = key.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(unfinished, pem, { mode: 0o600, flush: true })
  renameSync(unfinished, file)
  syncDirectory(directory)
  // an earlier start may have been killed before it did
  syncDirectory(path.dirname(directory))
}

function readKey(file: string): KeyObject {
  const pem = readPem(file)
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' })
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1' && isPair(key)) return key
  } catch {
    // reported below, with what to do
  }
  throw damagedKeyError(file)
}

/** The file has both halves. If one is damaged, everything that the hub signs would be refused. */
function isPair(key: KeyObject): boolean {
  const text = Buffer.from('hubbub')
  return verify('sha256', text, createPublicKey(key), sign('sha256', text, key))
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    if (code === 'ENOENT') throw missingKeyError(file)
    if (code === 'EISDIR') throw damagedKeyError(file)
    throw new StartError(`The hub's key in ${file} cannot be read (${code}): give your account access to it.`)
  }
}

function hubIdOf(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64url')
}

function missingKeyError(file: string): StartError {
  return new StartError(
    `The hub's key ${file} is missing: restore it from a backup, because a new key would make this a different hub.`,
  )
}

function damagedKeyError(file: string): StartError {
  return new StartError(
    `The hub's key in ${file} is damaged: restore the file from a backup, because a new key would make this a different hub.`,
  )
}
