import { sql } from 'kysely'
import type { Message } from '../../shared/contract/messages.ts'
import { gatherJson } from '../db/dialect.ts'

/** For the row `message` of a query: the authors of the latest replies in its thread, as JSON; null without replies. */
export const usersOfThread = sql<string | null>`case when message.thread_last_no > 0 then (
  select ${gatherJson(sql.ref('f.user_id'))} from (
    select user_id from thread_follower where thread = message.id and last_no > 0 order by last_no desc limit 3) as f) end`

export function repliesOf(row: {
  replyCount: number
  threadLastNo: number
  threadAt: number | null
  threadUsers: string | null
}): Message['replies'] {
  if (row.threadUsers === null) return undefined
  return {
    count: row.replyCount,
    lastNo: row.threadLastNo,
    users: JSON.parse(row.threadUsers) as string[],
    ...(row.threadAt === null ? {} : { at: row.threadAt }),
  }
}
