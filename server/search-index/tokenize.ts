import { foldAccents } from '../../shared/text/name-search.ts'

/*
 * Converts a text to terms: words without case and accents, and a term for each character of scripts without
 * spaces, so that 京 is found in 東京都. Queries are converted in the same way, so both match.
 *
 * The index stores no text, so removing a message requires the same terms as adding it did. A change of the terms
 * must raise `tokenizerVersion`, which makes the hub build the index again.
 */

/** Changes too if Node brings a newer Unicode, which may define other letters. */
export const tokenizerVersion = `2/${process.versions['unicode'] ?? ''}`

export interface Token {
  word: string
  /** A character of a script without spaces, or an emoji: matches as a whole, never as a part of a longer term. */
  single: boolean
  /** Offset in the original text. */
  start: number
  end: number
}

const singleCharScripts = String.raw`[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]&&[\p{L}\p{N}]]`
const letterClass = String.raw`[[\p{L}\p{N}\p{M}]--${singleCharScripts}]`
/** A longer run is no word of a language; split in pieces, all of it can still be found from its beginning. */
const maxTermLength = 64
const termPattern = new RegExp(
  String.raw`(?<single>${singleCharScripts}|\p{Extended_Pictographic}|\p{RI}{2})|${letterClass}{1,${maxTermLength}}`,
  'gv',
)

/** Returns the terms of a text, in order. */
export function tokenize(text: string): string[] {
  // fast path for most texts; ten times as fast
  if (asciiPattern.test(text)) return text.toLowerCase().match(asciiTermPattern) ?? []
  return foldAccents(text).match(termPattern) ?? []
}
// eslint-disable-next-line no-control-regex -- all of ASCII
const asciiPattern = /^[\u0000-\u007F]*$/
const asciiTermPattern = new RegExp(`[a-z0-9]{1,${maxTermLength}}`, 'g')

const formattedPattern = /[\p{L}\p{M}\p{N}*~`]+/gu
/** Marks between two letters: they format a part of a word. */
const markInWord = /[\p{L}\p{M}](?:\*{2,3}|~~|`+)[\p{L}\p{M}]/u

/** Returns the words of a text that are formatted in part, without their marks: "boldness" of `**bold**ness`. */
export function tokenizeFormatted(text: string): Token[] {
  if (!/[*~`]/.test(text)) return []
  return [...text.matchAll(formattedPattern)].flatMap(({ 0: run, index }) => {
    if (!markInWord.test(run)) return []
    const word = run.replace(/[*~`]+/g, '')
    const place = { start: index, end: index + run.length, single: false }
    return tokenize(word).flatMap((term) => (isSingleCharTerm(term) ? [] : [{ ...place, word: term }]))
  })
}

/** Like `tokenize`, with positions: for display. */
export function tokenizeWithPositions(text: string): Token[] {
  if (asciiPattern.test(text)) {
    return [...text.toLowerCase().matchAll(asciiTermPattern)].map(({ 0: word, index }) => ({
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
    const part = foldAccents(cluster)
    folded += part
    for (let i = 0; i < part.length; i += 1) {
      starts.push(index)
      ends.push(index + cluster.length)
    }
  }
  return [...folded.matchAll(termPattern)].map(({ 0: word, index, groups }) => ({
    word,
    single: groups?.['single'] !== undefined,
    start: starts[index] ?? 0,
    end: ends[index + word.length - 1] ?? text.length,
  }))
}

/** Returns true if a term is a character of a script without spaces, or an emoji. */
export function isSingleCharTerm(word: string): boolean {
  return singleTermPattern.test(word)
}
const singleTermPattern = new RegExp(
  String.raw`^(?:${singleCharScripts}|\p{Extended_Pictographic}|\p{RI}{2})$`,
  'v',
)
