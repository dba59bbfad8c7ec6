import type { ChatTable, Db, MembershipTable } from './db/schema.ts'
import { prepared } from './db/prepared.ts'
import type { Viewer } from './caller.ts'
import type { Selectable } from 'kysely'
import { type FileRow, findVisibleFile } from './files/queries.ts'
import { HubError, notFound } from '../shared/errors.ts'
import type { ChatRole, HubRole, Visibility } from '../shared/contract/values.ts'

/*
 * Seeing is a lookup: the thing is found *through* the person, so what they cannot see is simply not there. Every rule
 * takes what it works on from here.
 */

export type Membership = Selectable<Omit<MembershipTable, 'chatId' | 'userId'>>
export type FoundChat = Pick<
  Selectable<ChatTable>,
  | 'id'
  | 'kind'
  | 'name'
  | 'topic'
  | 'visibility'
  | 'posting'
  | 'archivedAt'
  | 'picture'
  | 'memberCount'
  | 'head'
  | 'lastNo'
> &
  Pick<Membership, 'role' | 'readNo' | 'deliveredNo'>

const findChatOfMember = prepared((db, p: { chatId: string; userId: string }) =>
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
      'chat.posting',
      'chat.archivedAt',
      'chat.picture',
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
  const [chat] = chatId === undefined ? [] : await findChatOfMember(db, { chatId, userId: viewer.userId })
  if (!chat) throw notFound('This chat')
  return chat
}

/** A group I am in. @throws not_found; invalid for a direct chat, which has no such thing */
export async function requireGroup(db: Db, viewer: Viewer, chatId: string | undefined): Promise<FoundChat> {
  const chat = await requireChat(db, viewer, chatId)
  if (chat.kind === 'direct') throw directChatError()
  return chat
}

/** A group that I run by my role in it. @throws not_found when I am not in it, forbidden when I am but do not run it */
export async function requireGroupAdmin(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<FoundChat & Pick<ManagedGroup, 'effectiveRole'>> {
  const chat = await requireGroup(db, viewer, chatId)
  if (chat.role === 'member')
    throw new HubError('forbidden', 'Only the owner and admins of the group can do this.')
  return { ...chat, effectiveRole: chat.role }
}

const findPeerState = prepared((db, p: { chatId: string; userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .where('membership.chatId', '=', p.chatId)
    .where('membership.userId', '!=', p.userId)
    .select('user.deactivatedAt'),
)

/** A direct chat is read for ever, and written in while there is somebody to read it. @throws forbidden */
export async function requireActivePeer(db: Db, viewer: Viewer, chatId: string): Promise<void> {
  const [peer] = await findPeerState(db, { chatId, userId: viewer.userId })
  if (peer?.deactivatedAt === null) return
  throw new HubError(
    'forbidden',
    'This account is deactivated, so you cannot write to it. You can still read the chat.',
  )
}

/** A file of a message that I can see, or one of mine that is in none yet. @throws not_found */
export async function requireFile(db: Db, viewer: Viewer, fileId: string | undefined): Promise<FileRow> {
  const [file] = fileId === undefined ? [] : await findVisibleFile(db, { fileId, userId: viewer.userId })
  if (!file) throw notFound('This file')
  return file
}

/** @throws forbidden when nobody, or nobody like me, writes in this chat */
export function checkWritable(chat: Pick<FoundChat, 'archivedAt' | 'posting' | 'role'>): void {
  if (chat.archivedAt !== null) {
    throw new HubError('forbidden', 'This group is archived. You can read it, but nobody can write in it.')
  }
  if (chat.posting === 'admins' && chat.role === 'member') {
    throw new HubError('forbidden', 'Only the owner and admins can write in this group.')
  }
}

/** A group whose face I see: one that I am in, or a public one. @throws not_found */
export async function requireVisibleGroup(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<{ id: string }> {
  const row = chatId === undefined ? undefined : await findAccessibleGroup(db, viewer, chatId, false)
  const isListed = row?.visibility === 'public' && row.archivedAt === null
  if (!row || (row.role === null && !isListed && !isManagedByHubRole(row))) throw notFound('This group')
  return { id: row.id }
}

/** A group in the hands of somebody who may manage it: by their role in it, or by their role on the hub. */
export interface ManagedGroup extends Omit<FoundChat, 'role' | 'readNo' | 'deliveredNo' | 'kind'> {
  /** What I am in it; nothing for an admin of the hub who is not in it. */
  role: ChatRole | undefined
  /** What I may do in it. */
  effectiveRole: 'owner' | 'admin'
}

const accessibleGroups = (db: Db, viewer: Viewer, chatId: string) =>
  db
    .selectFrom('chat')
    .innerJoin('user', (join) => join.on('user.id', '=', viewer.userId).on('user.deactivatedAt', 'is', null))
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'chat.id').onRef('membership.userId', '=', 'user.id'),
    )
    .where('chat.id', '=', chatId)
    .select([
      'chat.id',
      'chat.kind',
      'chat.name',
      'chat.topic',
      'chat.visibility',
      'chat.posting',
      'chat.archivedAt',
      'chat.picture',
      'chat.memberCount',
      'chat.head',
      'chat.lastNo',
      'chat.deletedByHub',
      'membership.role',
      'user.role as hubRole',
    ])

/**
 * A group that I run, or a public one as an admin of the hub: what everybody can find is the hub's to keep in order. A
 * private group is not there for an admin who is not in it (docs/decisions/0008-group-roles.md).
 * @throws not_found when I cannot see it, forbidden when I can but do not run it
 */
export async function requireManagedGroup(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<ManagedGroup> {
  const group = await requireGroupWithRole(db, viewer, chatId, false)
  if (!group.effectiveRole)
    throw new HubError('forbidden', 'Only the owner and admins of the group can do this.')
  return { ...group, effectiveRole: group.effectiveRole }
}

/** A group that I own, or a public one as an admin of the hub. @throws not_found, forbidden */
export async function requireOwnedGroup(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<ManagedGroup> {
  const group = await requireGroupWithRole(db, viewer, chatId, false)
  if (group.effectiveRole !== 'owner')
    throw new HubError('forbidden', 'Only the owner of the group can do this.')
  return { ...group, effectiveRole: group.effectiveRole }
}

/** Any group, for those who run the hub to delete: that it is there they know, and no more. @throws not_found, forbidden */
export async function requireGroupAsHubAdmin(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
  deleted: boolean,
): Promise<ManagedGroup> {
  await requireHubAdmin(db, viewer)
  const row = chatId === undefined ? undefined : await findAccessibleGroup(db, viewer, chatId, deleted)
  const isTheirs = row?.visibility === 'public' || !deleted || row?.deletedByHub === 1
  if (!row || row.kind !== 'group' || !isTheirs || row.memberCount === 0) throw notFound('This group')
  const { kind: _kind, hubRole: _hubRole, deletedByHub: _deletedByHub, role, ...group } = row
  return { ...group, role: role ?? undefined, effectiveRole: 'owner' }
}

/**
 * A deleted group that I may bring back: as its owner, unless those who run the hub deleted it, or a public one as an
 * admin of the hub. @throws not_found
 */
export async function requireDeletedGroup(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<ManagedGroup> {
  const group = await requireGroupWithRole(db, viewer, chatId, true)
  // for everybody else it is simply gone, and for all when its people are
  if (group.effectiveRole !== 'owner' || group.memberCount === 0) throw notFound('This group')
  return { ...group, effectiveRole: group.effectiveRole }
}

async function requireGroupWithRole(db: Db, viewer: Viewer, chatId: string | undefined, deleted: boolean) {
  const row = chatId === undefined ? undefined : await findAccessibleGroup(db, viewer, chatId, deleted)
  if (!row || (row.role === null && !isManagedByHubRole(row))) throw notFound('This chat')
  if (row.kind === 'direct') throw directChatError()
  // what those who run the hub took away, a group's owner does not bring back
  if (row.deletedByHub === 1 && !isManagedByHubRole(row)) throw notFound('This chat')
  const { kind: _kind, hubRole: _hubRole, deletedByHub: _deletedByHub, role, ...group } = row
  const effectiveRole = isManagedByHubRole(row)
    ? ('owner' as const)
    : role === 'member' || role === null
      ? undefined
      : role
  return { ...group, role: role ?? undefined, effectiveRole }
}

function findAccessibleGroup(db: Db, viewer: Viewer, chatId: string, deleted: boolean) {
  return accessibleGroups(db, viewer, chatId)
    .where('chat.deletedAt', deleted ? 'is not' : 'is', null)
    .executeTakeFirst()
}

function isManagedByHubRole({ visibility, hubRole }: { visibility: Visibility; hubRole: HubRole }): boolean {
  return visibility === 'public' && hubRole !== 'member'
}

function directChatError(): HubError {
  return new HubError('forbidden', 'A direct chat always has the same two members and no name.')
}

export interface JoinableGroup {
  id: string
  /** Already in it. */
  isMember: boolean
}

/** A public group that is not archived, or one I am in already. @throws not_found */
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
    .select(['chat.id', 'chat.visibility', 'chat.archivedAt', 'membership.userId'])
    .executeTakeFirst()
  const isListed = chat?.visibility === 'public' && chat.archivedAt === null
  if (!chat || (!isListed && chat.userId === null)) throw notFound('This group')
  return { id: chat.id, isMember: chat.userId !== null }
}

export interface FoundMessage {
  id: string
  chatId: string
  /** '' in the chat itself. */
  thread: string
  no: number
  authorId: string
  deletedAt: number | null
}

const findMessageOfMember = prepared((db, p: { messageId: string; userId: string }) =>
  db
    .selectFrom('message')
    .innerJoin('membership', 'membership.chatId', 'message.chatId')
    .innerJoin('chat', 'chat.id', 'message.chatId')
    .where('message.id', '=', p.messageId)
    .where('membership.userId', '=', p.userId)
    .where('chat.deletedAt', 'is', null)
    .select([
      'message.id',
      'message.chatId',
      'message.thread',
      'message.no',
      'message.authorId',
      'message.deletedAt',
    ]),
)

/** A message in a chat I am in. @throws not_found */
export async function requireMessage(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const [message] =
    messageId === undefined ? [] : await findMessageOfMember(db, { messageId, userId: viewer.userId })
  if (!message) throw notFound('This message')
  return message
}

/** A message whose files I may pass on: one that I read and that is not deleted. @throws not_found */
export async function requireMessageToForward(
  db: Db,
  viewer: Viewer,
  messageId: string,
): Promise<FoundMessage> {
  const [message] = await findMessageOfMember(db, { messageId, userId: viewer.userId })
  if (message?.deletedAt === null) return message
  const { code, message: words } = notFound('The message that you forward')
  throw new HubError(code, words, { field: 'forward' })
}

/** A message that a thread hangs on, or may. @throws not_found */
export async function requireThreadMessage(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const message = await requireMessage(db, viewer, messageId)
  if (message.thread !== '') throw notFound('This thread')
  return message
}

/** A message that is there, in a chat where I may write. @throws not_found, forbidden */
export async function requireMessageToEdit(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const message = await requireMessage(db, viewer, messageId)
  const chat = await requireChat(db, viewer, message.chatId)
  if (message.deletedAt !== null) throw new HubError('not_found', 'This message was deleted.')
  checkWritable(chat)
  if (chat.kind === 'direct') await requireActivePeer(db, viewer, chat.id)
  return message
}

/** A message that is there, in a chat that is in use: in an announcement group everybody reacts. @throws not_found, forbidden */
export async function requireMessageToReact(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const message = await requireMessage(db, viewer, messageId)
  const chat = await requireChat(db, viewer, message.chatId)
  if (message.deletedAt !== null) throw new HubError('not_found', 'This message was deleted.')
  checkWritable({ ...chat, posting: 'all' })
  if (chat.kind === 'direct') await requireActivePeer(db, viewer, chat.id)
  return message
}

/** A message to pin: in a direct chat by both, in a group by who runs it. @throws not_found, forbidden */
export async function requireMessageToPin(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const message = await requireMessage(db, viewer, messageId)
  const chat = await requireChat(db, viewer, message.chatId)
  if (chat.kind === 'group' && chat.role === 'member') {
    throw new HubError('forbidden', 'Only the owner and admins can pin messages in this group.')
  }
  if (chat.archivedAt !== null) {
    throw new HubError('forbidden', 'This group is archived. You can read it, but not change it.')
  }
  return message
}

export interface MessageForDelete extends FoundMessage {
  /** Also when somebody else wrote it: by my role in the group, or in a public one by my role on the hub. */
  mayDeleteForEveryone: boolean
  /** What runs a public group from outside deletes for everyone or not at all. */
  isMember: boolean
}

/** A message I see, or one in a public group that is the hub's to keep in order. @throws not_found */
export async function requireMessageForDelete(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<MessageForDelete> {
  const message =
    messageId === undefined
      ? undefined
      : await db
          .selectFrom('message')
          .innerJoin('chat', 'chat.id', 'message.chatId')
          .innerJoin('user', (join) =>
            join.on('user.id', '=', viewer.userId).on('user.deactivatedAt', 'is', null),
          )
          .leftJoin('membership', (join) =>
            join.onRef('membership.chatId', '=', 'message.chatId').onRef('membership.userId', '=', 'user.id'),
          )
          .where('message.id', '=', messageId)
          .where('chat.deletedAt', 'is', null)
          .select([
            'message.id',
            'message.chatId',
            'message.thread',
            'message.no',
            'message.authorId',
            'message.deletedAt',
            'chat.kind',
            'chat.visibility',
            'membership.role',
            'user.role as hubRole',
          ])
          .executeTakeFirst()
  if (!message || (message.role === null && !isManagedByHubRole(message))) throw notFound('This message')
  const { kind, visibility, role, hubRole, ...found } = message
  const mayDelete =
    kind === 'group' && (role === 'owner' || role === 'admin' || isManagedByHubRole({ visibility, hubRole }))
  return { ...found, mayDeleteForEveryone: mayDelete, isMember: role !== null }
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
