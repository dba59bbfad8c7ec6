import type { ChatTable, Db, MembershipTable } from '../db/schema.ts'
import { prepared } from '../db/prepared.ts'
import type { Viewer } from '../caller.ts'
import { type Selectable, sql } from 'kysely'
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

const chatOfMember = (db: Db, p: { chatId: string; userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.chatId', '=', p.chatId)
    .where('membership.userId', '=', p.userId)
    .where('chat.deletedAt', 'is', null)
const findChatOfMember = prepared((db, p: { chatId: string; userId: string }) =>
  chatOfMember(db, p).select([
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

const peerState = (db: Db, p: { chatId: string; userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .where('membership.chatId', '=', p.chatId)
    .where('membership.userId', '!=', p.userId)
    .select('user.deactivatedAt')
const findPeerState = prepared(peerState)

/** A direct chat stays readable; it takes messages while its other user is active. @throws forbidden */
export async function requireActivePeer(db: Db, viewer: Viewer, chatId: string): Promise<void> {
  const [peer] = await findPeerState(db, { chatId, userId: viewer.userId })
  // the notes of a user have no other member
  checkActive(peer?.deactivatedAt ?? null)
}

function checkActive(deactivatedAt: number | null): void {
  if (deactivatedAt === null) return
  throw new HubError(
    'forbidden',
    'This account is deactivated, so you cannot write to it. You can still read the chat.',
  )
}

/** All that sending a message looks up, and no more, in one statement: a database on another computer answers once. */
export type ChatToSend = Pick<
  FoundChat,
  'id' | 'kind' | 'posting' | 'archivedAt' | 'memberCount' | 'role'
> & {
  /** Of the other user of a direct chat. */
  peerDeactivatedAt: number | null
  /** The message that the user has sent with this `cid` already. */
  sentId: string | null
  sentDigest: Buffer | null
  /** False if no user of the hub has a keyword. */
  hasKeywords: 0 | 1
}

const findChatToSend = prepared((db, p: { chatId: string; userId: string; cid: string }) =>
  chatOfMember(db, p)
    .leftJoin('message as sent', (join) =>
      join.on('sent.authorId', '=', p.userId).on(sql`lower(sent.cid)`, '=', sql`lower(${p.cid})`),
    )
    .select((eb) => [
      'chat.id',
      'chat.kind',
      'chat.posting',
      'chat.archivedAt',
      'chat.memberCount',
      'membership.role',
      'sent.id as sentId',
      'sent.digest as sentDigest',
      eb
        .case()
        .when('chat.kind', '=', sql.lit('direct'))
        .then(peerState(db, p).limit(sql.lit(1)))
        .end()
        .as('peerDeactivatedAt'),
      eb.exists(db.selectFrom('keyword').select('keyword.userId')).$castTo<0 | 1>().as('hasKeywords'),
    ]),
)

/** Requires a chat of the viewer, to send a message with this `cid` there. @throws not_found */
export async function requireChatToSend(
  db: Db,
  viewer: Viewer,
  { chatId, cid = '' }: { chatId?: string | undefined; cid?: string | undefined },
): Promise<ChatToSend> {
  const [chat] = chatId === undefined ? [] : await findChatToSend(db, { chatId, userId: viewer.userId, cid })
  if (!chat) throw notFound('This chat')
  return chat
}

/** A retry of a message that was sent while the user could write still gets its result. @throws not_found, forbidden */
export async function requireChatToWrite(
  db: Db,
  viewer: Viewer,
  sent: { chatId?: string | undefined; cid?: string | undefined },
): Promise<ChatToSend> {
  const chat = await requireChatToSend(db, viewer, sent)
  if (chat.sentId !== null) return chat
  checkWritable(chat)
  checkActive(chat.peerDeactivatedAt)
  return chat
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
