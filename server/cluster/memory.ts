import { sql } from 'kysely'
import { inJsonArray } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Memory } from '../live/memory.ts'
import { parseSettings } from '../users/settings.ts'

/** @param sessionIds sessions and tokens with an open socket */
export async function readMemory(db: Db, sessionIds: readonly string[]): Promise<Memory> {
  const heads = await allHeads(db, {})
  const members = await memberships(db).execute()
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
  return {
    heads: new Map(heads.map(({ stream, head }) => [stream, head])),
    userIds: undefined,
    members,
    hidesLastSeen: hidingIn(await settingsOf(db).execute()),
    endedSessionIds: await findEnded(db, sessionIds),
  }
}

/**
 * Reads what entries may have changed: each change of a membership or a setting has an entry in the stream of its user.
 * @param heads of the streams with such entries, from the same snapshot
 */
export async function readMovedMemory(
  db: Db,
  heads: ReadonlyMap<string, number>,
  sessionIds: readonly string[],
): Promise<Memory> {
  const prefix = 'user:'
  const userIds = new Set(
    [...heads.keys()].flatMap((stream) => (stream.startsWith(prefix) ? stream.slice(prefix.length) : [])),
  )
  const ids = JSON.stringify([...userIds])
  const members = memberships(db).where((eb) => inJsonArray(eb.ref('membership.userId'), ids))
  const settings = settingsOf(db).where((eb) => inJsonArray(eb.ref('user.id'), ids))
  return {
    ...{ heads, userIds },
    members: userIds.size > 0 ? await members.execute() : [],
    hidesLastSeen: hidingIn(userIds.size > 0 ? await settings.execute() : []),
    endedSessionIds: await findEnded(db, sessionIds),
  }
}

const memberships = (db: Db) =>
  db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('chat.deletedAt', 'is', null)
    .select(['membership.chatId', 'membership.userId'])

const settingsOf = (db: Db) => db.selectFrom('user').where('settings', '<>', '{}').select(['id', 'settings'])

const hidingIn = (rows: readonly { id: string; settings: string }[]): ReadonlySet<string> =>
  new Set(rows.flatMap((row) => (parseSettings(row.settings).hideLastSeen === true ? row.id : [])))

const allHeads = prepared((db, _: object) =>
  db
    .selectFrom('chat')
    .select([sql<string>`'chat:' || chat.id`.as('stream'), 'chat.head'])
    .unionAll(db.selectFrom('user').select([sql<string>`'user:' || "user".id`.as('stream'), 'user.head']))
    .unionAll(db.selectFrom('hub').select([sql<string>`'hub'`.as('stream'), 'hub.head'])),
)

async function findEnded(db: Db, sessionIds: readonly string[]): Promise<string[]> {
  const existing = await existingSessions(db, { ids: JSON.stringify(sessionIds) })
  const existingIds = new Set(existing.map(({ id }) => id))
  return sessionIds.filter((id) => !existingIds.has(id))
}

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
