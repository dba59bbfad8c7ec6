import { type RawBuilder, sql } from 'kysely'

/** Excludes messages that the user hid; every read uses it. `message`: the name of its row in the query. */
export function notHidden(userId: string | RawBuilder<string>, message = 'message'): RawBuilder<boolean> {
  return sql<boolean>`not exists (
    select 1 from hidden_message h where h.user_id = ${userId} and h.message_id = ${sql.ref(`${message}.id`)})`
}
