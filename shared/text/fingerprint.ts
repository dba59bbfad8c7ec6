import { fingerprintWordList } from './fingerprint-word-list.ts'

/** Eight words of 11 bits: 88 bits of the identity. Why that many: docs/decisions. */
const wordCount = 8
const bitsPerWord = 11
const base64urlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 32 bytes as base64url, in the one way to write them: the last character holds four bits, so two of it are zero. */
export function isHubId(text: string): boolean {
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text)
}

/**
 * A hub's identity in words, for comparing by eye and reading aloud. Two hubs with the same words are not to be had, by
 * anybody: it would take 2^88 tries at a key.
 */
export function fingerprintWords(hubId: string): string[] {
  if (!isHubId(hubId)) throw new Error('not the identity of a hub')
  const found: string[] = []
  let bits = 0
  let held = 0
  for (const character of hubId) {
    bits = (bits << 6) | base64urlAlphabet.indexOf(character)
    held += 6
    if (held < bitsPerWord) continue
    held -= bitsPerWord
    found.push(fingerprintWordList[bits >> held] as string)
    bits &= (1 << held) - 1
    if (found.length === wordCount) break
  }
  return found
}

/** The same identity as hexadecimal pairs, the way browsers show the SHA-256 of a certificate's public key. */
export function fingerprintHex(hubId: string): string {
  if (!isHubId(hubId)) throw new Error('not the identity of a hub')
  let text = ''
  let bits = 0
  let held = 0
  for (const character of hubId) {
    bits = (bits << 6) | base64urlAlphabet.indexOf(character)
    held += 6
    if (held < 8) continue
    held -= 8
    text += `${text === '' ? '' : ':'}${(bits >> held).toString(16).padStart(2, '0').toUpperCase()}`
    bits &= (1 << held) - 1
  }
  return text
}
