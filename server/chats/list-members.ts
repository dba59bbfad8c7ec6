import type { Member } from '../../shared/contract/chats.ts'
import { type ChatRole, limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { inJsonArray } from '../db/dialect.ts'
import type { Db } from '../db/schema.ts'
import { isEmptyNameQuery, nameColumns, rankedIdsByName } from '../users/find-by-name.ts'
import { toUser, userColumns } from '../users/user-view.ts'

const members = (db: Db, chatId: string) =>
  db
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .where('membership.chatId', '=', chatId)
    .orderBy('user.displayKey')
    .orderBy('user.id')

const withReceipts = (query: ReturnType<typeof members>) =>
  query
    .select([...userColumns, 'membership.role as chatRole', 'membership.readNo', 'membership.deliveredNo'])
    .execute()

function toMember(row: Awaited<ReturnType<typeof withReceipts>>[number]): Member {
  const { id, chatRole, readNo, deliveredNo } = row
  return { user: toUser(row), userId: id, role: chatRole, readNo, deliveredNo }
}

export async function listMembers(db: Db, chatId: string): Promise<Member[]> {
  return (await withReceipts(members(db, chatId))).map(toMember)
}

/** The owner, the admins and this user. */
export async function listLeadingMembers(db: Db, chatId: string, userId: string): Promise<Member[]> {
  const query = members(db, chatId).where((eb) =>
    eb.or([eb('membership.role', '!=', 'member'), eb('membership.userId', '=', userId)]),
  )
  return (await withReceipts(query)).map(toMember)
}

const roleRank: Record<ChatRole, number> = { owner: 0, admin: 1, member: 2 }

/** A page begins after a member of the list, so no name between two pages is lost. @throws invalid */
export async function pageOfMembers(
  db: Db,
  { chatId, query, after, limit }: { chatId: string; query?: string; after?: string; limit?: number },
): Promise<{ members: Member[]; more: boolean }> {
  const count = Math.min(limit ?? 100, limits.page.users)
  const names = await members(db, chatId)
    .select([...nameColumns, 'membership.role'])
    .execute()
  names.sort((a, b) => roleRank[a.role] - roleRank[b.role])
  const ids =
    query === undefined || isEmptyNameQuery(query) ? names.map(({ id }) => id) : rankedIdsByName(names, query)
  const start = after === undefined ? 0 : ids.indexOf(after) + 1
  if (after !== undefined && start === 0)
    throw new HubError('invalid', '“after” is not the id of a member who fits.', { field: 'after' })
  const shown = ids.slice(start, start + count)
  const rows = await withReceipts(
    members(db, chatId).where((eb) => inJsonArray(eb.ref('user.id'), JSON.stringify(shown))),
  )
  const byId = new Map(rows.map((row) => [row.id, toMember(row)]))
  return { members: shown.flatMap((id) => byId.get(id) ?? []), more: ids.length > start + count }
}
