import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { Db } from '../db/schema.ts'
import { repliesBefore, repliesFrom } from '../threads/queries.ts'
import { toMessage } from './message-view.ts'
import { messagesBefore, messagesFrom } from './queries.ts'

/** A page of history, ascending, by keyset: its cost does not depend on how much lies before it. */
export async function listMessages(db: Db, userId: string, input: Input<'messages.list'>) {
  const { chatId, thread = '', before, after, around } = input
  if ([before, after, around].filter((no) => no !== undefined).length > 1) {
    throw new HubError('invalid', 'Use only one of “before”, “after” and “around”.')
  }
  const limit = Math.min(input.limit ?? 50, limits.page.messages)
  const place = { chatId, thread, userId }
  if (around !== undefined) {
    const older = await listOlder(db, place, around, Math.floor(limit / 2))
    const newer = await listNewer(db, place, around, limit - older.messages.length)
    return { messages: [...older.messages, ...newer.messages], more: older.more, moreAfter: newer.more }
  }
  if (after !== undefined) return listNewer(db, place, after + 1, limit)
  return listOlder(db, place, before ?? Number.MAX_SAFE_INTEGER, limit)
}

interface MessageScope {
  chatId: string
  /** '' for the chat itself. */
  thread: string
  userId: string
}

async function listOlder(db: Db, place: MessageScope, before: number, limit: number) {
  const find = place.thread === '' ? messagesBefore : repliesBefore
  const rows = await find(db, { ...place, before, count: limit + 1 })
  return { messages: rows.slice(0, limit).reverse().map(toMessage), more: rows.length > limit }
}

async function listNewer(db: Db, place: MessageScope, from: number, limit: number) {
  const find = place.thread === '' ? messagesFrom : repliesFrom
  const rows = await find(db, { ...place, from, count: limit + 1 })
  return { messages: rows.slice(0, limit).map(toMessage), more: rows.length > limit }
}
