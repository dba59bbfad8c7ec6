import { createHmac, randomBytes } from 'node:crypto'
import type { Identity } from './identity.ts'

const consonants = 'bdfghjklmnprstvz'
const vowels = 'aiou'

/**
 * Returns a code that is easy to read aloud and to type from paper: three words of consonant, vowel, consonant,
 * vowel, consonant ("lusab-gutih-tobog"), 16 bits each. 48 bits cannot be guessed through a rate limit.
 */
export function newSetupCode(bytes = randomBytes(6)): string {
  return [0, 2, 4].map((at) => encodeWord(bytes.readUInt16BE(at))).join('-')
}

/** The same code in each process of a hub, which share its key. */
export function sharedSetupCode({ key }: Identity): string {
  const secret = key.export({ type: 'pkcs8', format: 'der' })
  return newSetupCode(createHmac('sha256', secret).update('the set-up code').digest())
}

function encodeWord(bits: number): string {
  const consonant = (shift: number): string => consonants.charAt((bits >> shift) & 15)
  const vowel = (shift: number): string => vowels.charAt((bits >> shift) & 3)
  return consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0)
}
