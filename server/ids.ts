import { hash, randomBytes, randomFillSync } from 'node:crypto'

/** 128 random bits, base64url. Ids never authorise by being secret. */
export function newId(): string {
  return nextRandomBytes(16).toString('base64url')
}

/**
 * Like `newId`, for rows of which there are millions. It begins with the time, so that new ids are adjacent in an
 * index and a batch writes a few pages instead of a page per row. 84 bits of it are random.
 */
export function newIdAt(now: number): string {
  let time = ''
  for (let left = now, i = 0; i < timeDigits; i += 1, left = Math.floor(left / 64))
    time = idAlphabet.charAt(left % 64) + time
  return time + newId().slice(timeDigits)
}
const timeDigits = 8
/** The base64url alphabet, in the sort order of the database. */
const idAlphabet = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'

/** A store of random bytes: asking the system costs as much as writing a row. */
function nextRandomBytes(length: number): Buffer {
  if (poolOffset + length > randomPool.length) {
    randomFillSync(randomPool)
    poolOffset = 0
  }
  poolOffset += length
  return randomPool.subarray(poolOffset - length, poolOffset)
}
const randomPool = Buffer.alloc(4096)
let poolOffset = randomPool.length

/** 256 random bits, base64url: session tokens and invite codes. Only their hash is stored. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function sha256(text: string | Buffer): Buffer {
  return hash('sha256', text, 'buffer')
}
