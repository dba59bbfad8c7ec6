import { fingerprintWordList } from './fingerprint-word-list.ts'
import { isHubId } from './hub-id.ts'

/** Eight words of 11 bits: 88 bits of the identity. docs/decisions/0012-fingerprint-words.md explains why. */
const wordCount = 8
const bitsPerWord = 11
const base64urlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * Returns the identity of a hub as words, for comparing by eye and reading aloud. An attacker needs about 2^88 keys to find
 * one with the same words as a given hub.
 *
 * @throws Error if `hubId` is not the identity of a hub
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

/** Returns the identity as hexadecimal pairs, as browsers show the SHA-256 of a certificate's public key. */
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
