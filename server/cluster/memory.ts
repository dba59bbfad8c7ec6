import { sql } from 'kysely'
import { inJsonArray } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Memory } from '../live/memory.ts'
import { parseSettings } from '../users/settings.ts'

/** @param sessionIds sessions and tokens with an open socket */
export async function readMemory(db: Db, sessionIds: readonly string[]): Promise<Memory> {
  const heads = await allHeads(db, {})
  const members = await db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('chat.deletedAt', 'is', null)
    .select(['membership.chatId', 'membership.userId'])
    .execute()
  // a row has a copy of each id: millions of memberships share those of the chats and users
  const ids = new Map<string, string>()
  const shared = (id: string): string => {
    const known = ids.get(id)
    if (known === undefined) ids.set(id, id)
    return known ?? id
  }
  for (const row of members) {
    row.chatId = shared(row.chatId)
    row.userId = shared(row.userId)
  }
  const settings = await db
    .selectFrom('user')
    .where('settings', '<>', '{}')
    .select(['id', 'settings'])
    .execute()
  const existing = await existingSessions(db, { ids: JSON.stringify(sessionIds) })
  const existingIds = new Set(existing.map(({ id }) => id))
  return {
    heads: new Map(heads.map(({ stream, head }) => [stream, head])),
    members,
    hidesLastSeen: new Set(
      settings.flatMap((row) => (parseSettings(row.settings).hideLastSeen === true ? row.id : [])),
    ),
    endedSessionIds: sessionIds.filter((id) => !existingIds.has(id)),
  }
}

const allHeads = prepared((db, _: object) =>
  db
    .selectFrom('chat')
    .select([sql<string>`'chat:' || chat.id`.as('stream'), 'chat.head'])
    .unionAll(db.selectFrom('user').select([sql<string>`'user:' || "user".id`.as('stream'), 'user.head']))
    .unionAll(db.selectFrom('hub').select([sql<string>`'hub'`.as('stream'), 'hub.head'])),
)

const existingSessions = prepared((db, p: { ids: string }) =>
  db
    .selectFrom('session')
    .where((eb) => inJsonArray(eb.ref('session.id'), p.ids))
    .select('session.id')
    // bots have no session
    .unionAll(
      db
        .selectFrom('token')
        .where((eb) => inJsonArray(eb.ref('token.id'), p.ids))
        .select('token.id'),
    ),
)
