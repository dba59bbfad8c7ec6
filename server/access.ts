import type { ChatTable, Db, MembershipTable } from './db/schema.ts'
import { prepared } from './db/prepared.ts'
import type { Viewer } from './call.ts'
import type { Selectable } from 'kysely'
import { HubError, notFound } from '../shared/errors.ts'
import type { HubRole } from '../shared/contract/values.ts'

/*
 * Seeing is a lookup: the thing is found *through* the person, so what they cannot see is simply not there. Every rule
 * takes what it works on from here.
 */

export type Membership = Selectable<Omit<MembershipTable, 'chatId' | 'userId'>>
export type FoundChat = Pick<
  Selectable<ChatTable>,
  'id' | 'kind' | 'name' | 'topic' | 'visibility' | 'memberCount' | 'head' | 'lastNo'
> &
  Pick<Membership, 'role' | 'readNo' | 'deliveredNo'>

const chatThroughMember = prepared((db, p: { chatId: string; userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.chatId', '=', p.chatId)
    .where('membership.userId', '=', p.userId)
    .where('chat.deletedAt', 'is', null)
    .select([
      'chat.id',
      'chat.kind',
      'chat.name',
      'chat.topic',
      'chat.visibility',
      'chat.memberCount',
      'chat.head',
      'chat.lastNo',
      'membership.role',
      'membership.readNo',
      'membership.deliveredNo',
    ]),
)

/** A chat I am in. @throws not_found */
export async function requireChat(db: Db, viewer: Viewer, chatId: string | undefined): Promise<FoundChat> {
  const [chat] = chatId === undefined ? [] : await chatThroughMember(db, { chatId, userId: viewer.userId })
  if (!chat) throw notFound('This chat')
  return chat
}

/** A group I am in. @throws not_found; invalid for a direct chat, which has no such thing */
export async function requireGroup(db: Db, viewer: Viewer, chatId: string | undefined): Promise<FoundChat> {
  const chat = await requireChat(db, viewer, chatId)
  if (chat.kind === 'direct') {
    throw new HubError('forbidden', 'This is a direct chat: it always has the same two people and no name.')
  }
  return chat
}

/** A group that I run. @throws not_found when I am not in it, forbidden when I am but do not run it */
export async function requireGroupAdmin(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<FoundChat> {
  const chat = await requireGroup(db, viewer, chatId)
  if (chat.role === 'member')
    throw new HubError('forbidden', 'Only the owner and admins of the group can do this.')
  return chat
}

/** A group that I own. @throws not_found, forbidden */
export async function requireGroupOwner(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<FoundChat> {
  const chat = await requireGroup(db, viewer, chatId)
  if (chat.role !== 'owner') throw new HubError('forbidden', 'Only the owner of the group can do this.')
  return chat
}

export interface JoinableGroup {
  id: string
  /** Already in it. */
  member: boolean
}

/** A public group, or one I am in already. @throws not_found */
export async function requireJoinableGroup(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<JoinableGroup> {
  if (chatId === undefined) throw notFound('This group')
  const chat = await db
    .selectFrom('chat')
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'chat.id').on('membership.userId', '=', viewer.userId),
    )
    .where('chat.id', '=', chatId)
    .where('chat.kind', '=', 'group')
    .where('chat.deletedAt', 'is', null)
    .select(['chat.id', 'chat.visibility', 'membership.userId'])
    .executeTakeFirst()
  if (!chat || (chat.visibility !== 'public' && chat.userId === null)) throw notFound('This group')
  return { id: chat.id, member: chat.userId !== null }
}

export interface FoundMessage {
  id: string
  chatId: string
  no: number
  authorId: string
}

/** A message in a chat I am in. @throws not_found */
export async function requireMessage(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const message =
    messageId === undefined
      ? undefined
      : await db
          .selectFrom('message')
          .innerJoin('membership', 'membership.chatId', 'message.chatId')
          .innerJoin('chat', 'chat.id', 'message.chatId')
          .where('message.id', '=', messageId)
          .where('membership.userId', '=', viewer.userId)
          .where('chat.deletedAt', 'is', null)
          .select(['message.id', 'message.chatId', 'message.no', 'message.authorId'])
          .executeTakeFirst()
  if (!message) throw notFound('This message')
  return message
}

/** @throws forbidden unless I am the owner or an admin of the hub, read anew each time */
export async function requireHubAdmin(db: Db, viewer: Viewer): Promise<HubRole> {
  const user = await db
    .selectFrom('user')
    .where('id', '=', viewer.userId)
    .where('deactivatedAt', 'is', null)
    .select('role')
    .executeTakeFirst()
  if (!user || user.role === 'member') {
    throw new HubError('forbidden', 'Only the owner and admins of this hub can do this.')
  }
  return user.role
}
