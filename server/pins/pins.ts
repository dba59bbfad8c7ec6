import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { FoundMessage } from '../access/messages.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { notHidden } from '../access/hidden.ts'
import { messageRows, toMessage } from '../messages/message-view.ts'
import { getMessage, publishMessageChange } from '../messages/publish-change.ts'
import type { UserOperation } from '../operation.ts'

/** Pins and unpins. An unchanged pin appends no entry, so a retry is harmless. */
export async function addPin(op: UserOperation, message: FoundMessage) {
  const { userId } = op.viewer
  const [row] = await findPin(op.db, { id: message.id })
  if (row?.deletedAt !== null)
    throw new HubError('conflict', 'This message was deleted, so it cannot be pinned.')
  if (row.pinnedAt !== null) return { message: await getMessage(op.db, message.id) }
  const pins = await countPins(op.db, { chatId: message.chatId })
  if (pins.length >= limits.pins) {
    throw new HubError('conflict', `This chat already has ${limits.pins} pinned messages. Unpin one first.`)
  }
  await setPin(op.db, { id: message.id, at: op.now, by: userId })
  return { message: await publishMessageChange(op, message, { type: 'pin.added', by: userId }) }
}

export async function removePin(op: UserOperation, message: FoundMessage) {
  const { userId } = op.viewer
  const [row] = await findPin(op.db, { id: message.id })
  if (!row || row.pinnedAt === null) return { message: await getMessage(op.db, message.id) }
  await setPin(op.db, { id: message.id, at: null, by: null })
  return { message: await publishMessageChange(op, message, { type: 'pin.removed', by: userId }) }
}

export async function listPins(db: Db, userId: string, chatId: string) {
  const rows = await messageRows(db)
    .where('message.chatId', '=', chatId)
    .where('message.pinnedAt', 'is not', null)
    .where('message.deletedAt', 'is', null)
    .where(notHidden(userId))
    .orderBy('message.pinnedAt', 'desc')
    .leftJoin('message as root', 'root.id', 'message.thread')
    .select(['message.pinnedBy', 'root.no as threadNo'])
    .limit(limits.pins)
    .execute()
  return {
    pins: rows.flatMap((row) => {
      const message = toMessage(row)
      if (message.deleted === true) return []
      const threadNo = row.threadNo === null ? {} : { threadNo: row.threadNo }
      return [{ message, ...threadNo, by: row.pinnedBy ?? row.authorId, at: row.pinnedAt ?? row.at }]
    }),
  }
}

const findPin = prepared((db, p: { id: string }) =>
  db.selectFrom('message').where('id', '=', p.id).select(['pinnedAt', 'deletedAt']),
)
const countPins = prepared((db, p: { chatId: string }) =>
  db
    .selectFrom('message')
    .where('chatId', '=', p.chatId)
    .where('pinnedAt', 'is not', null)
    .where('deletedAt', 'is', null)
    .select('n'),
)
const setPin = prepared((db, p: { id: string; at: number | null; by: string | null }) =>
  db.updateTable('message').set({ pinnedAt: p.at, pinnedBy: p.by }).where('id', '=', p.id),
)
