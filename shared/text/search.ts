/** A parsed search query, for example `boat "due friday" from:ann has:file before:yesterday`. */
export interface QueryTerm {
  text: string
  /** A quoted phrase matches exactly, not inside longer words. */
  exact: boolean
}

export const filterKeys = ['from', 'in', 'has', 'before', 'after', 'on'] as const
export type FilterKey = (typeof filterKeys)[number]

export interface QueryFilter {
  key: FilterKey
  value: string
  /** Written with a space before the value, or without one: it is text if it means nothing as a filter. */
  isLoose?: true
}

export interface SearchQuery {
  terms: QueryTerm[]
  filters: QueryFilter[]
}

const keys = filterKeys.join('|')
const queryPart = new RegExp(
  String.raw`(?<key>${keys}):(?<gap>\s*)(?:"(?<quoted>[^"]*)"?|(?!(?:${keys}):)(?<value>[^\s"]\S*))?|"(?<phrase>[^"]*)"?|(?<word>[^\s"]+)`,
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
      query.filters.push(gap !== '' || filter.value === '' ? { ...filter, isLoose: true } : filter)
    } else if (phrase !== undefined) {
      if (phrase.trim()) query.terms.push({ text: phrase.trim(), exact: true })
    } else if (word !== undefined) query.terms.push({ text: word, exact: false })
  }
  return query
}
