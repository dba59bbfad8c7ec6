// The words that a user watches. A keyword is found as a whole word, in any script and letter case.
import { foldCase } from './names.ts'

const wordCharacter = /[\p{L}\p{M}\p{N}_]/u
/** Scripts without spaces between words: a dictionary says where the words end. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** Korean writes particles at the end of a word: 서울에서 contains 서울. */
const hangul = /\p{Script=Hangul}/u

/** Prepares a text; the function returns true for each keyword that is in it. */
export function keywordFinder(text: string): (keyword: string) => boolean {
  const folded = foldCase(text)
  let wordEnds: ReadonlySet<number> | undefined
  const isWordEnd = (at: number): boolean => {
    wordEnds ??= findWordEnds(folded)
    return wordEnds.has(at)
  }
  return (keyword) => {
    const wanted = foldCase(keyword)
    if (wanted === '') return false
    for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
      if (isBoundary(folded, at, isWordEnd, false) && isBoundary(folded, at + wanted.length, isWordEnd, true))
        return true
    }
    return false
  }
}

/** True if one of the keywords is in the text. */
export function hasKeyword(text: string, keywords: readonly string[]): boolean {
  return keywords.length > 0 && keywords.some(keywordFinder(text))
}

/** True if no word goes on across this place. */
function isBoundary(
  text: string,
  at: number,
  isWordEnd: (at: number) => boolean,
  isEndOfKeyword: boolean,
): boolean {
  const before = characterBefore(text, at)
  const after = at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : ''
  if (!wordCharacter.test(before) || !wordCharacter.test(after)) return true
  if (/\p{M}/u.test(after)) return false
  const isUnspaced = [unspaced.test(before), unspaced.test(after)]
  if (isUnspaced[0] !== isUnspaced[1]) return true
  if (isUnspaced[0]) return isWordEnd(at)
  const isHangul = [hangul.test(before), hangul.test(after)]
  if (isHangul[0] !== isHangul[1]) return true
  return isEndOfKeyword && isHangul[0] === true
}

function characterBefore(text: string, at: number): string {
  if (at === 0) return ''
  const low = text.charCodeAt(at - 1)
  return text.slice(low >= 0xdc00 && low <= 0xdfff ? at - 2 : at - 1, at)
}

const wordSegmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

function findWordEnds(text: string): ReadonlySet<number> {
  return new Set([...wordSegmenter.segment(text)].map(({ index }) => index).concat(text.length))
}
