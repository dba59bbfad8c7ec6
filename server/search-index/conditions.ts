// Filters that the index does not know: they are checked for each message that it finds.
import { sql } from 'kysely'
import { HubError } from '../../shared/errors.ts'
import { resolveReading } from '../../shared/text/mentions.ts'
import { broadcastMentions, findMentionReadings } from '../../shared/text/message.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { QueryFilter } from '../../shared/text/search.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { PhraseTerm } from '../db/search-expression.ts'
import type { SearchPhrase } from './highlight.ts'
import { quotesHint } from './scopes.ts'
import { isSingleCharTerm, tokenize } from './tokenize.ts'

/** True: only such messages. False: none of them. */
export interface Conditions {
  pinned?: boolean
  /** Replies, and messages that have some. */
  thread?: boolean
  mentions?: boolean
}

/** What is read of a message that the index found. */
export interface FoundMessage {
  text: string
  authorId: string
  isCalled: number | boolean
}

/**
 * The column `isCalled`, for the message `m` and the viewer's membership `s`: a broadcast reaches whom it reached when it
 * was sent. For replies that is stored with the activity, so for some months.
 */
export const isCalledSql = `case when m.thread = '' then exists (
    select 1 from mention x where x.user_id = s.user_id and x.chat_id = m.chat_id and x.no = m.no
  ) else exists (
    select 1 from activity x where x.user_id = s.user_id and x.message_id = m.id and x.kind = 'mention'
  ) end`

/** Returns undefined if they contradict each other, so that no message can match. @throws HubError `invalid` */
export function readConditions(filters: readonly QueryFilter[]): Conditions | undefined {
  const conditions: Conditions = {}
  for (const filter of filters) {
    const name = conditionOf(filter)
    if (name === undefined) continue
    const isWanted = filter.isExcluded !== true
    if (conditions[name] === !isWanted) return undefined
    conditions[name] = isWanted
  }
  return conditions
}

function conditionOf({ key, value }: QueryFilter): keyof Conditions | undefined {
  const name = foldCase(value)
  if (key === 'is') {
    if (name === 'pinned') return 'pinned'
    if (name === 'thread' || name === 'threads') return 'thread'
    throw new HubError('invalid', `“is:” must be followed by pinned or thread. ${quotesHint}`, { field: 'q' })
  }
  if (key !== 'mentions') return undefined
  if (/^[@＠]?me$/.test(name)) return 'mentions'
  throw new HubError('invalid', `“mentions:” must be followed by me. ${quotesHint}`, { field: 'q' })
}

/** Conditions for the message `m`, in the SQL of both databases. */
export function conditionSql({ pinned, thread }: Conditions): string[] {
  return [
    ...(pinned === undefined ? [] : [`m.pinned_at is ${pinned ? 'not null' : 'null'}`]),
    ...(thread === undefined
      ? []
      : [thread ? `(m.thread <> '' or m.reply_count > 0)` : `m.thread = '' and m.reply_count = 0`]),
  ]
}

/** The users that a mention of the viewer must not be confused with: see `findMentions` of the messages. */
export interface MentionNames {
  /** User ids by key, and the broadcasts. */
  byKey: ReadonlyMap<string, string>
  username: string
  /** What is highlighted: the name, nothing longer. */
  shown: SearchPhrase[]
}

export async function loadMentionNames(db: Db, me: string): Promise<MentionNames> {
  const users = await listNamesFrom(db, { me })
  const username = users.find(({ id }) => id === me)?.username ?? ''
  const byKey = new Map(users.map(({ key, id }) => [key, id]))
  for (const name of broadcastMentions) byKey.set(name, name)
  return { byKey, username, shown: [{ words: tokenize(username), exact: true }] }
}

/** The viewer, and users whose name begins with that of the viewer: "@ann.b" does not mean ann if there is ann.b. */
const listNamesFrom = prepared((db, p: { me: string }) =>
  db
    .selectFrom('user as u')
    .innerJoin('user as v', (join) => join.on('v.id', '=', p.me))
    .where(sql<boolean>`substr(u.username_key, 1, length(v.username_key)) = v.username_key`)
    .where('u.deactivatedAt', 'is', null)
    .where('u.pendingSince', 'is', null)
    .select(['u.id', 'u.username', 'u.usernameKey as key']),
)

/** Every message that mentions the viewer has one of these; empty if the index does not know the name. */
export function mentionPhrases({ username }: MentionNames): PhraseTerm[] {
  if (tokenize(username).length === 0) return []
  return [username, ...broadcastMentions].map((name) => {
    const words = tokenize(name)
    return { words, isOpen: !isSingleCharTerm(words.at(-1) ?? '') }
  })
}

/** Returns a check for the messages that the index found. */
export function conditionCheck(
  me: string,
  names: MentionNames | undefined,
  { mentions }: Conditions,
): (message: FoundMessage) => boolean {
  if (mentions === undefined || names === undefined) return () => true
  return (message) => mentionsUser(message, me, names) === mentions
}

/** By the text, since messages of a chat that contain a keyword are stored like mentions, and those in threads only until read. */
function mentionsUser(
  { text, authorId, isCalled }: FoundMessage,
  me: string,
  { byKey }: MentionNames,
): boolean {
  if (authorId === me) return false
  const named = findMentionReadings(text).map(
    (readings) => resolveReading(readings, (key) => byKey.get(key))?.found,
  )
  return named.includes(me) || (Boolean(isCalled) && broadcastMentions.some((name) => named.includes(name)))
}
