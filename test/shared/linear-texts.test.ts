import { describe, expect, test } from 'vitest'
import { highlight } from '../../server/search-index/highlight.ts'
import { tokenize, tokenizeWithPositions } from '../../server/search-index/tokenize.ts'
import { sanitizeFileName } from '../../shared/text/file-names.ts'
import { parseMarkdown } from '../../shared/text/markdown.ts'
import { plainText } from '../../shared/text/plain-text.ts'
import { checkText, mentionedNames } from '../../shared/text/message.ts'
import { checkLine, checkUsername, foldCase, normalizeLine } from '../../shared/text/names.ts'

/*
 * Everything that reads a text of users takes work linear in its length. No time is asserted: the work for a long text is
 * compared with that for the same characters in short texts.
 */

const readers: Record<string, (text: string) => unknown> = {
  parseMarkdown,
  plainText,
  mentionedNames,
  checkText,
  sanitizeFileName,
  normalizeLine,
  foldCase,
  checkUsername,
  checkLine: (text) => checkLine(text, 'The name', 64),
  tokenize,
  tokenizeWithPositions,
  highlight: (text) => highlight(text, [{ words: ['xylophone'], exact: false }]),
}

const units = [
  '`', '~', '```', '` ', '*', '**', '*a ', '_', '__a', '~~', '[', ']', '](', '[a](', '[a](http://', '(', ')', '<', '>', '> ', '- ', '* ', '1. ', '#', '# ', '@', '@a', '@a.', '#[', '\\', '\\`',
  ' ', '\t', '.', '. ', '-', '\u00a0', '\u200b', '\u2028', '\r', '\n', ' \n', 'a', 'a.', 'a@', 'a@b', 'a-', 'www.', 'http://', 'https://a.', 'mailto:', '%', '字', 'ก', 'é', 'e\u0301', '\u0301', '\u0315\u0300', '👍', '👩‍💻',
 ] // prettier-ignore
const ends = ['', '\u2028x', 'x']
const small = 2_000
const factor = 8

/** Work below this is no threat, and too short to compare. */
const toleratedMs = 8

function workOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/**
 * One text of eight parts against eight texts of one part: the same number of characters, so about the same work if it
 * is linear, and eight times as much if it is quadratic. The least of some attempts counts: other programs only add.
 */
function isLinear(read: (length: number) => unknown): boolean {
  let whole = Infinity
  let parts = Infinity
  for (let attempt = 0; attempt < 6; attempt += 1) {
    whole = Math.min(
      whole,
      workOf(() => read(small * factor)),
    )
    if (whole <= toleratedMs) return true
    parts = Math.min(
      parts,
      workOf(() => {
        for (let i = 0; i < factor; i += 1) read(small)
      }),
    )
    if (whole <= toleratedMs + (factor / 2) * parts) return true
  }
  return false
}

describe.for(Object.keys(readers))('%s takes linear work', (name) => {
  test.for(ends)('for repeated marks that end in %j', (end) => {
    const read = readers[name] as (text: string) => unknown
    const slow: string[] = []
    for (const unit of units) {
      const text = (length: number): string => unit.repeat(Math.floor(length / unit.length)) + end
      if (!isLinear((length) => read(text(length)))) slow.push(JSON.stringify(unit))
    }
    expect(slow).toEqual([])
  })
})
