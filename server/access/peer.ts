import { sql } from 'kysely'

/* Parts of queries that find the other user of a direct chat `c`. */

/**
 * Joins the members of direct chats only. With the kind as a condition of its own, PostgreSQL reads all members of each chat: it
 * expects as few as there are on average, and some groups have thousands.
 */
export const idOfDirectChat = sql<string>`case when c.kind = 'direct' then c.id end`

/** The other user by the key of the chat; in their notes the user `m.user_id`. */
export const peerId = sql<string>`case when c.kind <> 'direct' then null
  when substr(c.direct_key, 1, length(m.user_id) + 1) = m.user_id || ':' then substr(c.direct_key, length(m.user_id) + 2)
  else substr(c.direct_key, 1, length(c.direct_key) - length(m.user_id) - 1) end`
