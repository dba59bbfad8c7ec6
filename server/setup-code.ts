import { randomBytes } from 'node:crypto'

const consonants = 'bdfghjklmnprstvz'
const vowels = 'aiou'

/**
 * Returns a code that is easy to read aloud and to type from paper: three words of consonant, vowel, consonant,
 * vowel, consonant ("lusab-gutih-tobog"), 16 bits each. 48 bits cannot be guessed through a rate limit.
 */
export function newSetupCode(): string {
  return [0, 1, 2].map(() => encodeWord(randomBytes(2).readUInt16BE())).join('-')
}

function encodeWord(bits: number): string {
  const consonant = (shift: number): string => consonants.charAt((bits >> shift) & 15)
  const vowel = (shift: number): string => vowels.charAt((bits >> shift) & 3)
  return consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0)
}
