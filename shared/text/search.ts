/** A parsed search query, for example `boat OR ship -sail "due friday" from:ann is:pinned before:yesterday`. */
export interface QueryTerm {
  text: string
  /** A quoted phrase matches exactly, not inside longer words. */
  exact: boolean
  /** Written with `-` before it: messages with it are left out. */
  isExcluded?: true
  /** Written with `OR` before it: an alternative to the term before it. */
  isAlternative?: true
}

export const filterKeys = ['from', 'in', 'has', 'is', 'mentions', 'before', 'after', 'on', 'during'] as const
export type FilterKey = (typeof filterKeys)[number]

export interface QueryFilter {
  key: FilterKey
  value: string
  /** Written with a space before the value, or without a value that can be a name: text if it means nothing as a filter. */
  isLoose?: true
  /** As of a term. */
  isExcluded?: true
}

export interface SearchQuery {
  terms: QueryTerm[]
  filters: QueryFilter[]
}

const keys = filterKeys.join('|')
/** A dash with a space behind it, or within a word, leaves nothing out. */
const minus = String.raw`(?<!\S)[-－﹣−](?=["\p{L}\p{N}\p{Extended_Pictographic}\p{RI}@＠#＃])`
const queryPart = new RegExp(
  String.raw`(?<minus>${minus})?(?:(?<key>${keys})[:：](?<gap>\s*)(?:"(?<quoted>[^"]*)"?|(?!(?:${keys})[:：])(?<value>[^\s"]\S*))?|"(?<phrase>[^"]*)"?|(?<word>[^\s"]+))`,
  'giu',
)

/**
 * Never throws: an unknown filter is searched as a term. An open quote ends with the text. `OR` joins the terms on both
 * sides of it; it is a word where the query begins with it, and means nothing next to a filter or at the end.
 */
export function parseQuery(text: string): SearchQuery {
  const query: SearchQuery = { terms: [], filters: [] }
  let isAfterTerm = false
  let isAlternative = false
  // text pasted from other programs often has typographic quotes
  for (const { groups = {} } of text.replaceAll(/[“”„«»]/g, '"').matchAll(queryPart)) {
    const excluded = groups['minus'] === undefined ? {} : { isExcluded: true as const }
    const term = (groups['phrase'] ?? groups['word'] ?? '').trim()
    if (groups['key'] !== undefined) {
      query.filters.push({ ...toFilter(groups), ...excluded })
      isAfterTerm = isAlternative = false
    } else if (isOr(groups) && query.terms.length + query.filters.length > 0) {
      isAlternative ||= isAfterTerm
      isAfterTerm = false
    } else if (term !== '') {
      const joined = isAlternative && !excluded.isExcluded ? { isAlternative: true as const } : {}
      query.terms.push({ text: term, exact: groups['phrase'] !== undefined, ...excluded, ...joined })
      isAfterTerm = !excluded.isExcluded
      isAlternative = false
    }
  }
  return query
}

/** Only in capitals: "or" is a word like all others. */
function isOr({ word, minus: sign }: Record<string, string | undefined>): boolean {
  return sign === undefined && (word === 'OR' || word === 'ＯＲ')
}

function toFilter({ key = '', gap, quoted, value }: Record<string, string | undefined>): QueryFilter {
  const filter = { key: key.toLowerCase() as FilterKey, value: (quoted ?? value ?? '').trim() }
  const isLoose = gap !== '' || filter.value === '' || !canBeMeant(filter)
  return isLoose ? { ...filter, isLoose } : filter
}

function canBeMeant({ key, value }: QueryFilter): boolean {
  if (key === 'from' || key === 'mentions') return canBeName(value)
  return key !== 'is' || /^\p{L}+$/u.test(value)
}

/** Not `from:10.0.0.1:443` or `from:<ann@example.org>` of a log. */
function canBeName(value: string): boolean {
  return /^[@＠]?[\p{L}\p{M}\p{Nd}._\-'’ ]+$/u.test(value) && /\p{L}/u.test(value)
}
