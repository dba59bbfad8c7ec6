import { sql } from 'kysely'
import type { Message } from '../../shared/contract/messages.ts'
import { gatherJson, jsonArray } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'

/** For the row `message` of a query: its reactions as JSON, in the order in which they were added; null without any. */
export const reactionsOfMessage = sql<string | null>`case when message.reaction_count > 0 then (
  select ${gatherJson(jsonArray(sql.ref('r.emoji'), sql.ref('r.user_id')))}
  from (select emoji, user_id from reaction where message_id = message.id order by seq) as r) end`

export function parseReactions(json: string | null): Message['reactions'] {
  if (json === null) return []
  const users = new Map<string, string[]>()
  for (const [emoji, userId] of JSON.parse(json) as [string, string][]) {
    const some = users.get(emoji)
    if (some) some.push(userId)
    else users.set(emoji, [userId])
  }
  return [...users].map(([emoji, ids]) => ({ emoji, users: ids }))
}

export const emojisOf = prepared((db, p: { messageId: string }) =>
  db.selectFrom('reaction').where('messageId', '=', p.messageId).select('emoji').distinct(),
)

export const findReaction = prepared((db, p: { messageId: string; emoji: string; userId: string }) =>
  db
    .selectFrom('reaction')
    .where('messageId', '=', p.messageId)
    .where('emoji', '=', p.emoji)
    .where('userId', '=', p.userId)
    .select('seq'),
)

export const insertReaction = prepared(
  (db, p: { messageId: string; emoji: string; userId: string; seq: number }) =>
    db
      .insertInto('reaction')
      .values({ messageId: p.messageId, emoji: p.emoji, userId: p.userId, seq: p.seq }),
)

export const deleteReaction = prepared((db, p: { messageId: string; emoji: string; userId: string }) =>
  db
    .deleteFrom('reaction')
    .where('messageId', '=', p.messageId)
    .where('emoji', '=', p.emoji)
    .where('userId', '=', p.userId),
)

export const countReaction = prepared((db, p: { messageId: string; by: number }) =>
  db
    .updateTable('message')
    .set((eb) => ({ reactionCount: eb('reactionCount', '+', p.by) }))
    .where('id', '=', p.messageId),
)
