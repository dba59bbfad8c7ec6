import type { Input } from '../../shared/contract.ts'
import type { AdminGroup } from '../../shared/contract/admin-users.ts'
import { nameRanker } from '../../shared/text/name-search.ts'
import { foldCase } from '../../shared/text/names.ts'
import { deletedGroupExpiresAt } from '../chats/delete-group.ts'
import type { Db } from '../db/schema.ts'

const pageSize = 50

/**
 * Admins of the hub see the data of public groups, and of private ones only that they exist: their role opens no
 * private group.
 */
export async function listGroups(db: Db, { query, deleted, offset = 0, limit }: Input<'admin.groups.list'>) {
  const count = Math.min(limit ?? pageSize, pageSize)
  const rank = nameRanker(query ?? '')
  const all = db
    .selectFrom('chat')
    .where('kind', '=', 'group')
    .where('name', 'is not', null)
    .select(['id', 'name', 'visibility', 'memberCount', 'lastNo', 'topic', 'posting', 'picture'])
    .select(['archivedAt', 'deletedAt'])
  const rows = await (
    deleted === undefined
      ? all.where('deletedAt', 'is', null)
      : all
          .where('deletedAt', 'is not', null)
          .where('memberCount', '>', 0)
          .where((eb) => eb.or([eb('visibility', '=', 'public'), eb('deletedByHub', '=', 1)]))
  ).execute()
  const found = rows
    .map((row) => ({ ...row, name: row.name ?? '', key: foldCase(row.name ?? '') }))
    .filter(({ name }) => rank(name) > 0)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : 1))
  const shown = found.slice(offset, offset + count)
  const open = shown.filter(({ visibility }) => visibility === 'public').map(({ id }) => id)
  const members =
    open.length === 0
      ? []
      : await db
          .selectFrom('membership')
          .innerJoin('user', 'user.id', 'membership.userId')
          .where('chatId', 'in', open)
          .select(['membership.chatId', 'membership.userId', 'membership.role'])
          .orderBy('user.displayKey')
          .orderBy('user.id')
          .execute()
  return {
    groups: shown.map(({ id, name, visibility, memberCount, lastNo, ...row }): AdminGroup => {
      const group: AdminGroup = { id, name, visibility, memberCount }
      if (row.deletedAt !== null) group.until = deletedGroupExpiresAt(row.deletedAt)
      if (visibility !== 'public') return group
      if (row.topic !== null) group.topic = row.topic
      if (row.picture !== null) group.picture = row.picture
      if (row.archivedAt !== null) group.archived = true
      const mine = members.filter(({ chatId }) => chatId === id)
      return {
        ...group,
        posting: row.posting,
        messages: lastNo,
        members: mine.map(({ userId, role }) => ({ userId, role })),
      }
    }),
    more: found.length > offset + count,
    total: found.length,
  }
}
