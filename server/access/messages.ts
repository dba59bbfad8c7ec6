import type { Db } from '../db/schema.ts'
import { prepared } from '../db/prepared.ts'
import type { Viewer } from '../caller.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkWritable, requireActivePeer, requireChat } from './chats.ts'
import { isManagedByHubRole } from './groups.ts'

export interface FoundMessage {
  id: string
  chatId: string
  /** '' for a message of the chat itself. */
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

/** Requires a message in a chat of the viewer. @throws not_found */
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

/** Requires a message whose files the viewer may forward: they can read it and it is not deleted. @throws not_found */
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

/** Requires a message that is or can be the parent of a thread. @throws not_found */
export async function requireThreadMessage(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const message = await requireMessage(db, viewer, messageId)
  if (message.thread !== '') throw notFound('This thread')
  return message
}

/** Requires a message that is not deleted, in a chat where the viewer may write. @throws not_found, forbidden */
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

/**
 * Requires a message that is not deleted, in a chat that is not archived. In an announcement group every member may
 * react. @throws not_found, forbidden
 */
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

/**
 * Requires a message that the viewer may pin: every member in a chat without a name, owner and admins in a group. @throws
 * not_found, forbidden
 */
export async function requireMessageToPin(
  db: Db,
  viewer: Viewer,
  messageId: string | undefined,
): Promise<FoundMessage> {
  const message = await requireMessage(db, viewer, messageId)
  const chat = await requireChat(db, viewer, message.chatId)
  if (chat.kind === 'group' && chat.name !== null && chat.role === 'member') {
    throw new HubError('forbidden', 'Only the owner and admins can pin messages in this group.')
  }
  if (chat.archivedAt !== null) {
    throw new HubError('forbidden', 'This group is archived. You can read it, but not change it.')
  }
  return message
}

export interface MessageForDelete extends FoundMessage {
  /**
   * True if the viewer may delete messages of others: by their role in the group, or in a public group by their role on
   * the hub.
   */
  mayDeleteForEveryone: boolean
  /** An admin of the hub who is not a member can delete only for everyone. */
  isMember: boolean
}

/**
 * Requires a message the viewer can see, or one in a public group, which admins of the hub moderate. @throws not_found
 */
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
