import { sql } from 'kysely'
import { type Adding, type ChatRole, type Posting, limits } from '../../shared/contract/values.ts'
import type { Viewer } from '../caller.ts'
import { inJsonArray } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'

export interface NewChat {
  id: string
  kind: 'direct' | 'group'
  name: string | null
  visibility: 'public' | 'private'
  topic: string | null
  posting?: Posting
  adding?: Adding
  forEveryone?: 1
  directKey: string | null
  createdBy: string
  at: number
}

export async function insertChat(db: Db, chat: NewChat): Promise<void> {
  const { at, ...columns } = chat
  await db
    .insertInto('chat')
    .values({ ...columns, memberCount: 0, updatedAt: at, createdAt: at, deletedAt: null })
    .execute()
}

/** The initial receipts of a new member: messages sent before they joined are not unread to them. */
export async function insertMembership(
  db: Db,
  membership: {
    chatId: string
    userId: string
    role: ChatRole
    at: number
    readNo: number
    addedBy: string | null
  },
): Promise<void> {
  const { chatId, userId, role, at, readNo, addedBy } = membership
  await db
    .insertInto('membership')
    .values({ chatId, userId, role, joinedAt: at, readNo, deliveredNo: readNo, addedBy })
    .execute()
  await addToMemberCount(db, chatId, 1)
}

export async function deleteMembership(db: Db, chatId: string, userId: string): Promise<void> {
  await db.deleteFrom('membership').where('chatId', '=', chatId).where('userId', '=', userId).execute()
  await addToMemberCount(db, chatId, -1)
}

async function addToMemberCount(db: Db, chatId: string, by: number): Promise<void> {
  await db
    .updateTable('chat')
    .set((eb) => ({ memberCount: eb('memberCount', '+', by) }))
    .where('id', '=', chatId)
    .execute()
}

export async function findDirectChatId(db: Db, directKey: string): Promise<string | undefined> {
  const row = await db.selectFrom('chat').where('directKey', '=', directKey).select('id').executeTakeFirst()
  return row?.id
}

/** The chats of a user that are not deleted. */
export async function listChatIdsOfUser(db: Db, userId: string): Promise<string[]> {
  return (await chatIdsOfUser(db, { userId })).map(({ id }) => id)
}
const chatIdsOfUser = prepared((db, p: { userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.userId', '=', p.userId)
    .where('chat.deletedAt', 'is', null)
    .select('chat.id'),
)

export async function listMemberIds(db: Db, chatId: string): Promise<string[]> {
  const rows = await db.selectFrom('membership').where('chatId', '=', chatId).select('userId').execute()
  return rows.map((row) => row.userId)
}

/** The admin who joined first, or else the member who joined first. */
export async function findNextOwner(
  db: Db,
  chatId: string,
  leavingUserId: string,
): Promise<string | undefined> {
  const heir = await db
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .where('chatId', '=', chatId)
    .where('userId', '!=', leavingUserId)
    .where('user.deactivatedAt', 'is', null)
    .where('user.kind', '=', 'user')
    .select('userId')
    .orderBy((eb) => eb.case().when('membership.role', '=', 'admin').then(0).else(1).end())
    .orderBy('joinedAt')
    .orderBy('userId')
    .limit(1)
    .executeTakeFirst()
  return heir?.userId
}

export async function isBot(db: Db, userId: string): Promise<boolean> {
  const user = await db.selectFrom('user').where('id', '=', userId).select('kind').executeTakeFirst()
  return user?.kind === 'bot'
}

export async function setRole(db: Db, chatId: string, userId: string, role: ChatRole): Promise<void> {
  await db
    .updateTable('membership')
    .set({ role })
    .where('chatId', '=', chatId)
    .where('userId', '=', userId)
    .execute()
}

export interface ListedGroupRow {
  id: string
  name: string
  topic: string | null
  picture: string | null
  memberCount: number
}

/** All public groups with their names: read once after each change, see listed-groups.ts. */
export async function listPublicGroupNames(db: Db): Promise<{ id: string; name: string }[]> {
  const rows = await publicGroups(db).select(['id', 'name']).execute()
  return rows.map(({ id, name }) => ({ id, name: name ?? '' }))
}

/** Of these groups those that can be joined and that the user is not in. */
export async function findListedGroups(db: Db, userId: string, ids: string[]): Promise<ListedGroupRow[]> {
  const rows = await publicGroups(db)
    .where((eb) => inJsonArray(eb.ref('chat.id'), JSON.stringify(ids)))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('membership')
            .whereRef('membership.chatId', '=', 'chat.id')
            .where('membership.userId', '=', userId)
            .select('membership.userId'),
        ),
      ),
    )
    .select(['id', 'name', 'topic', 'picture', 'memberCount'])
    .execute()
  return rows.map((row) => ({ ...row, name: row.name ?? '' }))
}

function publicGroups(db: Db) {
  return db
    .selectFrom('chat')
    .where('visibility', '=', sql.lit('public'))
    .where('deletedAt', 'is', null)
    .where('archivedAt', 'is', null)
}

export async function findListedGroup(db: Db, chatId: string): Promise<ListedGroupRow | undefined> {
  const row = await db
    .selectFrom('chat')
    .where('id', '=', chatId)
    .where('visibility', '=', sql.lit('public'))
    .where('deletedAt', 'is', null)
    .where('archivedAt', 'is', null)
    .select(['id', 'name', 'topic', 'picture', 'memberCount'])
    .executeTakeFirst()
  return row && { ...row, name: row.name ?? '' }
}

/** Deleted groups that a user may undelete, the latest first. */
export async function listDeletedGroups(db: Db, viewer: Viewer) {
  return db
    .selectFrom('chat')
    .innerJoin('user', (join) => join.on('user.id', '=', viewer.userId))
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'chat.id').onRef('membership.userId', '=', 'user.id'),
    )
    .where('chat.deletedAt', 'is not', null)
    .where('chat.memberCount', '>', 0)
    .where((eb) =>
      eb.or([
        eb.and([eb('membership.role', '=', 'owner'), eb('chat.deletedByHub', '=', 0)]),
        eb.and([eb('chat.visibility', '=', 'public'), eb('user.role', '!=', 'member')]),
      ]),
    )
    .select(['chat.id', 'chat.name', 'chat.memberCount', 'chat.deletedAt'])
    .orderBy('chat.deletedAt', 'desc')
    .orderBy('chat.id')
    .limit(limits.page.groups)
    .execute()
}
