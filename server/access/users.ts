import { type RawBuilder, sql } from 'kysely'
import { notFound } from '../../shared/errors.ts'
import type { Viewer } from '../caller.ts'
import { inJsonArray, textArray } from '../db/dialect.ts'
import type { Db } from '../db/schema.ts'

/** Messages of a bot that are looked at; its revoked webhook wrote into one group only. */
const maxMessagesSearched = 1_000

/**
 * Whether the viewer may know of the user in the row `user`. Everybody knows the users and the bots of the hub. The
 * bot of a webhook in a private group tells what the group is about, so only its members and hub admins know it; once
 * the webhook is revoked, those who can read what it wrote.
 */
export function isVisibleTo({ userId }: Pick<Viewer, 'userId'>): RawBuilder<boolean> {
  // the role of now: a socket stays open when an admin loses it
  return sql<boolean>`("user".kind <> 'bot'
    or exists (select 1 from "user" viewer where viewer.id = ${userId} and viewer.role <> 'member')
    or ("user".deactivated_at is null and not exists (select 1 from webhook h join chat c on c.id = h.chat_id
      where h.user_id = "user".id and c.visibility <> 'public'))
    or exists (select 1 from membership theirs join membership mine on mine.chat_id = theirs.chat_id
      where theirs.user_id = "user".id and mine.user_id = ${userId})
    or exists (select 1 from (select distinct chat_id from (select chat_id from message
        where author_id = "user".id limit ${sql.lit(maxMessagesSearched)}) as latest) as wrote
      join membership mine on mine.chat_id = wrote.chat_id where mine.user_id = ${userId}))`
}

/** @throws HubError `not_found` if the viewer may not know of one of these */
export async function requireVisibleUsers(db: Db, viewer: Viewer, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const hidden = await db
    .selectFrom('user')
    .where((eb) => inJsonArray(eb.ref('user.id'), textArray(ids)))
    .where((eb) => eb.not(isVisibleTo(viewer)))
    .select('id')
    .executeTakeFirst()
  if (hidden) throw notFound('This user')
}
