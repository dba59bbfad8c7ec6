import type { ChatSummary } from '../../shared/contract/chats.ts'
import { notFound } from '../../shared/errors.ts'
import type { Viewer } from '../caller.ts'
import type { Db } from '../db/schema.ts'
import { inOrder } from '../db/in-order.ts'
import { insertInitialMember } from './membership.ts'
import { findSummary, summariesOfChat } from './summaries.ts'
import type { Operation } from '../operation.ts'

/** Returns the summary of a chat that must exist. */
export async function getSummary(db: Db, viewer: Viewer, chatId: string): Promise<ChatSummary> {
  const chat = await findSummary(db, viewer.userId, chatId)
  if (!chat) throw notFound('This chat')
  return chat
}

/** The first entries of a chat, so that folding its stream gives its members. */
export async function initializeChat(
  op: Operation,
  chatId: string,
  by: string,
  members: { userId: string; role: 'owner' | 'member' }[],
  { isUnreadOnce = false } = {},
): Promise<void> {
  await op.append(`chat:${chatId}`, { type: 'chat.created', by, target: chatId, content: {} })
  await inOrder(members, ({ userId, role }) =>
    insertInitialMember(op, { chatId, userId, role, by, readNo: 0, isUnreadOnce }),
  )
  // members get the entries of the chat from chat.added on, and none before it
  for (const { userId } of members) op.tell({ f: 'joined', chat: chatId, user: userId })
  await inOrder(await summariesOfChat(op.db, chatId), ([userId, chat]) =>
    op.append(`user:${userId}`, { type: 'chat.added', by, target: chatId, content: { chat } }),
  )
}
