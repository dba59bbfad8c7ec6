import { sql } from 'kysely'
import { markReadByAuthor } from '../chats/receipts.ts'
import { prepared } from '../db/prepared.ts'
import { queryConnectionOf } from '../db/query-connection.ts'
import { insertEntry } from '../log/log.ts'
import type { Operation } from '../operation.ts'
import { allocateNumber, insertMessage, type NewMessage } from './queries.ts'

/** A message before it has a number. */
export type UnnumberedMessage = Omit<NewMessage, 'no' | 'seq'>

/** Where a message is: its number in the chat or thread, its seq in the log, and the number of its row. */
export interface StoredPlace {
  no: number
  seq: number
  n: number
}

/** Stores a new message of a chat with its number, its entry and the read receipt of its author. */
export async function storeInChat(op: Operation, message: UnnumberedMessage): Promise<StoredPlace> {
  if (queryConnectionOf(op.db).dialect === 'sqlite') return storeInSteps(op, message)
  const [stored] = await storeAtOnce(op.db, message)
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

/** The steps as one statement, for a database to which each statement is a round trip. */
const storeAtOnce = prepared((db, p: UnnumberedMessage) => ({
  compile: () =>
    sql<StoredPlace>`
      with place as (
        update chat set last_no = last_no + 1, head = head + 1, updated_at = ${p.at} where id = ${p.chatId}
        returning last_no as no, head as seq
      ), stored as (
        insert into message (id, chat_id, thread, no, seq, rev, cid, author_id, text, digest, at, reply_to)
        select ${p.id}, ${p.chatId}, '', no, seq, seq, ${p.cid}, ${p.authorId}, ${p.text}, ${p.digest}, ${p.at}, ${p.replyTo}
        from place
        returning n
      ), logged as (
        insert into entry (stream, seq, type, at, by_id, target)
        select 'chat:' || ${p.chatId}::text, seq, 'message.sent', ${p.at}, ${p.authorId}, ${p.id} from place
      ), receipt as (
        update membership set
          read_before_no = read_no, read_no = place.no, read_at = ${p.at},
          delivered_before_no = delivered_no, delivered_no = place.no, delivered_at = ${p.at},
          unread_from = null, added_by = null
        from place where chat_id = ${p.chatId} and user_id = ${p.authorId}
      )
      select place.no, place.seq, stored.n from place, stored`.compile(db),
}))
