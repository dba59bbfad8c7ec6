import { tokenize } from '../../../server/search-index/tokenize.ts'
import { parseTimeRange } from '../../../server/search-index/time-range.ts'
import { limits } from '../../../shared/contract/values.ts'
import { HubError } from '../../../shared/errors.ts'
import { hasKeyword } from '../../../shared/text/keywords.ts'
import { foldCase } from '../../../shared/text/names.ts'
import { filterKeys, parseQuery, type QueryFilter } from '../../../shared/text/search.ts'
import { Texts } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * Queries of the search: no text is refused by the parser, no more comes out than was typed, each term is of the text, and a time
 * that means nothing is refused in words for the user.
 */

const pieces = [
  ...[
    'boat',
    'due friday',
    '"',
    '“',
    '”',
    '-',
    '－',
    ' ',
    ' ',
    ' ',
    'OR',
    ' OR ',
    'ＯＲ',
    'or',
    ':',
    '：',
    '@ann',
    '#kitchen',
    'ＡＢ',
  ],
  ...filterKeys.map((key) => `${key}:`),
  ...[
    'from:ann',
    'from:"Ann B"',
    'in:kitchen',
    'has:file',
    'is:pinned',
    'mentions:me',
    '-in:x',
    'before:yesterday',
  ],
  ...[
    'after:2024-02-30',
    'on:2026-11-30',
    'during:november',
    'during:2025',
    'before:9999-99-99',
    'on:today',
    'after:-1',
  ],
  ...[
    'from:10.0.0.1:443',
    'is:1',
    'OR OR',
    '--',
    '*',
    '^',
    'NEAR(',
    'AND',
    'NOT',
    '{',
    '船',
    'ใหม่',
    'サーバー',
    '👍',
    '٣',
    "'",
  ],
]
const texts = new Texts(pieces, [
  'boat OR ship -sail "due friday" from:ann is:pinned before:yesterday',
  ...pieces,
])
const clock = { now: Date.UTC(2026, 10, 30, 12), zone: 'Europe/Berlin' }

export function openSearchTarget(): Target<string> {
  const subject = { parse: parseQuery }
  return {
    inputsPerRound: 20_000,
    make: (random) => texts.make(random, 10, limits.searchQuery),
    check: (text) => checkQuery(text, subject.parse) ?? checkTerms(text),
    faults: {
      'lost-term': () => {
        subject.parse = (text) => {
          const query = parseQuery(text)
          return { ...query, terms: query.terms.slice(0, 3) }
        }
      },
    },
  }
}

function checkQuery(text: string, parse: typeof parseQuery): string | undefined {
  const { terms, filters } = parse(text)
  const quoted = text.replaceAll(/[“”„«»]/g, '"')
  const words = quoted
    .split(/[\s"]+/)
    .filter((word) => /^[a-z船]+$/.test(word) && !(filterKeys as readonly string[]).includes(word))
  const parsed = [
    ...terms.map((term) => term.text),
    ...filters.map(({ key, value }) => `${key} ${value}`),
  ].join(' ')
  return firstProblem(
    [terms.length + filters.length <= text.length, 'more terms than characters'],
    [terms.every((term) => term.text !== '' && quoted.includes(term.text)), 'a term that nobody typed'],
    [filters.every(({ key }) => filterKeys.includes(key)), 'a filter that does not exist'],
    [filters.every(({ value }) => quoted.includes(value)), 'a value that nobody typed'],
    [words.every((word) => parsed.includes(word)), 'a lost word'],
    [!terms[0]?.isAlternative, 'an alternative to nothing'],
    [JSON.stringify(parse(text)) === JSON.stringify({ terms, filters }), 'another query the second time'],
    [checkTimes(filters), 'a time that is not refused in words'],
  )
}

function checkTimes(filters: readonly QueryFilter[]): boolean {
  for (const filter of filters) {
    try {
      const { from, to } = parseTimeRange([filter], clock)
      if (!(from <= to) && filter.isExcluded !== true) return false
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'invalid') return false
    }
  }
  return true
}

function checkTerms(text: string): string | undefined {
  const words = tokenize(text)
  return firstProblem(
    [words.every((word) => word !== '' && !/\s/u.test(word)), 'a word with a space'],
    [words.length <= 2 * text.length, 'more words than characters'],
    [JSON.stringify(tokenize(words.join(' '))) === JSON.stringify(words), 'other words the second time'],
    [!hasKeyword(text, ['boat']) || foldCase(text).includes('boat'), 'a keyword that is not there'],
  )
}
