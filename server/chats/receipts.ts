import type { FoundChat } from '../access/chats.ts'
import { prepared } from '../db/prepared.ts'
import type { Receipt } from '../live/receipts.ts'
import { markThreadsRead } from '../threads/threads.ts'
import { clearUnreadMarks } from '../chat-preferences/chat-preferences.ts'
import type { Operation, UserOperation } from '../operation.ts'

/*
 * Registers: marks only grow and merge by max, so a repeat or an old one does nothing. A mark beyond the last message
 * is lowered to it. Having read means having received.
 */

/** Reading on takes back what was marked as unread by hand. */
const setReadNo = prepared((db, p: { chatId: string; userId: string; readNo: number; deliveredNo: number }) =>
  db
    .updateTable('membership')
    .set({ readNo: p.readNo, deliveredNo: p.deliveredNo, unreadFrom: null })
    .where('chatId', '=', p.chatId)
    .where('userId', '=', p.userId),
)

const setReceipts = prepared(
  (db, p: { chatId: string; userId: string; readNo: number; deliveredNo: number }) =>
    db
      .updateTable('membership')
      .set({ readNo: p.readNo, deliveredNo: p.deliveredNo })
      .where('chatId', '=', p.chatId)
      .where('userId', '=', p.userId),
)

export async function markRead(op: UserOperation, chat: FoundChat, no: number) {
  const readNo = Math.max(chat.readNo, Math.min(no, chat.lastNo))
  if (readNo > chat.readNo) {
    await setReadNo(op.db, {
      chatId: chat.id,
      userId: op.viewer.userId,
      readNo,
      deliveredNo: Math.max(chat.deliveredNo, readNo),
    })
    op.tell({ f: 'read', chat: chat.id, user: op.viewer.userId, no: readNo })
  }
  return { readNo }
}

/** The author has seen their own message and all before it. */
export async function markReadByAuthor(
  op: Operation,
  chatId: string,
  userId: string,
  no: number,
): Promise<void> {
  await setReadNo(op.db, { chatId, userId, readNo: no, deliveredNo: no })
}

export async function markAllRead(op: UserOperation) {
  const behind = await op.db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.userId', '=', op.viewer.userId)
    .where('chat.deletedAt', 'is', null)
    .whereRef('membership.readNo', '<', 'chat.lastNo')
    .select(['chat.id', 'chat.lastNo as readNo'])
    .execute()
  for (const { id, readNo } of behind) {
    await setReadNo(op.db, { chatId: id, userId: op.viewer.userId, readNo, deliveredNo: readNo })
    op.tell({ f: 'read', chat: id, user: op.viewer.userId, no: readNo })
  }
  await markThreadsRead(op, op.viewer.userId)
  await clearUnreadMarks(op, op.viewer.userId)
  return { chats: behind }
}

/** Gathered delivered marks; answers those that moved. */
export async function markDelivered(op: Operation, receipts: Receipt[]): Promise<Receipt[]> {
  const moved: Receipt[] = []
  for (const { chatId, userId, no } of receipts) {
    const [row] = await findReceiptState(op.db, { chatId, userId })
    if (!row) continue
    const deliveredNo = Math.min(no, row.lastNo)
    if (deliveredNo <= row.deliveredNo) continue
    await setReceipts(op.db, { chatId, userId, readNo: row.readNo, deliveredNo })
    moved.push({ chatId, userId, no: deliveredNo })
  }
  return moved
}

const findReceiptState = prepared((db, p: { chatId: string; userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.chatId', '=', p.chatId)
    .where('membership.userId', '=', p.userId)
    .select(['membership.readNo', 'membership.deliveredNo', 'chat.lastNo']),
)
