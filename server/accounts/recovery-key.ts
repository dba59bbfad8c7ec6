import { randomBytes } from 'node:crypto'

/** Crockford's alphabet: no character can be mistaken for another on paper or read aloud. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** 160 random bits as eight groups of four, for paper. */
export function newRecoveryKey(): string {
  const bytes = randomBytes(32)
  const symbols = Array.from(bytes, (byte) => alphabet[byte & 31])
  return Array.from({ length: 8 }, (_, i) => symbols.slice(i * 4, i * 4 + 4).join('')).join('-')
}

/** Normalizes a key typed from paper: any case, any spacing, and letters that look alike. */
export function normalizeRecoveryKey(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .replace(/o/g, '0')
    .replace(/[il]/g, '1')
}
