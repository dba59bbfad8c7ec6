import type { Db } from '../db/schema.ts'
import type { Viewer } from '../caller.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import type { ChatRole, HubRole, Visibility } from '../../shared/contract/values.ts'
import { findChat, type FoundChat, requireChat } from './chats.ts'
import { requireHubAdmin } from './hub.ts'

/** Requires a group of the viewer. @throws not_found; invalid for a direct chat */
export async function requireGroup(db: Db, viewer: Viewer, chatId: string | undefined): Promise<FoundChat> {
  const chat = await requireChat(db, viewer, chatId)
  if (chat.kind === 'direct') throw directChatError()
  if (chat.name === null) throw unnamedChatError()
  return chat
}

/**
 * Requires a group that the viewer manages by their role in it. @throws not_found for a user who is not a member,
 * forbidden for a member who does not manage it
 */
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

/** Requires a group whose picture the viewer may see: their own or a public one. @throws not_found */
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

/** A group that the user may manage: by their role in it, or by their role on the hub. */
export interface ManagedGroup extends Omit<
  FoundChat,
  'role' | 'readNo' | 'deliveredNo' | 'addedBy' | 'kind'
> {
  /** The viewer's role in the group; absent for an admin of the hub who is not a member. */
  role: ChatRole | undefined
  /** What the viewer may do in it. */
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
      'chat.adding',
      'chat.forEveryone',
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
 * Requires a group that the viewer manages by their role in it, or a public one that they manage as admin of the hub. A
 * private group does not exist for an admin who is not a member (docs/decisions/0008-group-roles.md).
 * @throws not_found if the viewer cannot see the group, forbidden if they see it but do not manage it
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

/**
 * Requires a group to change: one that the viewer manages, or a chat without a name, which each of its members may turn
 * into a group. @throws as `requireManagedGroup`
 */
export async function requireGroupToUpdate(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<ManagedGroup> {
  const chat = chatId === undefined ? undefined : await findChat(db, { chatId, userId: viewer.userId })
  if (chat?.kind === 'group' && chat.name === null) return { ...chat, effectiveRole: 'admin' }
  return requireManagedGroup(db, viewer, chatId)
}

/**
 * Requires a group that the viewer may add users to: one that they manage, or one of theirs whose members may all do
 * that. @throws as `requireManagedGroup`
 */
export async function requireGroupToAddTo(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<Pick<ManagedGroup, 'id'>> {
  const group = await requireGroupWithRole(db, viewer, chatId, false)
  const isOpen = group.role !== undefined && group.adding === 'all' && group.archivedAt === null
  if (!group.effectiveRole && !isOpen)
    throw new HubError('forbidden', 'Only the owner and admins of this group can add people.')
  return { id: group.id }
}

/** Requires a group that the viewer owns, or a public one for an admin of the hub. @throws not_found, forbidden */
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

/**
 * Requires any group, for an admin of the hub who deletes it. They learn only that it exists. @throws not_found,
 * forbidden
 */
export async function requireGroupAsHubAdmin(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
  deleted: boolean,
): Promise<ManagedGroup> {
  await requireHubAdmin(db, viewer)
  const row = chatId === undefined ? undefined : await findAccessibleGroup(db, viewer, chatId, deleted)
  const isTheirs = row?.visibility === 'public' || !deleted || row?.deletedByHub === 1
  if (row?.kind !== 'group' || row.name === null || !isTheirs || row.memberCount === 0)
    throw notFound('This group')
  const { kind: _kind, hubRole: _hubRole, deletedByHub: _deletedByHub, role, ...group } = row
  return { ...group, role: role ?? undefined, effectiveRole: 'owner' }
}

/**
 * Requires a deleted group that the viewer may undelete: its owner, unless an admin of the hub deleted it; or an admin
 * of the hub, if it is public. @throws not_found
 */
export async function requireDeletedGroup(
  db: Db,
  viewer: Viewer,
  chatId: string | undefined,
): Promise<ManagedGroup> {
  const group = await requireGroupWithRole(db, viewer, chatId, true)
  // all other users cannot see it, and no one can once its members are removed
  if (group.effectiveRole !== 'owner' || group.memberCount === 0) throw notFound('This group')
  return { ...group, effectiveRole: group.effectiveRole }
}

async function requireGroupWithRole(db: Db, viewer: Viewer, chatId: string | undefined, deleted: boolean) {
  const row = chatId === undefined ? undefined : await findAccessibleGroup(db, viewer, chatId, deleted)
  if (!row || (row.role === null && !isManagedByHubRole(row))) throw notFound('This chat')
  if (row.kind === 'direct') throw directChatError()
  if (row.name === null) throw unnamedChatError()
  // the owner of a group cannot undelete what an admin of the hub deleted
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

export function isManagedByHubRole({
  visibility,
  hubRole,
}: {
  visibility: Visibility
  hubRole: HubRole
}): boolean {
  return visibility === 'public' && hubRole !== 'member'
}

function directChatError(): HubError {
  return new HubError('forbidden', 'A direct chat always has the same two members and no name.')
}

function unnamedChatError(): HubError {
  return new HubError(
    'forbidden',
    'The members of a chat without a name stay the same. Give it a name to make it a group.',
  )
}

export interface JoinableGroup {
  id: string
  /** The viewer is a member already. */
  isMember: boolean
}

/** Requires a public group that is not archived, or one of which the viewer is a member. @throws not_found */
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
