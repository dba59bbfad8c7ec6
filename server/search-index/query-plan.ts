import { sql } from 'kysely'
import { limits } from '../../shared/contract/values.ts'
import type { HasFilter } from '../../shared/contract/search.ts'
import type { Input } from '../../shared/contract.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { parseDateRange } from '../../shared/text/days.ts'
import { foldName, nameRanker } from '../../shared/text/name-search.ts'
import { foldCase } from '../../shared/text/names.ts'
import { type QueryFilter, parseQuery, type SearchQuery } from '../../shared/text/search.ts'
import { isTimeZone } from '../../shared/text/zones.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { isUnconditional, type PhraseTerm, type SearchExpression } from '../db/search-expression.ts'
import { authorScope, chatScope, linkScope } from './message-index.ts'
import type { TermSource } from './terms.ts'
import { isSingleCharTerm, tokenize } from './tokenize.ts'

/** A phrase that a message must contain: terms that follow each other. */
export interface SearchPhrase {
  words: string[]
  exact: boolean
}

/** What a query compiles to. */
export interface QueryPlan {
  phrases: SearchPhrase[]
  /** Absent: the query has no condition, so every message matches. */
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

/** More chats than this are not put into the expression: then matches are so dense that each can be checked. */
const maxScopedChats = 100
const maxScopedUsers = 100
/** A few chats cost next to nothing. */
const maxCheapChats = 4
/** The share of all messages in the viewer's chats from which on it is faster to check each match. */
const minDenseShare = 1 / 8
/** Terms that contain a part; more of them cost more than they are worth. */
const maxInfixTerms = 300
const minPartLength = 3

const quotesHint = 'To search for it as text, put it in quotes.'

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
    parseTimeRange([filter], clock)
  })
  if (terms.length > limits.searchTerms) {
    throw new HubError('invalid', `Search for at most ${limits.searchTerms} words at once.`, { field: 'q' })
  }
  const wanted = terms
    .map(({ text, exact }) => ({ words: tokenize(text), exact }))
    .filter(({ words }) => words.length > 0)
  const narrowed =
    filters.length > 0 || [input.from, input.chatId, input.has].some((value) => value !== undefined)
  const dated = input.before !== undefined || input.after !== undefined
  if (terms.length === 0 && !narrowed && !dated) {
    throw new HubError('invalid', 'Enter a search term.', { field: 'q' })
  }

  const { chats } = names
  const named = scopesOf(names, { ...input, filters })
  const isInChat = input.chatId !== undefined || filters.some(({ key }) => key === 'in')
  const mine = isInChat || chats.length > maxScopedChats ? [] : [chats.map(({ id }) => chatScope(id))]
  const scopes = [...mine, ...named]
  const phrases: PhraseTerm[][] = []
  for (const one of wanted) phrases.push(await listPhrases(vocabulary, one))
  const time = parseTimeRange(filters, clock)
  const before = await parseBound(db, me, input.before, clock)
  const after = await parseBound(db, me, input.after, clock)
  const from = Math.max(time.from, after?.from ?? 0)
  const to = Math.min(time.to, before?.to ?? Number.MAX_SAFE_INTEGER)
  return {
    phrases: wanted,
    expression: toExpression({ scopes, phrases }),
    ...(mine.length > 0 && (await isDense(db, chats))
      ? { anywhere: { expression: toExpression({ scopes: named, phrases }) } }
      : {}),
    // terms were typed, but no message can contain any of them
    nothing: (terms.length > 0 && wanted.length === 0) || scopes.some((any) => any.length === 0),
    above: Math.max(after?.n ?? 0, (await findNumberAt(db, from - dayMs)) - 1),
    below: Math.min(before?.n ?? Number.MAX_SAFE_INTEGER, await findNumberAt(db, to + dayMs)),
    from,
    to,
    limit: Math.min(input.limit ?? 20, limits.page.hits),
  }
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
    terms.push(...[filter.key, filter.value].map((text) => ({ text, exact: false })))
    return false
  })
  return { terms, filters }
}

interface Narrowing extends Pick<Input<'search.messages'>, 'chatId' | 'from' | 'has'> {
  filters: QueryFilter[]
}

/** Each element is a list of scopes, of which a message must have at least one. @throws HubError `invalid` */
function scopesOf(names: Names, { chatId, from, has, filters }: Narrowing): string[][] {
  return [
    ...namedChatScopes(names.chats, chatId, filters),
    ...authorScopes(names, from, filters),
    ...hasScopes(has, filters),
  ]
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

/** Document numbers follow time unless the clock was set: the bounds are widened by this much. */
const dayMs = 24 * 60 * 60_000

const messageCount = prepared((db, _: object) =>
  db.selectFrom('message').select((eb) => eb.fn.max('n').as('count')),
)

/** The phrases of which one must be in the message. */
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

interface UserChat {
  id: string
  name: string | null
  peer: string | null
  peerName: string | null
  lastNo: number
}

const listUserChats = prepared((db, p: { me: string }) =>
  db
    .selectFrom('membership as m')
    .innerJoin('chat as c', (join) => join.onRef('c.id', '=', 'm.chatId').on('c.deletedAt', 'is', null))
    .leftJoin('membership as p', (join) =>
      join
        .on('c.kind', '=', sql.lit('direct'))
        .onRef('p.chatId', '=', 'c.id')
        .on((eb) => eb.or([eb('p.userId', '<>', eb.ref('m.userId')), eb('c.memberCount', '=', 1)])),
    )
    .leftJoin('user as u', 'u.id', 'p.userId')
    .where('m.userId', '=', p.me)
    .select(['c.id', 'c.name', 'c.lastNo', 'u.username as peer', 'u.displayName as peerName']),
)

interface NamedUser {
  id: string
  username: string
  displayName: string
}

const listNamedUsers = prepared((db, _: object) =>
  db.selectFrom('user').where('pendingSince', 'is', null).select(['id', 'username', 'displayName']),
)

/** What the names in a query can mean. */
interface Names {
  me: string
  chats: UserChat[]
  /** Empty if the query names no user. */
  users: NamedUser[]
}

async function loadNames(db: Db, me: string, { filters }: SearchQuery): Promise<Names> {
  const namesUsers = filters.some(({ key, value }) => key === 'from' && foldCase(value) !== 'me')
  return {
    me,
    chats: await listUserChats(db, { me }),
    users: namesUsers ? await listNamedUsers(db, {}) : [],
  }
}

/** Each element is a list of scopes, of which a message must have at least one. */
function namedChatScopes(chats: UserChat[], chatId: string | undefined, filters: QueryFilter[]): string[][] {
  const named = filters.filter(({ key }) => key === 'in').map(({ value }) => chatsNamed(chats, value))
  const scopes = named.map((ids) => ids.map(chatScope))
  if (chatId !== undefined) scopes.push([chatScope(chatId)])
  return scopes
}

function chatsNamed(chats: UserChat[], value: string): string[] {
  const key = value.replace(/^[#＃@＠]/, '').trim()
  const found = closestByName(chats, key, (chat) =>
    [chat.name, chat.peer, chat.peerName].filter((name) => name !== null),
  )
  if (found.length === 0) {
    throw new HubError('invalid', `You have no chat called “${truncate(value)}”. ${quotesHint}`, {
      field: 'q',
    })
  }
  return found.slice(0, maxScopedChats).map(({ id }) => id)
}

function authorScopes({ me, users }: Names, from: string | undefined, filters: QueryFilter[]): string[][] {
  const names = filters.filter(({ key }) => key === 'from').map(({ value }) => value)
  const ids = names.flatMap((name) => (foldCase(name) === 'me' ? [me] : usersNamed(users, name)))
  return [
    ...(ids.length > 0 ? [ids.map(authorScope)] : []),
    ...(from === undefined ? [] : [[authorScope(from)]]),
  ]
}

function usersNamed(users: readonly NamedUser[], value: string): string[] {
  const key = value.replace(/^[@＠]/, '').trim()
  const found = closestByName(users, key, ({ username, displayName }) => [username, displayName])
    .slice(0, maxScopedUsers)
    .map(({ id }) => id)
  if (found.length === 0) {
    throw new HubError('invalid', `No user is called “${truncate(value)}”. ${quotesHint}`, { field: 'q' })
  }
  return found
}

/** Those with this name, as written or without accents; without any, those whose name begins so. */
function closestByName<T>(list: readonly T[], name: string, namesOf: (each: T) => string[]): T[] {
  if (name === '') return []
  for (const fold of [foldCase, foldName]) {
    const same = list.filter((each) => namesOf(each).map(fold).includes(fold(name)))
    if (same.length > 0) return same
  }
  const rank = nameRanker(name)
  return list.filter((each) => rank(...namesOf(each)) === 3)
}

function hasScopes(has: HasFilter | undefined, filters: QueryFilter[]): string[][] {
  const values = filters.filter(({ key }) => key === 'has').map(({ value }) => value.toLowerCase())
  return [...values, ...(has === undefined ? [] : [has])].map((value) => {
    const kind = value.replace(/s$/, '')
    if (kind === 'link') return [linkScope]
    if (kind === 'file' || kind === 'image') return [`h${kind}`]
    throw new HubError('invalid', '“has:” must be followed by file, image or link.', { field: 'q' })
  })
}

/** The reader's time: what `today` is. */
interface ReaderClock {
  now: number
  zone: string | undefined
}

function requireZone(zone: string | undefined): string | undefined {
  if (zone === undefined || isTimeZone(zone)) return zone
  throw new HubError(
    'invalid',
    `This hub does not know the time zone “${truncate(zone)}”. Write it as Europe/Berlin or +05:30.`,
    { field: 'zone' },
  )
}

const dayFilters: readonly string[] = ['before', 'after', 'on', 'during']

function parseTimeRange(filters: QueryFilter[], clock: ReaderClock): { from: number; to: number } {
  let from = 0
  let to = Number.MAX_SAFE_INTEGER
  for (const { key, value } of filters) {
    if (!dayFilters.includes(key)) continue
    const span = requireDays(value, clock, 'q')
    if (key !== 'before') from = Math.max(from, key === 'after' ? span.to : span.from)
    if (key !== 'after') to = Math.min(to, key === 'before' ? span.from : span.to)
  }
  return { from, to }
}

/** A time, a day or a message. `before:` a day means before it begins, `after:` means after it has ended. */
async function parseBound(
  db: Db,
  me: string,
  place: number | string | undefined,
  { now, zone }: ReaderClock,
) {
  if (place === undefined) return undefined
  if (typeof place === 'number' || /^\d{5,16}$/.test(place)) {
    return { n: undefined, to: Number(place), from: Number(place) + 1 }
  }
  const [found] = await findOwnNumber(db, { me, messageId: place })
  if (found) return { n: found.n, from: 0, to: Number.MAX_SAFE_INTEGER }
  const span = parseDateRange(place, now, zone)
  if (!span) throw notFound('This message')
  return { n: undefined, to: span.from, from: span.to }
}

function requireDays(value: string, { now, zone }: ReaderClock, field: string) {
  const span = parseDateRange(value, now, zone)
  if (span) return span
  throw new HubError(
    'invalid',
    `“${truncate(value)}” is not a date. Write it as 2026-05-31, yesterday or last week.`,
    { field },
  )
}

const findOwnNumber = prepared((db, p: { me: string; messageId: string }) =>
  db
    .selectFrom('message as m')
    .innerJoin('membership as s', (join) => join.onRef('s.chatId', '=', 'm.chatId').on('s.userId', '=', p.me))
    .where('m.id', '=', p.messageId)
    .select('m.n'),
)

const numberBounds = prepared((db, _: object) =>
  db.selectNoFrom((eb) => [
    eb
      .selectFrom('message')
      .select((message) => message.fn.min('n').as('n'))
      .as('low'),
    eb
      .selectFrom('message')
      .select((message) => message.fn.max('n').as('n'))
      .as('high'),
  ]),
)

const firstFrom = prepared((db, p: { n: number }) =>
  db.selectFrom('message').where('n', '>=', p.n).select(['n', 'at']).orderBy('n').limit(1),
)

/** The first message at or after a time: numbers follow time, so a few looks find it. */
async function findNumberAt(db: Db, at: number): Promise<number> {
  if (at <= 0) return 1
  const [bounds] = await numberBounds(db, {})
  if (typeof bounds?.low !== 'number' || typeof bounds.high !== 'number') return 1
  let first = bounds.low
  let last = bounds.high + 1
  while (first < last) {
    const middle = Math.floor((first + last) / 2)
    const [row] = await firstFrom(db, { n: middle })
    if (row && row.at < at) first = row.n + 1
    else last = middle
  }
  return first
}

function truncate(value: string): string {
  return value.slice(0, 40)
}
