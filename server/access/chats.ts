import type { ChatTable, Db, MembershipTable } from '../db/schema.ts'
import { prepared } from '../db/prepared.ts'
import type { Viewer } from '../caller.ts'
import type { Selectable } from 'kysely'
import { HubError, notFound } from '../../shared/errors.ts'

/*
 * Access is a lookup: a resource is found *through* the user, so what they cannot see is not found. Every rule gets its
 * resource from here.
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
  | 'adding'
  | 'forEveryone'
  | 'archivedAt'
  | 'picture'
  | 'memberCount'
  | 'head'
  | 'lastNo'
> &
  Pick<Membership, 'role' | 'readNo' | 'deliveredNo' | 'addedBy'>

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
      'chat.adding',
      'chat.forEveryone',
      'chat.archivedAt',
      'chat.picture',
      'chat.memberCount',
      'chat.head',
      'chat.lastNo',
      'membership.role',
      'membership.readNo',
      'membership.deliveredNo',
      'membership.addedBy',
    ]),
)

/** Finds a chat that is there and has this member. */
export async function findChat(
  db: Db,
  member: { chatId: string; userId: string },
): Promise<FoundChat | undefined> {
  const [chat] = await findChatOfMember(db, member)
  return chat
}

/** Requires a chat of the viewer. @throws not_found */
export async function requireChat(db: Db, viewer: Viewer, chatId: string | undefined): Promise<FoundChat> {
  const chat = chatId === undefined ? undefined : await findChat(db, { chatId, userId: viewer.userId })
  if (!chat) throw notFound('This chat')
  return chat
}

const findPeerState = prepared((db, p: { chatId: string; userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .where('membership.chatId', '=', p.chatId)
    .where('membership.userId', '!=', p.userId)
    .select('user.deactivatedAt'),
)

/** A direct chat stays readable; it takes messages while its other user is active. @throws forbidden */
export async function requireActivePeer(db: Db, viewer: Viewer, chatId: string): Promise<void> {
  const [peer] = await findPeerState(db, { chatId, userId: viewer.userId })
  // the notes of a user have no other member
  if (!peer || peer.deactivatedAt === null) return
  throw new HubError(
    'forbidden',
    'This account is deactivated, so you cannot write to it. You can still read the chat.',
  )
}

/** @throws forbidden if the chat is archived, or if only its owner and admins may write and the viewer is neither */
export function checkWritable(chat: Pick<FoundChat, 'archivedAt' | 'posting' | 'role'>): void {
  if (chat.archivedAt !== null) {
    throw new HubError('forbidden', 'This group is archived. You can read it but not post in it.')
  }
  if (chat.posting === 'admins' && chat.role === 'member') {
    throw new HubError('forbidden', 'Only the owner and admins can post in this group.')
  }
}
