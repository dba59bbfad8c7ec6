// The one rule for finding users, groups and pages by a part of their name: every list of the page and the hub uses it.
import { foldCase, normalizeText } from './names.ts'

/** Accents of the scripts where people leave them out; marks that make another letter (Indic vowels) stay. */
const accentPattern =
  // eslint-disable-next-line no-misleading-character-class -- it matches combining marks by themselves
  /[\u0300-\u036F\u0591-\u05BD\u05BF-\u05C7\u064B-\u065F\u0670\u1AB0-\u1AFF\u1DC0-\u1DFF]/gu
const letterReplacements: Record<string, string> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ħ: 'h',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
}

/**
 * Folds case, width and accents, also of letters such as ø and ł that Unicode does not take apart. The search index stores
 * its result: after a change raise `tokenizerVersion`.
 */
export function foldAccents(text: string): string {
  const folded = foldCase(normalizeText(text, 'NFKD').replace(accentPattern, ''))
  return folded.replace(/[øłđħæœı]/gu, (letter) => letterReplacements[letter] ?? letter)
}

// eslint-disable-next-line no-control-regex -- all of ASCII
const asciiPattern = /^[\u0000-\u007F]*$/
/** Apostrophes and invisible characters, which people leave out, and the Arabic tatweel, which only stretches a word. */
const ignoredPattern = /['’‘‛`´\u02BC\u0640\p{DI}]/gu
/** Letters that keyboards of neighbouring languages write differently. */
const alikeLetters: Record<string, string> = { ى: 'ي', ی: 'ي', ک: 'ك', ة: 'ه', ð: 'd', þ: 'th' }

/** Returns the form in which a name and a part of it are compared. */
export function foldName(text: string): string {
  if (asciiPattern.test(text)) return text.toLowerCase().replace(/['`]/g, '')
  // before too: what was between a letter and its mark keeps them apart
  return foldAccents(text.replace(ignoredPattern, ''))
    .replace(ignoredPattern, '')
    .replace(/[ىیکةðþ]/gu, (letter) => alikeLetters[letter] ?? letter)
    .replace(/[ァ-ヶ]/gu, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(/\p{Script=Hangul}/gu, (syllable) => syllable.normalize('NFD'))
}

const writtenOut: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' }

/** The folded name, and the one with its umlauts written out: "muller" and "mueller" both find Müller. */
function spellings(text: string): string[] {
  const plain = foldName(text)
  if (asciiPattern.test(text)) return [plain]
  const lower = normalizeText(text, 'NFC').toLowerCase()
  const other = foldName(lower.replace(/[äöüåø]/gu, (letter) => writtenOut[letter] ?? letter))
  return other === plain ? [plain] : [plain, other]
}

/**
 * Returns a function that ranks the names of one thing for a query: 3 if a name begins with it, 2 if a word does or each
 * word of the query begins one, 1 if a name contains it, else 0. An empty query finds everything.
 */
export function nameRanker(query: string): (...names: string[]) => number {
  const wanted = spellings(query.trim().replace(/^[@＠#＃](?=.)/u, '')).map((text) => text.trim())
  if (wanted.includes('')) return () => 3
  const wantedWords = wanted.map(wordsOf)
  return (...names) => {
    const folded = names.flatMap(spellings)
    if (folded.some((name) => wanted.some((part) => name.startsWith(part)))) return 3
    const words = folded.flatMap(wordsOf)
    const beginsWord = (part: string) => words.some((word) => word.startsWith(part))
    if (wanted.some(beginsWord) || wantedWords.some((parts) => parts.length > 0 && parts.every(beginsWord)))
      return 2
    return folded.some((name) => wanted.some((part) => name.includes(part))) ? 1 : 0
  }
}

function wordsOf(folded: string): string[] {
  return folded.split(/[^\p{L}\p{M}\p{N}]+/u).filter(Boolean)
}

/** Returns those whose names fit the query, the closest first, otherwise in their order. */
export function findByName<T>(list: readonly T[], query: string, namesOf: (each: T) => string[]): T[] {
  const rank = nameRanker(query)
  return topRanked(list, (each) => rank(...namesOf(each)))
}

/** Returns those with a rank above 0, the highest first. */
export function topRanked<T>(list: readonly T[], rank: (each: T) => number, limit = Infinity): T[] {
  return list
    .map((each) => ({ each, rank: rank(each) }))
    .filter((found) => found.rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, limit)
    .map(({ each }) => each)
}

/** What `forgivingRanker` returns for a query that fits only by initials, or but for a typing error. */
export const initialsRank = 0.8
export const typingErrorRank = 0.5

/**
 * As `nameRanker`, and finds more: by the initials of words in their order (`hd` for Hans Dampf), and in spite of a wrong, a
 * missing, a superfluous or two exchanged letters. For the choice of one thing by hand, never for rules or long lists.
 */
export function forgivingRanker(query: string): (...names: string[]) => number {
  const rank = nameRanker(query)
  const wanted = wordsOf(foldName(query.trim()))
  const [only = ''] = wanted
  const isInitials = wanted.length === 1 && [...only].length >= 2
  return (...names) => {
    const found = rank(...names)
    if (found > 0 || wanted.length === 0) return found
    const wordLists = names.flatMap(spellings).map(wordsOf)
    if (isInitials && wordLists.some((words) => initialsOf(words).startsWith(only))) return initialsRank
    const isLike = (part: string) => (word: string) => isLikeBeginning(word, part)
    const fits = wordLists.some((words) => wanted.every((part) => words.some(isLike(part))))
    return fits ? typingErrorRank : 0
  }
}

function initialsOf(words: readonly string[]): string {
  return words.map((word) => [...word][0] ?? '').join('')
}

/** True if the word begins with the part but for one typing error, or two in a long part. A short part has none. */
function isLikeBeginning(word: string, part: string): boolean {
  const maxErrors = part.length < 4 ? 0 : part.length < 8 ? 1 : 2
  if (maxErrors === 0) return word.startsWith(part)
  // The smallest number of errors between a beginning of the part (rows) and each beginning of the word (columns).
  const width = Math.min(word.length, part.length + maxErrors) + 1
  let twoBefore: number[] = []
  let before = Array.from({ length: width }, (_, at) => at)
  for (let row = 1; row <= part.length; row += 1) {
    const errors = [row]
    for (let at = 1; at < width; at += 1) {
      const isSame = part[row - 1] === word[at - 1]
      let least = Math.min(
        (before[at - 1] ?? 0) + (isSame ? 0 : 1),
        (before[at] ?? 0) + 1,
        (errors[at - 1] ?? 0) + 1,
      )
      if (row > 1 && at > 1 && part[row - 1] === word[at - 2] && part[row - 2] === word[at - 1])
        least = Math.min(least, (twoBefore[at - 2] ?? 0) + 1)
      errors.push(least)
    }
    twoBefore = before
    before = errors
  }
  return Math.min(...before) <= maxErrors
}
