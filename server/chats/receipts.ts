import { type Expression, sql } from 'kysely'
import { greatest, receiptRows, textForJson } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Receipt } from '../live/receipt.ts'
import { markThreadsRead } from '../threads/threads.ts'
import { clearUnreadMarks } from './chat-preferences.ts'
import type { HubContext } from '../context.ts'
import { chatLock, userLock } from '../locks.ts'
import { type Operation, runOperation, type UserOperation } from '../operation.ts'

/*
 * Receipts are registers: they only grow, in SQL, so a repeat or an old one does nothing and two writers cannot lower
 * them. A number beyond the last message is lowered to it. A read message counts as delivered.
 * Only the time of the last step is stored, so the time of an earlier message is unknown once a later one was read.
 */

interface ReceiptStep {
  chatId: string
  userId: string
  no: number
  at: number
}

/**
 * Reading clears what made the chat unread besides its messages. All expressions see the row as it was: the time belongs to
 * the messages that this step adds.
 */
const setReadNo = prepared((db, p: ReceiptStep) =>
  db
    .updateTable('membership')
    .set((eb) => ({
      readNo: greatest('readNo', p.no),
      readAt: eb.case().when('readNo', '<', p.no).then(p.at).else(eb.ref('readAt')).end(),
      readBeforeNo: eb
        .case()
        .when('readNo', '<', p.no)
        .then(eb.ref('readNo'))
        .else(eb.ref('readBeforeNo'))
        .end(),
      deliveredNo: greatest('deliveredNo', p.no),
      deliveredAt: eb.case().when('deliveredNo', '<', p.no).then(p.at).else(eb.ref('deliveredAt')).end(),
      deliveredBeforeNo: eb
        .case()
        .when('deliveredNo', '<', p.no)
        .then(eb.ref('deliveredNo'))
        .else(eb.ref('deliveredBeforeNo'))
        .end(),
      unreadFrom: null,
      addedBy: null,
    }))
    .where('chatId', '=', p.chatId)
    .where('userId', '=', p.userId),
)

/**
 * Stores read receipts of any users and chats, each as `chats.read` describes it. Returns what is stored now, without those
 * whose users are no members of the chat.
 */
export function storeRead(hub: HubContext, receipts: Receipt[]): Promise<Receipt[]> {
  const locks = receipts.flatMap(({ chatId, userId }) => [chatLock(chatId), userLock(userId)])
  return runOperation(hub, { locks: [...new Set(locks)] }, (op) => markRead(op, receipts))
}

async function markRead(op: Operation, receipts: Receipt[]): Promise<Receipt[]> {
  const rows = await findReceiptStates(op.db, receipts)
  const stored = rows.map(({ chatId, userId, no, readNo, lastNo, addedBy }) => {
    const next = Math.max(readNo, Math.min(no, lastNo))
    return { chatId, userId, no: next, isChange: next > readNo || addedBy !== null }
  })
  const changed = stored.filter(({ isChange }) => isChange)
  if (changed.length > 0) await setReadNos(op.db, changed, op.now)
  for (const { chatId, userId, no } of changed) op.tell({ f: 'read', chat: chatId, user: userId, no })
  return stored
}

/** Authors have read their own message and everything before it. */
export function markReadByAuthor(
  op: Operation,
  chatId: string,
  userId: string,
  no: number,
): ReturnType<typeof setReadNo> {
  return setReadNo(op.db, { chatId, userId, no, at: op.now })
}

export async function markAllRead(op: UserOperation) {
  const behind = await op.db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.userId', '=', op.viewer.userId)
    .where('chat.deletedAt', 'is', null)
    .where((eb) =>
      eb.or([eb('membership.readNo', '<', eb.ref('chat.lastNo')), eb('membership.addedBy', 'is not', null)]),
    )
    .select(['chat.id', 'chat.lastNo as readNo'])
    .execute()
  for (const { id, readNo } of behind) {
    await setReadNo(op.db, { chatId: id, userId: op.viewer.userId, no: readNo, at: op.now })
    op.tell({ f: 'read', chat: id, user: op.viewer.userId, no: readNo })
  }
  await markThreadsRead(op, op.viewer.userId)
  await clearUnreadMarks(op, op.viewer.userId)
  return { chats: behind }
}

/** Stores gathered delivered receipts, those of each chat in turn with its messages. Returns those that grew. */
export async function storeDelivered(hub: HubContext, receipts: Receipt[]): Promise<Receipt[]> {
  const ofChats = [...Map.groupBy(receipts, ({ chatId }) => chatId)]
  const stored = ofChats.map(([chatId, each]) =>
    runOperation(hub, { locks: [chatLock(chatId)] }, (op) => markDelivered(op, each)),
  )
  return (await Promise.all(stored)).flat()
}

async function markDelivered(op: Operation, receipts: Receipt[]): Promise<Receipt[]> {
  const rows = await findReceiptStates(op.db, receipts)
  const moved = rows.flatMap(({ chatId, userId, no, deliveredNo, lastNo }) => {
    const next = Math.min(no, lastNo)
    return next > deliveredNo ? [{ chatId, userId, no: next }] : []
  })
  if (moved.length > 0) await setDeliveredNos(op.db, moved, op.now)
  return moved
}

interface ReceiptState extends Receipt {
  readNo: number
  deliveredNo: number
  addedBy: string | null
  lastNo: number
}

const rowsOf = (receipts: readonly Receipt[]): Expression<unknown> =>
  receiptRows(JSON.stringify(receipts.map(({ chatId, userId, no }) => [textForJson(chatId), userId, no])))

/** The receipts with what is stored, without those whose users are no members of the chat. */
async function findReceiptStates(db: Db, receipts: readonly Receipt[]): Promise<ReceiptState[]> {
  const { rows } = await sql<ReceiptState>`
    select mark.chat_id, mark.user_id, mark.no, m.read_no, m.delivered_no, m.added_by, c.last_no
    from ${rowsOf(receipts)} as mark
    join membership m on m.chat_id = mark.chat_id and m.user_id = mark.user_id
    join chat c on c.id = m.chat_id
    where c.deleted_at is null`.execute(db)
  return rows
}

/** As `setReadNo`, for many rows. */
async function setReadNos(db: Db, receipts: readonly Receipt[], at: number): Promise<void> {
  await sql`
    update membership set
      read_no = case when read_no < mark.no then mark.no else read_no end,
      read_at = case when read_no < mark.no then ${at} else read_at end,
      read_before_no = case when read_no < mark.no then read_no else read_before_no end,
      delivered_no = case when delivered_no < mark.no then mark.no else delivered_no end,
      delivered_at = case when delivered_no < mark.no then ${at} else delivered_at end,
      delivered_before_no = case when delivered_no < mark.no then delivered_no else delivered_before_no end,
      unread_from = null,
      added_by = null
    from ${rowsOf(receipts)} as mark
    where membership.chat_id = mark.chat_id and membership.user_id = mark.user_id`.execute(db)
}

async function setDeliveredNos(db: Db, receipts: readonly Receipt[], at: number): Promise<void> {
  await sql`
    update membership set delivered_no = mark.no, delivered_at = ${at}, delivered_before_no = delivered_no
    from ${rowsOf(receipts)} as mark
    where membership.chat_id = mark.chat_id and membership.user_id = mark.user_id
      and membership.delivered_no < mark.no`.execute(db)
}
