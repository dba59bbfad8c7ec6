/** Rules for input of users, with the same messages on the page and on the hub. Each check returns the problem or undefined. */

export interface ValidationProblem {
  code: 'invalid' | 'too_large'
  message: string
}

/** Counts Unicode code points, the unit of all limits in characters. */
export function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/**
 * Normalizes a text. Thousands of marks on one letter take quadratic work to order, so a run of more than 30, which no
 * script has, is normalized in parts.
 */
export function normalizeText(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  if (text.length <= 30 || !/\p{M}{31}/u.test(text)) return text.normalize(form)
  return text
    .split(/(\p{M}{30})(?=\p{M})/u)
    .map((part) => part.normalize(form))
    .join('')
}

/**
 * Returns the same key for all spellings of a name: `Straße`, `STRASSE`, `ſtrasse` and full-width letters. Compatibility forms
 * are folded (NFKC), then case through upper case, because lower case alone keeps ß, ſ and ς apart. The Turkish İ and ı fold
 * to i: on a screen they are too easily mistaken for it.
 */
export function foldCase(text: string): string {
  const cased = normalizeText(text, 'NFKC').toLowerCase().toUpperCase().toLowerCase()
  const folded = normalizeText(cased, 'NFKC')
  const alike = folded.replaceAll('ς', 'σ')
  // without its dot the i can take the next mark
  return alike.includes('i\u0307') ? normalizeText(alike.replace(/i\u0307+/g, 'i'), 'NFKC') : alike
}

const usernameCharacters = /^[\p{L}\p{M}\p{Nd}._\-']+$/u
const usernameStart = /^[\p{L}\p{Nd}._\-']/u
const hasLetterOrDigit = /[\p{L}\p{Nd}]/u

export function checkUsername(username: string): ValidationProblem | undefined {
  const length = countCharacters(normalizeText(username, 'NFC'))
  if (length < 2) return { code: 'invalid', message: 'A username needs at least 2 characters.' }
  if (length > 32) return { code: 'too_large', message: 'A username can have at most 32 characters.' }
  if (/\s/u.test(username)) {
    return {
      code: 'invalid',
      message: 'A username cannot contain spaces. Put your full name in the next field.',
    }
  }
  // with invisible marks and fillers a second "ann" could be registered
  const hasInvisible = /\p{DI}/u.test(username)
  if (
    !username.isWellFormed() ||
    hasInvisible ||
    !usernameCharacters.test(username) ||
    !usernameStart.test(username)
  ) {
    return { code: 'invalid', message: "A username has only letters, digits and . _ - '" }
  }
  if (['everyone', 'here'].includes(foldCase(username))) {
    return { code: 'invalid', message: 'This username mentions everyone in a group. Choose another.' }
  }
  if (!hasLetterOrDigit.test(username)) {
    return { code: 'invalid', message: 'A username needs at least one letter or digit.' }
  }
  return undefined
}

/** Line breaks, control characters and direction marks, which would break a list that shows the line. */
const forbiddenInLine = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u
const invisibleText = /^[\s\p{DI}\p{Cf}]*$/u

/** Checks a name or topic on one line. `label` is the subject of the message. */
export function checkLine(text: string, label: string, max: number): ValidationProblem | undefined {
  if (!text.isWellFormed() || forbiddenInLine.test(text)) {
    return { code: 'invalid', message: `${label} contains characters that cannot be shown on a line.` }
  }
  if (invisibleText.test(text)) return { code: 'invalid', message: `${label} is empty.` }
  if (countCharacters(text) > max)
    return { code: 'too_large', message: `${label} can have at most ${max} characters.` }
  return undefined
}

/** A line of a stranger, for a menu or a dialog of the system, where nothing else keeps it in bounds. */
export function shortenLine(text: string, max: number): string {
  const line = normalizeLine(text.toWellFormed().replace(new RegExp(forbiddenInLine, 'gu'), ' '))
  return [...line].slice(0, max).join('')
}

/** Removes surrounding and repeated spaces; everything else is stored as typed. */
export function normalizeLine(text: string): string {
  return normalizeText(text, 'NFC').trim().replace(/\s+/gu, ' ')
}

export function checkPassword(password: string): ValidationProblem | undefined {
  const length = countCharacters(password)
  if (length < 10) return { code: 'invalid', message: 'A password needs at least 10 characters.' }
  if (length > 256) return { code: 'too_large', message: 'A password can have at most 256 characters.' }
  if (!password.isWellFormed())
    return {
      code: 'invalid',
      message: 'This password contains characters that cannot be stored. Choose another.',
    }
  return undefined
}

/** Folds case, width and spaces of a security answer: users do not remember how they typed it. */
export function normalizeAnswer(answer: string): string {
  return foldCase(answer).trim().replace(/\s+/gu, ' ')
}
