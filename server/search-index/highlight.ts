import type { Hit } from '../../shared/contract/search.ts'
import { tokenizeFormatted, tokenizeWithPositions, type Token } from './tokenize.ts'

/** A phrase that a message must contain: terms that follow each other. */
export interface SearchPhrase {
  words: string[]
  exact: boolean
}

const contextLength = 240
const contextBefore = 60
const maxHighlights = 100

/** Returns the positions of the terms in a text, and the part of it around the first of them. */
export function highlight(
  text: string,
  wanted: readonly SearchPhrase[],
): Pick<Hit, 'highlights' | 'context'> {
  const highlights = wanted.length === 0 ? [] : rangesOf(text, wanted)
  const first = highlights[0]?.start ?? 0
  const start = text.length <= contextLength ? 0 : findContextStart(text, first)
  let end = Math.min(text.length, start + contextLength)
  if (isLowSurrogate(text, end)) end -= 1
  return { highlights, context: { text: text.slice(start, end), start } }
}

/** Returns true if a text contains one of the phrases, as a search for it would find. */
export function containsAny(text: string, phrases: readonly SearchPhrase[]): boolean {
  return phrases.length > 0 && rangesOf(text, phrases).length > 0
}

function rangesOf(text: string, wanted: readonly SearchPhrase[]): Hit['highlights'] {
  const words = tokenizeWithPositions(text)
  const ranges: Hit['highlights'] = []
  for (let i = 0; i < words.length && ranges.length < maxHighlights; i += 1) {
    const count = Math.max(0, ...wanted.map((one) => (matchesAt(words, i, one) ? one.words.length : 0)))
    const [begin, end] = [words[i]?.start ?? 0, words[i + count - 1]?.end ?? 0]
    if (count === 0) continue
    const before = ranges.at(-1)
    // 東 and 京 share one mark, and so do overlapping words of a phrase
    if (before && begin <= before.end) before.end = Math.max(before.end, end)
    else ranges.push({ start: begin, end })
  }
  for (const token of tokenizeFormatted(text)) {
    if (ranges.length >= maxHighlights || !wanted.some((one) => matchesAt([token], 0, one))) continue
    if (!ranges.some(({ start, end }) => start < token.end && end > token.start))
      ranges.push({ start: token.start, end: token.end })
  }
  return ranges.sort((a, b) => a.start - b.start)
}

function matchesAt(words: readonly Token[], at: number, { words: wanted, exact }: SearchPhrase): boolean {
  if (at + wanted.length > words.length) return false
  return wanted.every((want, i) => {
    const { word = '', single = false } = words[at + i] ?? {}
    if (exact || single || want.length < 2) return word === want
    if (i < wanted.length - 1) return word === want || (i === 0 && want.length > 2 && word.endsWith(want))
    return wanted.length === 1 && want.length > 2 ? word.includes(want) : word.startsWith(want)
  })
}

/** Returns the start of the excerpt: some words before a position, at the start of a word. */
function findContextStart(text: string, at: number): number {
  let start = Math.max(0, Math.min(at - contextBefore, text.length - contextLength))
  if (start > 0) {
    const space = text.slice(start, at).search(/\s/)
    if (space >= 0) start += space + 1
  }
  return isLowSurrogate(text, start) ? start - 1 : start
}

function isLowSurrogate(text: string, at: number): boolean {
  return at > 0 && at < text.length && (text.charCodeAt(at) & 0xfc00) === 0xdc00
}
