import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import { noAccessCheck, read, defineHandlers } from '../define-handlers.ts'
import { idsByName, isEmptyNameQuery, nameColumns, rankedIdsByName } from './find-by-name.ts'
import { inJsonArray, textArray } from '../db/dialect.ts'
import type { Db } from '../db/schema.ts'
import type { Viewer } from '../caller.ts'
import { toUser, userColumns } from './user-view.ts'
import { isVisibleTo } from '../access/users.ts'

export const userHandlers = defineHandlers({
  'users.list': read({ access: noAccessCheck, run: ({ db, viewer }, input) => listUsers(db, viewer, input) }),
  'users.find': read({
    access: noAccessCheck,
    run: async ({ db, viewer }, input) => ({ users: await findUsers(db, viewer, input) }),
  }),
  'users.search': read({
    access: noAccessCheck,
    run: ({ db, viewer }, input) => searchUsers(db, viewer, input),
  }),
  'users.get': read({
    access: noAccessCheck,
    run: async ({ db, hub, viewer }, { userId }) => {
      const row = await db
        .selectFrom('user')
        .where('id', '=', userId)
        .where('pendingSince', 'is', null)
        .where(isVisibleTo(viewer))
        .select([...userColumns, 'user.lastSeenAt'])
        .executeTakeFirst()
      if (!row) throw notFound('This user')
      const presence = hub.live.presence.stateOf(userId)
      const lastSeen = hub.live.presence.lastSeenOf(userId) ?? row.lastSeenAt
      const maySee = hub.live.canSeeLastSeen(viewer.userId, userId)
      const zone = hub.live.zones.of(userId)
      return {
        user: toUser(row),
        presence,
        groups: userId === viewer.userId ? [] : await sharedGroupIds(db, viewer.userId, userId),
        ...(presence === 'offline' && lastSeen !== null && maySee ? { lastSeen } : {}),
        ...(zone !== undefined && maySee ? { zone } : {}),
      }
    },
  }),
})

/** The ids of the groups that both are members of, the oldest first. */
async function sharedGroupIds(db: Db, one: string, other: string): Promise<string[]> {
  const rows = await db
    .selectFrom('membership as mine')
    .innerJoin('membership as theirs', 'theirs.chatId', 'mine.chatId')
    .innerJoin('chat', 'chat.id', 'mine.chatId')
    .where('mine.userId', '=', one)
    .where('theirs.userId', '=', other)
    .where('chat.kind', '=', 'group')
    .where('chat.deletedAt', 'is', null)
    .orderBy('chat.createdAt')
    .orderBy('chat.id')
    .select('chat.id')
    .execute()
  return rows.map(({ id }) => id)
}

const known = (db: Db, viewer: Viewer) =>
  db.selectFrom('user').where('pendingSince', 'is', null).where(isVisibleTo(viewer))

async function findUsers(db: Db, viewer: Viewer, { ids = '', names = '' }: Input<'users.find'>) {
  const [wanted, keys] = [parts(ids), parts(names).map(foldCase)]
  if (wanted.length + keys.length > limits.page.users)
    throw new HubError('invalid', `Ask for at most ${limits.page.users} users at once.`)
  const rows = await known(db, viewer)
    .where((eb) =>
      eb.or([
        inJsonArray(eb.ref('user.id'), textArray(wanted)),
        inJsonArray(eb.ref('user.usernameKey'), textArray(keys)),
      ]),
    )
    .select(userColumns)
    .execute()
  return rows.map(toUser)
}

const parts = (list: string): string[] => list.split(',').filter((part) => part !== '')

/** The closest first, then by username. A page begins after a user who fits, so no name between two pages is lost. */
async function searchUsers(db: Db, viewer: Viewer, { query, after, limit }: Input<'users.search'>) {
  const count = Math.min(limit ?? 20, limits.page.users)
  const names = await known(db, viewer)
    .where('deactivatedAt', 'is', null)
    .orderBy('usernameKey')
    .select(nameColumns)
    .execute()
  const ids = rankedIdsByName(names, query)
  const start = after === undefined ? 0 : ids.indexOf(after) + 1
  if (after !== undefined && start === 0)
    throw new HubError('invalid', '“after” is not the id of a user who fits.', { field: 'after' })
  const shown = ids.slice(start, start + count)
  const rows = await known(db, viewer)
    .where((eb) => inJsonArray(eb.ref('user.id'), JSON.stringify(shown)))
    .select(userColumns)
    .execute()
  const byId = new Map(rows.map((row) => [row.id, toUser(row)]))
  return { users: shown.flatMap((id) => byId.get(id) ?? []), more: ids.length > start + count }
}

/** Sorted by name, so that a page can be shown unchanged. */
async function listUsers(db: Db, viewer: Viewer, { query, after, limit }: Input<'users.list'>) {
  const count = Math.min(limit ?? 100, limits.page.users)
  const start =
    after === undefined
      ? undefined
      : await db.selectFrom('user').where('id', '=', after).select(['usernameKey', 'id']).executeTakeFirst()
  if (after !== undefined && !start)
    throw new HubError('invalid', '“after” is not the id of a user.', { field: 'after' })
  const visible = db
    .selectFrom('user')
    .where('pendingSince', 'is', null)
    .where(isVisibleTo(viewer))
    .$if(start !== undefined, (q) => q.where('usernameKey', '>', start?.usernameKey ?? ''))
    .orderBy('usernameKey')
  const ids = isEmptyNameQuery(query)
    ? undefined
    : idsByName(await visible.select(nameColumns).execute(), query)
  const rows = await visible
    .select(userColumns)
    .$if(ids !== undefined, (q) => q.where('id', 'in', ids?.slice(0, count + 1) ?? []))
    .limit(count + 1)
    .execute()
  return { users: rows.slice(0, count).map(toUser), more: rows.length > count }
}
