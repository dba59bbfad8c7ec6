import type { Input } from '../../shared/contract.ts'
import type { Hit } from '../../shared/contract/search.ts'
import { matchingMessages } from '../db/sqlite/full-text.ts'
import type { Db } from '../db/schema.ts'
import type { SearchExpression } from '../db/search-expression.ts'
import type { SqliteConnection } from '../db/sqlite/connection.ts'
import { isCalledSql, type FoundMessage } from './conditions.ts'
import { highlight } from './highlight.ts'
import { type QueryPlan, planSearch } from './query-plan.ts'
import type { TermList } from './terms.ts'

export interface SearchMatch extends Pick<Hit, 'chatId' | 'highlights' | 'context'> {
  id: string
  /** The part of the text that the highlights refer to. */
  rev: number
}

export interface SearchResult {
  matches: SearchMatch[]
  /** Cursor of the next page. */
  next?: string
}

/**
 * A running query cannot be interrupted (SQLite is built without that). So it is read match by match, and a page that
 * takes too long returns the matches found so far.
 */
const maxSearchMs = 400
const matchesPerClockCheck = 128
/** Matches that are checked before the search is narrowed to the viewer's chats. */
const maxUnscopedMatches = 1_000

interface MessageRow extends FoundMessage {
  id: string
  chatId: string
  rev: number
}

export async function executeSearch(
  { connection: db, handle }: { connection: SqliteConnection; handle: Db },
  vocabulary: TermList,
  me: string,
  input: Input<'search.messages'>,
  now: number,
): Promise<SearchResult> {
  const plan = await planSearch(handle, vocabulary, me, input, now)
  if (plan.nothing || plan.above + 1 >= plan.below) return { matches: [] }
  const until = performance.now() + maxSearchMs
  const found: SearchMatch[] = []
  const { above, isPinned } = plan
  const visibleSql = [visibleMessageSql, ...plan.conditions].join(' and ')
  const look = (n: number): void => {
    const [row] = db.all<MessageRow>(visibleSql, [me, n, plan.from, plan.to])
    if (row && plan.check(row))
      found.push({ id: row.id, chatId: row.chatId, rev: row.rev, ...highlight(row.text, plan.phrases) })
  }
  let { below } = plan
  for (const { expression, looks } of searchPasses(plan)) {
    let looked = 0
    let left: number | undefined
    let over: number | undefined
    for (const n of matchingMessages(db, expression, { above, below, isPinned })) {
      if (found.length === plan.limit) return { matches: found, next: found.at(-1)?.id ?? '' }
      if (looked === looks) {
        left = n
        break
      }
      look(n)
      looked += 1
      if (looked % matchesPerClockCheck === 0 && performance.now() > until) {
        over = n
        break
      }
    }
    if (over !== undefined) {
      if (found.length === plan.limit) return { matches: found, next: found.at(-1)?.id ?? '' }
      // the cursor is a message of the viewer's chats: even ids of messages in other chats are not revealed
      const [mine] = db.all<{ n: number; id: string }>(nearestOwnMessageSql, [me, over, plan.above])
      if (!mine) return { matches: found }
      const itself = { above: mine.n - 1, below: mine.n + 1, isPinned }
      if (mine.n < over) for (const n of matchingMessages(db, expression, itself)) look(n)
      return { matches: found, next: mine.id }
    }
    if (left === undefined) break
    below = left + 1
  }
  return { matches: found }
}

/**
 * A term that only other users use: the search among the viewer's chats ends at once, but a search among all chats
 * reads all matches of others first.
 */
function searchPasses({
  anywhere,
  expression,
}: QueryPlan): { expression: SearchExpression | undefined; looks: number }[] {
  const whole = { expression, looks: Number.POSITIVE_INFINITY }
  return anywhere ? [{ expression: anywhere.expression, looks: maxUnscopedMatches }, whole] : [whole]
}

/** Reads a matching message with the viewer's access, like every message. */
const visibleMessageSql = `
  select m.id, m.chat_id, m.rev, m.text, m.author_id, ${isCalledSql} as is_called
  from message m
  join membership s on s.chat_id = m.chat_id and s.user_id = ?
  join chat c on c.id = m.chat_id and c.deleted_at is null
  where m.n = ? and m.deleted_at is null and m.at >= ? and m.at < ?
    and not exists (select 1 from hidden_message h where h.user_id = s.user_id and h.message_id = m.id)`

const nearestOwnMessageSql = `
  select m.n, m.id
  from message m
  cross join membership s on s.chat_id = m.chat_id and s.user_id = ?
  where m.n <= ? and m.n > ?
  order by m.n desc limit 1`
