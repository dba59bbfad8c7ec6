import { limits } from '../../shared/contract/values.ts'
import { countCharacters, foldCase } from '../../shared/text/names.ts'

/** 0: too short. 1: easy to guess. 2: could be better. 3: good. 4: strong. */
export type Strength = 0 | 1 | 2 | 3 | 4

const keyboardRows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1qaz2wsx3edc',
]

/**
 * About how many guesses a password withstands, from how it is built: words count by how many words there are, not by their
 * letters; rows of keys, repeats, years and one's own names count next to nothing. An estimate on the low side: the hub
 * also refuses what many people use.
 */
export function strengthOf(password: string, names: readonly string[] = []): Strength {
  if (countCharacters(password) < limits.password.min) return 0
  const bits = estimateBits(foldCase(password), names.map(foldCase))
  return bits < 30 ? 1 : bits < 38 ? 2 : bits < 52 ? 3 : 4
}

function estimateBits(password: string, names: readonly string[]): number {
  let rest = password
  let bits = 0
  for (const name of names) {
    if (name.length < 2 || !rest.includes(name)) continue
    rest = rest.replaceAll(name, ' ')
    bits += 2
  }
  const seen = new Set<string>()
  for (const [part] of rest.matchAll(/\p{L}+|\d+|[^\p{L}\d]+/gu)) {
    // the second time it is no news
    bits += seen.has(part) ? 1 : estimatePartBits(part)
    seen.add(part)
  }
  return bits
}

function estimatePartBits(part: string): number {
  const characters = [...part]
  if (new Set(characters).size <= 2 || isKeyboardRow(part)) return 5
  if (/^\d+$/.test(part)) return /^(19|20)\d\d$/.test(part) ? 5 : characters.length * 3.3
  if (/^\p{L}+$/u.test(part))
    return Math.min(characters.length * 3, 13 + Math.max(0, characters.length - 12) * 2)
  return characters.length * 3
}

function isKeyboardRow(part: string): boolean {
  const backwards = [...part].reverse().join('')
  return part.length >= 3 && keyboardRows.some((row) => row.includes(part) || row.includes(backwards))
}
