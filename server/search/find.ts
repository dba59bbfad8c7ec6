import type { Input } from '../../shared/contract.ts'
import type { Hit } from '../../shared/contract/search.ts'
import { matching } from '../db/full-text.ts'
import type { SqliteConnection } from '../db/sqlite.ts'
import { highlight } from './highlight.ts'
import { planSearch } from './plan.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Found extends Pick<Hit, 'chatId' | 'highlights' | 'context'> {
  id: string
  /** Of the text that the highlights are of. */
  rev: number
}

export interface Findings {
  found: Found[]
  /** Where the next page goes on. */
  next?: string
}

/**
 * A running query cannot be stopped from outside (SQLite is built without that), so it is asked for one match at a time,
 * and a page that takes too long is answered as far as it has come.
 */
const longest = 400
const looksAtClock = 128

interface Row {
  id: string
  chatId: string
  rev: number
  text: string
}

export function find(
  db: SqliteConnection,
  vocabulary: Vocabulary,
  me: string,
  input: Input<'search.messages'>,
  now: number,
): Findings {
  const plan = planSearch(db, vocabulary, me, input, now)
  if (plan.nothing || plan.above + 1 >= plan.below) return { found: [] }
  const numbers = matching(db, plan.expression, plan.above, plan.below)
  const until = performance.now() + longest
  const found: Found[] = []
  let looked = 0
  for (const n of numbers) {
    if (found.length === plan.limit) return { found, next: found.at(-1)?.id ?? '' }
    const [row] = db.all<Row>(visible, [me, n, plan.from, plan.to])
    if (row) found.push({ id: row.id, chatId: row.chatId, rev: row.rev, ...highlight(row.text, plan.wanted) })
    looked += 1
    if (looked % looksAtClock === 0 && performance.now() > until) return { found, next: idOf(db, n) }
  }
  return { found }
}

/** A message that matches is looked at through the person, like everything. */
const visible = `
  select m.id, m.chat_id, m.rev, m.text
  from message m
  join membership s on s.chat_id = m.chat_id and s.user_id = ?
  join chat c on c.id = m.chat_id and c.deleted_at is null
  where m.n = ? and m.deleted_at is null and m.at >= ? and m.at < ?
    and not exists (select 1 from hidden h where h.user_id = s.user_id and h.message_id = m.id)`

function idOf(db: SqliteConnection, n: number): string {
  return db.all<{ id: string }>('select id from message where n = ?', [n])[0]?.id ?? ''
}
