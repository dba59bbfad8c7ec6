import type { FoundChat } from '../access/chats.ts'
import { greatest } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Receipt } from '../live/receipts.ts'
import { markThreadsRead } from '../threads/threads.ts'
import { clearUnreadMarks } from './chat-preferences.ts'
import type { Operation, UserOperation } from '../operation.ts'

/*
 * Receipts are registers: they only grow, in SQL, so a repeat or an old one does nothing and two writers cannot lower
 * them. A number beyond the last message is lowered to it. A read message counts as delivered.
 */

/** Reading clears what made the chat unread besides its messages. */
const setReadNo = prepared((db, p: { chatId: string; userId: string; readNo: number }) =>
  db
    .updateTable('membership')
    .set({
      readNo: greatest('readNo', p.readNo),
      deliveredNo: greatest('deliveredNo', p.readNo),
      unreadFrom: null,
      addedBy: null,
    })
    .where('chatId', '=', p.chatId)
    .where('userId', '=', p.userId),
)

const setDeliveredNo = prepared((db, p: { chatId: string; userId: string; deliveredNo: number }) =>
  db
    .updateTable('membership')
    .set({ deliveredNo: greatest('deliveredNo', p.deliveredNo) })
    .where('chatId', '=', p.chatId)
    .where('userId', '=', p.userId),
)

export async function markRead(op: UserOperation, chat: FoundChat, no: number) {
  const readNo = Math.max(chat.readNo, Math.min(no, chat.lastNo))
  if (readNo > chat.readNo || chat.addedBy !== null) {
    await setReadNo(op.db, { chatId: chat.id, userId: op.viewer.userId, readNo })
    op.tell({ f: 'read', chat: chat.id, user: op.viewer.userId, no: readNo })
  }
  return { readNo }
}

/** Authors have read their own message and everything before it. */
export async function markReadByAuthor(
  op: Operation,
  chatId: string,
  userId: string,
  no: number,
): Promise<void> {
  await setReadNo(op.db, { chatId, userId, readNo: no })
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
    await setReadNo(op.db, { chatId: id, userId: op.viewer.userId, readNo })
    op.tell({ f: 'read', chat: id, user: op.viewer.userId, no: readNo })
  }
  await markThreadsRead(op, op.viewer.userId)
  await clearUnreadMarks(op, op.viewer.userId)
  return { chats: behind }
}

/** Stores gathered delivered receipts. Returns those that grew. */
export async function markDelivered(op: Operation, receipts: Receipt[]): Promise<Receipt[]> {
  const moved: Receipt[] = []
  for (const { chatId, userId, no } of receipts) {
    const [row] = await findReceiptState(op.db, { chatId, userId })
    if (!row) continue
    const deliveredNo = Math.min(no, row.lastNo)
    if (deliveredNo <= row.deliveredNo) continue
    await setDeliveredNo(op.db, { chatId, userId, deliveredNo })
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
    .select(['membership.deliveredNo', 'chat.lastNo']),
)
