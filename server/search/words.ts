import { foldCase } from '../../shared/text/names.ts'

/*
 * A text as the index knows it: words without case and accents, and one word for each character of scripts that put no
 * spaces between theirs, so that 京 is found in 東京都. What is looked for goes the same way, and both meet.
 *
 * The index keeps no text, so a message is taken out of it by saying once more which words it has: whoever changes what
 * comes out of here raises `wordsVersion`, and the index is made anew.
 */

/** Also another one when Node brings a newer Unicode, which may see other letters. */
export const wordsVersion = `1/${process.versions['unicode'] ?? ''}`

export interface Word {
  word: string
  /** Of a script without spaces, or an emoji: stands for itself, never for a part of something longer. */
  single: boolean
  /** Where it stands in the text that was given. */
  start: number
  end: number
}

const singles = String.raw`[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]&&[\p{L}\p{N}]]`
const letters = String.raw`[[\p{L}\p{N}\p{M}]--${singles}]`
/** A longer run is no word of a language; in pieces, all of it can still be found from its beginning. */
const longest = 64
const pattern = new RegExp(
  String.raw`(?<single>${singles}|\p{Extended_Pictographic}|\p{RI}{2})|${letters}{1,${longest}}`,
  'gv',
)

/** The words of a text, in order. */
export function wordsOf(text: string): string[] {
  // most of what most people write; ten times as fast
  if (plain.test(text)) return text.toLowerCase().match(plainWords) ?? []
  return fold(text).match(pattern) ?? []
}
// eslint-disable-next-line no-control-regex -- all of ASCII
const plain = /^[\u0000-\u007F]*$/
const plainWords = new RegExp(`[a-z0-9]{1,${longest}}`, 'g')

/** The same with where they stand: for what is shown. */
export function placedWordsOf(text: string): Word[] {
  if (plain.test(text)) {
    return [...text.toLowerCase().matchAll(plainWords)].map(({ 0: word, index }) => ({
      word,
      single: false,
      start: index,
      end: index + word.length,
    }))
  }
  const starts: number[] = []
  const ends: number[] = []
  let folded = ''
  for (const { 0: cluster, index } of text.matchAll(/\P{M}\p{M}*|\p{M}+/gu)) {
    const part = fold(cluster)
    folded += part
    for (let i = 0; i < part.length; i += 1) {
      starts.push(index)
      ends.push(index + cluster.length)
    }
  }
  return [...folded.matchAll(pattern)].map(({ 0: word, index, groups }) => ({
    word,
    single: groups?.['single'] !== undefined,
    start: starts[index] ?? 0,
    end: ends[index + word.length - 1] ?? text.length,
  }))
}

/** Whether a word is one of a script without spaces, or an emoji. */
export function isSingle(word: string): boolean {
  return singleWord.test(word)
}
const singleWord = new RegExp(String.raw`^(?:${singles}|\p{Extended_Pictographic}|\p{RI}{2})$`, 'v')

/** Accents of the scripts where people leave them out; marks that make another letter (Indic vowels) stay. */
// eslint-disable-next-line no-misleading-character-class -- marks by themselves are what this is about
const accents = /[\u0300-\u036F\u0591-\u05BD\u05BF-\u05C7\u064B-\u065F\u0670\u1AB0-\u1AFF\u1DC0-\u1DFF]/gu
const likeTwo: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ħ: 'h', æ: 'ae', œ: 'oe', ı: 'i' }

function fold(text: string): string {
  const folded = foldCase(text.normalize('NFKD').replace(accents, ''))
  return folded.replace(/[øłđħæœı]/gu, (letter) => likeTwo[letter] ?? letter)
}
