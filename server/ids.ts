import { createHash, randomBytes } from 'node:crypto'

/** 128 random bits, base64url. Ids never authorise by being secret. */
export function newId(): string {
  return randomBytes(16).toString('base64url')
}

/** 256 random bits, base64url: session tokens and invite codes. Only their hash is stored. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function sha256(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest()
}
