import type { FoundChat } from '../access/chats.ts'
import { greatest } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Receipt } from '../live/receipts.ts'
import { markThreadsRead } from '../threads/threads.ts'
import { clearUnreadMarks } from './chat-preferences.ts'
import type { HubContext } from '../context.ts'
import { chatLock } from '../locks.ts'
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

/** Only for a number that is higher than the stored one. */
const setDeliveredNo = prepared((db, p: ReceiptStep) =>
  db
    .updateTable('membership')
    .set((eb) => ({
      deliveredNo: greatest('deliveredNo', p.no),
      deliveredAt: p.at,
      deliveredBeforeNo: eb.ref('deliveredNo'),
    }))
    .where('chatId', '=', p.chatId)
    .where('userId', '=', p.userId),
)

export async function markRead(op: UserOperation, chat: FoundChat, no: number) {
  const readNo = Math.max(chat.readNo, Math.min(no, chat.lastNo))
  if (readNo > chat.readNo || chat.addedBy !== null) {
    await setReadNo(op.db, { chatId: chat.id, userId: op.viewer.userId, no: readNo, at: op.now })
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
  await setReadNo(op.db, { chatId, userId, no, at: op.now })
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
  const moved: Receipt[] = []
  for (const { chatId, userId, no } of receipts) {
    const [row] = await findReceiptState(op.db, { chatId, userId })
    if (!row) continue
    const deliveredNo = Math.min(no, row.lastNo)
    if (deliveredNo <= row.deliveredNo) continue
    await setDeliveredNo(op.db, { chatId, userId, no: deliveredNo, at: op.now })
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
