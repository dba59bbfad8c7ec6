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
}

export interface SearchQuery {
  terms: QueryTerm[]
  filters: QueryFilter[]
}

const queryPart =
  /(?<key>from|in|has|before|after|on):(?:"(?<quoted>[^"]*)"?|(?<value>\S*))|"(?<phrase>[^"]*)"?|(?<word>[^\s"]+)/giu

/** Never throws: an unknown filter is searched as a term. An open quote ends with the text. */
export function parseQuery(text: string): SearchQuery {
  const query: SearchQuery = { terms: [], filters: [] }
  // text pasted from other programs often has typographic quotes
  for (const { groups = {} } of text.replaceAll(/[“”„«»]/g, '"').matchAll(queryPart)) {
    const { key, quoted, value, phrase, word } = groups
    if (key !== undefined) {
      query.filters.push({ key: key.toLowerCase() as FilterKey, value: (quoted ?? value ?? '').trim() })
    } else if (phrase !== undefined) {
      if (phrase.trim()) query.terms.push({ text: phrase.trim(), exact: true })
    } else if (word !== undefined) query.terms.push({ text: word, exact: false })
  }
  return query
}
