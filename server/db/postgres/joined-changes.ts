import { sql } from 'kysely'
import type { JoinedChanges, StoredPlace, UnnumberedMessage } from '../joined-changes.ts'
import { prepared } from '../prepared.ts'

/** The same rows as storeInSteps in messages/store.ts writes. */
const storeInChat = prepared((db, p: UnnumberedMessage) => ({
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

export const joinedChanges: JoinedChanges = {
  storeInChat: async (db, message) => (await storeInChat(db, message))[0],
}
