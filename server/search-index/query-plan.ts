import { limits } from '../../shared/contract/values.ts'
import type { Input } from '../../shared/contract.ts'
import { HubError } from '../../shared/errors.ts'
import { type QueryFilter, type QueryTerm, parseQuery, type SearchQuery } from '../../shared/text/search.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { isUnconditional, type PhraseTerm, type SearchExpression } from '../db/search-expression.ts'
import {
  conditionCheck,
  conditionSql,
  loadMentionNames,
  mentionPhrases,
  readConditions,
  type FoundMessage,
} from './conditions.ts'
import { containsAny, type SearchPhrase } from './highlight.ts'
import { chatScope } from './message-index.ts'
import { loadNames, maxScopedChats, scopesOf, type Names, type UserChat } from './scopes.ts'
import type { TermSource } from './terms.ts'
import {
  dayMs,
  findNumberAt,
  parseBound,
  parseTimeRange,
  requireZone,
  type ReaderClock,
} from './time-range.ts'
import { isSingleCharTerm, tokenize } from './tokenize.ts'

/** What a query compiles to. */
export interface QueryPlan {
  /** What is highlighted. */
  phrases: SearchPhrase[]
  /** Conditions in SQL that a message `m` must meet besides. */
  conditions: readonly string[]
  /** The conditions that remain. */
  check: (message: FoundMessage) => boolean
  /** Only pinned messages can match. */
  isPinned: boolean
  /** Absent: the index is not needed, so every message matches. */
  expression: SearchExpression | undefined
  /**
   * The query without the viewer's chats, if their messages are a large part of all: tried first, since it is much
   * quicker.
   */
  anywhere?: { expression: SearchExpression | undefined }
  /** True if no message can match. */
  nothing: boolean
  /** Numbers of messages, neither included. */
  above: number
  below: number
  /** Time in ms: `from` is in it, `to` is not. */
  from: number
  to: number
  limit: number
}

/** A few chats cost next to nothing. */
const maxCheapChats = 4
/** The share of all messages in the viewer's chats from which on it is faster to check each match. */
const minDenseShare = 1 / 8
/** Terms that contain a part; more of them cost more than they are worth. */
const maxInfixTerms = 300
const minPartLength = 3

/** @throws HubError `invalid` with a message for the user */
export async function planSearch(
  db: Db,
  vocabulary: TermSource,
  me: string,
  input: Input<'search.messages'>,
  now: number,
): Promise<QueryPlan> {
  const clock = { now, zone: requireZone(input.zone) }
  const query = parseQuery(input.q ?? '')
  const names = await loadNames(db, me, query)
  const { terms, filters } = readLooseFilters(query, (filter) => {
    scopesOf(names, { filters: [filter] })
    readConditions([filter])
    parseTimeRange([filter], clock)
  })
  const wanted = { terms: terms.filter(isWanted), filters: filters.filter(isWanted) }
  requireWanted(input, wanted, { terms, filters })
  const alternatives = groupAlternatives(wanted.terms)
  const conditions = readConditions(filters)
  const mentionNames = conditions?.mentions === undefined ? undefined : await loadMentionNames(db, me)

  const { chats } = names
  const named = scopesOf(names, { ...input, filters: wanted.filters })
  const phrases: PhraseTerm[][] = []
  for (const any of alternatives) phrases.push(await listAnyPhrases(vocabulary, any))
  const mentioned = mentionNames && conditions?.mentions === true ? mentionPhrases(mentionNames) : []
  if (mentioned.length > 0) phrases.push(mentioned)
  const excluded = toPhrases(terms.filter(({ isExcluded }) => isExcluded))
  const without = await listExcluded(vocabulary, names, excluded, filters)
  // the index leaves out messages only of those that it finds
  const needsChats = without !== undefined && named.length + phrases.length === 0
  const isInChat = input.chatId !== undefined || wanted.filters.some(({ key }) => key === 'in')
  const isUnscoped = isInChat || (chats.length > maxScopedChats && !needsChats)
  const mine = isUnscoped ? [] : [chats.map(({ id }) => chatScope(id))]
  const scopes = [...mine, ...named]
  const meets = conditionCheck(me, mentionNames, conditions ?? {})
  return {
    phrases: [...alternatives.flat(), ...(mentioned.length > 0 ? (mentionNames?.shown ?? []) : [])],
    conditions: conditionSql(conditions ?? {}),
    // the index does not know all the longer words that contain a term
    check: (message) => meets(message) && !containsAny(message.text, excluded),
    isPinned: conditions?.pinned === true,
    expression: toExpression({ scopes, phrases, without }),
    ...(mine.length > 0 && !needsChats && (await isDense(db, chats))
      ? { anywhere: { expression: toExpression({ scopes: named, phrases, without }) } }
      : {}),
    nothing:
      // the conditions contradict each other
      conditions === undefined ||
      // terms were typed, but no message can contain any of them
      (wanted.terms.length > 0 && alternatives.length === 0) ||
      scopes.some((any) => any.length === 0),
    ...(await findBounds(db, me, input, { filters, clock })),
    limit: Math.min(input.limit ?? 20, limits.page.hits),
  }
}

function isWanted({ isExcluded }: QueryTerm | QueryFilter): boolean {
  return isExcluded !== true
}

/** @throws HubError `invalid` if the query has too many terms, or finds nothing by itself */
function requireWanted(input: Input<'search.messages'>, wanted: SearchQuery, all: SearchQuery): void {
  if (all.terms.length > limits.searchTerms) {
    throw new HubError('invalid', `Search for at most ${limits.searchTerms} words at once.`, { field: 'q' })
  }
  const members = [input.from, input.chatId, input.has, input.before, input.after]
  if (wanted.terms.length + wanted.filters.length > 0 || members.some((one) => one !== undefined)) return
  const isOnlyExcluding = all.terms.length + all.filters.length > 0
  throw new HubError(
    'invalid',
    isOnlyExcluding ? 'Enter a search term besides those to leave out.' : 'Enter a search term.',
    { field: 'q' },
  )
}

async function findBounds(
  db: Db,
  me: string,
  input: Input<'search.messages'>,
  { filters, clock }: { filters: QueryFilter[]; clock: ReaderClock },
): Promise<Pick<QueryPlan, 'above' | 'below' | 'from' | 'to'>> {
  const time = parseTimeRange(filters, clock)
  const before = await parseBound(db, me, input.before, clock)
  const after = await parseBound(db, me, input.after, clock)
  const from = Math.max(time.from, after?.from ?? 0)
  const to = Math.min(time.to, before?.to ?? Number.MAX_SAFE_INTEGER)
  return {
    above: Math.max(after?.n ?? 0, (await findNumberAt(db, from - dayMs)) - 1),
    below: Math.min(before?.n ?? Number.MAX_SAFE_INTEGER, await findNumberAt(db, to + dayMs)),
    from,
    to,
  }
}

/** Each element is a list of phrases, of which a message must contain at least one. Terms without a word are left out. */
function groupAlternatives(terms: readonly QueryTerm[]): SearchPhrase[][] {
  const groups: QueryTerm[][] = []
  for (const term of terms) {
    const last = groups.at(-1)
    if (term.isAlternative && last) last.push(term)
    else groups.push([term])
  }
  return groups.map(toPhrases).filter((any) => any.length > 0)
}

function toPhrases(terms: readonly QueryTerm[]): SearchPhrase[] {
  return terms
    .map(({ text, exact }) => ({ words: tokenize(text), exact }))
    .filter(({ words }) => words.length > 0)
}

/** What a message must not have; undefined if nothing is left out. */
async function listExcluded(
  vocabulary: TermSource,
  names: Names,
  excluded: readonly SearchPhrase[],
  filters: readonly QueryFilter[],
): Promise<SearchExpression['without']> {
  const scopes = filters
    .filter((filter) => !isWanted(filter))
    .flatMap((filter) => scopesOf(names, { filters: [filter] }).flat())
  const phrases = await listAnyPhrases(vocabulary, excluded)
  return scopes.length + phrases.length === 0 ? undefined : { scopes, phrases }
}

/** "from: ann" is a filter, and the "from: 10.0.0.1" of a pasted log line is text. */
function readLooseFilters(query: SearchQuery, check: (filter: QueryFilter) => void): SearchQuery {
  const terms = [...query.terms]
  const filters = query.filters.filter((filter) => {
    if (filter.isLoose !== true) return true
    try {
      if (filter.value !== '') {
        check(filter)
        return true
      }
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'invalid') throw error
    }
    const { key, value, isExcluded } = filter
    if (isExcluded) terms.push({ text: `${key} ${value}`, exact: false, isExcluded })
    else terms.push(...[key, value].map((text) => ({ text, exact: false })))
    return false
  })
  return { terms, filters }
}

function toExpression(expression: SearchExpression): SearchExpression | undefined {
  return isUnconditional(expression) ? undefined : expression
}

/** Returns true if a matching message is likely to be in one of the viewer's chats. */
async function isDense(db: Db, chats: UserChat[]): Promise<boolean> {
  if (chats.length <= maxCheapChats) return false
  const [all] = await messageCount(db, {})
  const mine = chats.reduce((sum, { lastNo }) => sum + lastNo, 0)
  return mine >= (all?.count ?? 0) * minDenseShare
}

const messageCount = prepared((db, _: object) =>
  db.selectFrom('message').select((eb) => eb.fn.max('n').as('count')),
)

/** The phrases of which one must be in the message, for some alternatives. */
async function listAnyPhrases(vocabulary: TermSource, any: readonly SearchPhrase[]): Promise<PhraseTerm[]> {
  const phrases: PhraseTerm[] = []
  for (const one of any) phrases.push(...(await listPhrases(vocabulary, one)))
  return phrases
}

async function listPhrases(vocabulary: TermSource, { words, exact }: SearchPhrase): Promise<PhraseTerm[]> {
  const [first = ''] = words
  const last = words.at(-1) ?? ''
  const isOpen = !exact && !isSingleCharTerm(last) && last.length > 1
  if (words.length > 1) {
    // "voice-2024" also finds "invoice-2024-final": the first word may be the end of a longer one
    const isPart = !exact && !isSingleCharTerm(first) && first.length >= minPartLength
    const firsts = [first, ...(isPart ? await vocabulary.findEndingWith(first, maxInfixTerms) : [])]
    const rest = words.slice(1)
    return firsts.map((word) => ({ words: [word, ...rest], isOpen }))
  }
  if (!isOpen) return [{ words: [first], isOpen }]
  const around = first.length < minPartLength ? [] : await vocabulary.findContaining(first, maxInfixTerms)
  return [{ words: [first], isOpen }, ...around.map((word) => ({ words: [word], isOpen: false }))]
}
