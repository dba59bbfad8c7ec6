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
 * Estimates how many guesses a password withstands, from its structure. A word counts as one of a dictionary, not by
 * its letters. Keyboard rows, repeats, years and the user's own names count next to nothing. The estimate is low; the
 * hub also refuses common passwords.
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
    // A repeated word adds nothing.
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
