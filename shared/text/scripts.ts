/** Signs of Japanese words that Unicode counts to no script: the long vowel of ユーザー, repeats and half-width marks. */
const kanaMarks = String.raw`\u3006\u3031-\u3035\u303C\u30FC\uFF70\uFF9E\uFF9F`

/** Scripts written without spaces: there a mark, a name or an address can begin and end between two letters. */
export const unspacedLetters = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}${kanaMarks}`

/** A letter or digit after which no name begins, because its script puts a space there. An emoji may end with a mark. */
export const wordBefore = String.raw`(?![${unspacedLetters}\uFE0E\uFE0F\u20E3\u3099\u309A])[\p{L}\p{M}\p{Nd}]`

export const unspacedScript = new RegExp(`[${unspacedLetters}]`, 'u')

/** Scripts that names are written in, the most frequent first. Letters of all others count as one more. */
const scriptNames = [
  'Latin',
  'Cyrillic',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Thai',
  'Bengali',
  'Tamil',
  'Telugu',
  'Gujarati',
  'Gurmukhi',
  'Kannada',
  'Malayalam',
  'Oriya',
  'Sinhala',
  'Georgian',
  'Armenian',
  'Ethiopic',
  'Khmer',
  'Lao',
  'Myanmar',
  'Tibetan',
  'Mongolian',
  'Bopomofo',
  'Cherokee',
  'Thaana',
  'Syriac',
  'Tifinagh',
] as const

const scriptPatterns = scriptNames.map(
  (name) => [name, new RegExp(String.raw`\p{Script=${name}}`, 'u')] as const,
)
const sharedByScripts = /[\p{Script=Common}\p{Script=Inherited}]/u

/** Returns the script of a character; undefined for those that all scripts share, such as digits and accents. */
export function scriptOf(character: string): string | undefined {
  if (/^[A-Za-z]$/.test(character)) return 'Latin'
  if (sharedByScripts.test(character)) return undefined
  return scriptPatterns.find(([, pattern]) => pattern.test(character))?.[0] ?? 'other'
}
