import { markReadByAuthor } from '../chats/receipts.ts'
import type { StoredPlace, UnnumberedMessage } from '../db/joined-changes.ts'
import { queryConnectionOf } from '../db/query-connection.ts'
import { insertEntry } from '../log/log.ts'
import type { Operation } from '../operation.ts'
import { allocateNumber, insertMessage, type NewMessage } from './queries.ts'

/** Stores a new message of a chat with its number, its entry and the read receipt of its author. */
export async function storeInChat(op: Operation, message: UnnumberedMessage): Promise<StoredPlace> {
  const { joined } = queryConnectionOf(op.db)
  if (!joined) return storeInSteps(op, message)
  const stored = await joined.storeInChat(op.db, message)
  if (!stored) throw missingChat()
  return stored
}

async function storeInSteps(op: Operation, message: UnnumberedMessage): Promise<StoredPlace> {
  const { chatId, at, authorId } = message
  const [place] = await allocateNumber(op.db, { chatId, at })
  if (!place) throw missingChat()
  const numbered = { ...message, ...place }
  const n = await insertMessage(op.db, numbered)
  await storeSentEntry(op, numbered)
  await markReadByAuthor(op, chatId, authorId, place.no)
  return { ...place, n }
}

export function storeSentEntry(
  op: Operation,
  { chatId, seq, at, authorId, id }: Pick<NewMessage, 'chatId' | 'seq' | 'at' | 'authorId' | 'id'>,
): ReturnType<typeof insertEntry> {
  const stream = `chat:${chatId}`
  return insertEntry(op.db, { stream, seq, type: 'message.sent', at, byId: authorId, target: id, data: null })
}

export const missingChat = (): Error => new Error('a chat is missing within its transaction')
