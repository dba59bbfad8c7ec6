import { sql } from 'kysely'
import { inJsonArray, textArray } from '../db/dialect.ts'
import type { UnnumberedMessage } from '../db/joined-changes.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { notHidden } from '../access/hidden.ts'
import { type MessageRow, messageRows } from './message-view.ts'

/** Newest first. */
export const messagesBefore = prepared(
  (db, p: { chatId: string; userId: string; before: number; count: number }) =>
    messageRows(db)
      .where('message.chatId', '=', p.chatId)
      .where('message.thread', '=', sql.lit(''))
      .where('message.no', '<', p.before)
      .where(notHidden(p.userId))
      .orderBy('message.no', 'desc')
      .limit(p.count),
)

/** Oldest first. */
export const messagesFrom = prepared(
  (db, p: { chatId: string; userId: string; from: number; count: number }) =>
    messageRows(db)
      .where('message.chatId', '=', p.chatId)
      .where('message.thread', '=', sql.lit(''))
      .where('message.no', '>=', p.from)
      .where(notHidden(p.userId))
      .orderBy('message.no')
      .limit(p.count),
)

export async function listMessagesById(db: Db, ids: string[]): Promise<MessageRow[]> {
  return ids.length === 0 ? [] : messagesById(db, { ids: textArray(ids) })
}
const messagesById = prepared((db, p: { ids: string }) =>
  messageRows(db).where((eb) => inJsonArray(eb.ref('message.id'), p.ids)),
)

/** Finds the message that a sender's `cid` belongs to. */
export const findByCid = prepared((db, p: { authorId: string; cid: string }) =>
  db
    .selectFrom('message')
    .where('authorId', '=', p.authorId)
    .where(sql<string>`lower(cid)`, '=', sql<string>`lower(${p.cid})`)
    .select(['id', 'chatId', 'digest']),
)

/** Allocates the next `no` and `seq` of a chat in one step. Also moves the chat up in every member's list. */
export const allocateNumber = prepared((db, p: { chatId: string; at: number }) =>
  db
    .updateTable('chat')
    .set((eb) => ({ lastNo: eb('lastNo', '+', 1), head: eb('head', '+', 1), updatedAt: p.at }))
    .where('id', '=', p.chatId)
    .returning(['lastNo as no', 'head as seq']),
)

export interface NewMessage extends UnnumberedMessage {
  no: number
  seq: number
}

/** Returns the number of the row. */
export async function insertMessage(db: Db, message: NewMessage): Promise<number> {
  const [row] = await insertMessageRow(db, message)
  if (!row) throw new Error('a message was not inserted')
  return row.n
}
const insertMessageRow = prepared((db, p: NewMessage) =>
  db
    .insertInto('message')
    .values({
      id: p.id,
      chatId: p.chatId,
      thread: p.thread,
      no: p.no,
      seq: p.seq,
      rev: p.seq,
      cid: p.cid,
      authorId: p.authorId,
      text: p.text,
      digest: p.digest,
      at: p.at,
      editedAt: null,
      deletedAt: null,
      replyTo: p.replyTo,
    })
    .returning('n'),
)

/** Returns the users with these names, as pages list them; `memberId` is null for those who are not in the chat. */
export function listUsersByKey(
  db: Db,
  chatId: string,
  keys: string[],
): Promise<{ id: string; key: string; memberId: string | null }[]> {
  return db
    .selectFrom('user')
    .leftJoin('membership', (join) =>
      join.onRef('membership.userId', '=', 'user.id').on('membership.chatId', '=', chatId),
    )
    .where('user.usernameKey', 'in', keys)
    .where('user.deactivatedAt', 'is', null)
    .where('user.pendingSince', 'is', null)
    .select(['user.id', 'user.usernameKey as key', 'membership.userId as memberId'])
    .execute()
}

/** Returns which of these the user has hidden. */
export async function findHiddenIds(db: Db, userId: string, ids: string[]): Promise<Set<string>> {
  const rows = ids.length === 0 ? [] : await selectHiddenIds(db, { userId, ids: JSON.stringify(ids) })
  return new Set(rows.map(({ messageId }) => messageId))
}
const selectHiddenIds = prepared((db, p: { userId: string; ids: string }) =>
  db
    .selectFrom('hiddenMessage')
    .where('userId', '=', p.userId)
    .where((eb) => inJsonArray(eb.ref('messageId'), p.ids))
    .select('messageId'),
)
