/** A parsed search query, for example `boat "due friday" from:ann has:file before:yesterday`. */
export interface QueryTerm {
  text: string
  /** A quoted phrase matches exactly, not inside longer words. */
  exact: boolean
}

export const filterKeys = ['from', 'in', 'has', 'before', 'after', 'on', 'during'] as const
export type FilterKey = (typeof filterKeys)[number]

export interface QueryFilter {
  key: FilterKey
  value: string
  /** Written with a space before the value, or without a value that can be a name: text if it means nothing as a filter. */
  isLoose?: true
}

export interface SearchQuery {
  terms: QueryTerm[]
  filters: QueryFilter[]
}

const keys = filterKeys.join('|')
const queryPart = new RegExp(
  String.raw`(?<key>${keys})[:：](?<gap>\s*)(?:"(?<quoted>[^"]*)"?|(?!(?:${keys})[:：])(?<value>[^\s"]\S*))?|"(?<phrase>[^"]*)"?|(?<word>[^\s"]+)`,
  'giu',
)

/** Never throws: an unknown filter is searched as a term. An open quote ends with the text. */
export function parseQuery(text: string): SearchQuery {
  const query: SearchQuery = { terms: [], filters: [] }
  // text pasted from other programs often has typographic quotes
  for (const { groups = {} } of text.replaceAll(/[“”„«»]/g, '"').matchAll(queryPart)) {
    const { key, gap, quoted, value, phrase, word } = groups
    if (key !== undefined) {
      const filter = { key: key.toLowerCase() as FilterKey, value: (quoted ?? value ?? '').trim() }
      const isLoose = gap !== '' || filter.value === '' || (filter.key === 'from' && !canBeName(filter.value))
      query.filters.push(isLoose ? { ...filter, isLoose } : filter)
    } else if (phrase !== undefined) {
      if (phrase.trim()) query.terms.push({ text: phrase.trim(), exact: true })
    } else if (word !== undefined) query.terms.push({ text: word, exact: false })
  }
  return query
}

/** Not `from:10.0.0.1:443` or `from:<ann@example.org>` of a log. */
function canBeName(value: string): boolean {
  return /^[@＠]?[\p{L}\p{M}\p{Nd}._\-'’ ]+$/u.test(value) && /\p{L}/u.test(value)
}
