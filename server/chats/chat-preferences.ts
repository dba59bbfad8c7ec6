import type { Input } from '../../shared/contract.ts'
import type { NotificationLevel } from '../../shared/contract/chats.ts'
import { notFound } from '../../shared/errors.ts'
import type { FoundChat } from '../access/chats.ts'
import { findSummary } from './summaries.ts'
import type { Operation, UserOperation } from '../operation.ts'

/*
 * A user's preferences of a chat. A read receipt never decreases, so "unread from here" is a column of its own.
 * Only its user sets and clears it, and it is cleared when they read further or write.
 */

export async function updateChatPreferences(
  op: UserOperation,
  input: Input<'chats.updatePreferences'>,
  chat: FoundChat,
) {
  const { userId } = op.viewer
  const before = await findSummary(op.db, userId, chat.id)
  if (!before) throw notFound('This chat')
  const muted = input.muted ?? before.muted
  const notify = input.notify ?? before.notify ?? 'default'
  const archivedForMe = input.archivedForMe ?? before.archivedForMe ?? false
  const unreadFrom =
    input.unreadFrom === undefined
      ? before.unreadFrom
      : // an unread message needs no "unread from"
        input.unreadFrom > 0 && input.unreadFrom <= chat.readNo
        ? input.unreadFrom
        : undefined
  const isSame =
    muted === before.muted &&
    notify === (before.notify ?? 'default') &&
    archivedForMe === (before.archivedForMe ?? false) &&
    unreadFrom === before.unreadFrom
  // a retry is harmless
  if (isSame) return { chat: before }
  const archivedForMeNo = archivedForMe ? chat.lastNo : null
  await op.db
    .updateTable('membership')
    .set({ muted: muted ? 1 : 0, notify, archivedForMeNo, unreadFrom: unreadFrom ?? null })
    .where('chatId', '=', chat.id)
    .where('userId', '=', userId)
    .execute()
  await publishChatPreferences(op, userId, {
    ...{ chatId: chat.id, muted, notify, archivedForMe, archivedForMeNo: archivedForMeNo ?? 0 },
    ...{ unreadFrom: unreadFrom ?? 0, readNo: chat.readNo },
  })
  const after = await findSummary(op.db, userId, chat.id)
  if (!after) throw new Error('a chat is missing within its transaction')
  return { chat: after }
}

/** Clears the user's manual unread marks of all chats. */
export async function clearUnreadMarks(op: Operation, userId: string): Promise<void> {
  const rows = await op.db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.userId', '=', userId)
    .where('membership.unreadFrom', 'is not', null)
    .where('chat.deletedAt', 'is', null)
    .select('membership.chatId')
    .execute()
  for (const { chatId } of rows) {
    const chat = await findSummary(op.db, userId, chatId)
    if (!chat) continue
    await op.db
      .updateTable('membership')
      .set({ unreadFrom: null })
      .where('chatId', '=', chatId)
      .where('userId', '=', userId)
      .execute()
    const { muted, notify = 'default', archivedForMe = false, archivedForMeNo = 0, readNo } = chat
    await publishChatPreferences(op, userId, {
      chatId,
      muted,
      notify,
      archivedForMe,
      archivedForMeNo,
      unreadFrom: 0,
      readNo,
    })
  }
}

export interface ChatPreferences {
  chatId: string
  muted: boolean
  notify: NotificationLevel
  archivedForMe: boolean
  archivedForMeNo: number
  unreadFrom: number
  readNo: number
}

async function publishChatPreferences(op: Operation, userId: string, mine: ChatPreferences): Promise<void> {
  await op.append(`user:${userId}`, {
    type: 'chat.preferencesUpdated',
    by: userId,
    target: mine.chatId,
    data: { ...mine },
    content: mine,
  })
}
