import type { Input } from '../../shared/contract.ts'
import type { NoticeLevel } from '../../shared/contract/chats.ts'
import { notFound } from '../../shared/errors.ts'
import type { FoundChat } from '../access.ts'
import type { Known } from '../call.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import type { Live } from '../live/live.ts'
import { append } from '../streams/log.ts'
import { findSummary } from './summaries.ts'

/*
 * How a chat stands in somebody's list. A read mark never goes back, so "unread from here" is a register of its own beside
 * it: set and taken away by its person only, and gone when they read further or write.
 */

export async function changeMine(
  tx: Tx,
  hub: Hub,
  { viewer: { userId } }: Known,
  input: Input<'chats.mine'>,
  chat: FoundChat,
) {
  const before = await findSummary(tx.db, userId, chat.id)
  if (!before) throw notFound('This chat')
  const muted = input.muted ?? before.muted
  const level = input.level ?? before.level ?? 'default'
  const aside = input.aside ?? before.aside ?? false
  const unreadFrom =
    input.unreadFrom === undefined
      ? before.unreadFrom
      : // what is not read yet needs no mark
        input.unreadFrom > 0 && input.unreadFrom <= chat.readNo
        ? input.unreadFrom
        : undefined
  const isSame =
    muted === before.muted &&
    level === (before.level ?? 'default') &&
    aside === (before.aside ?? false) &&
    unreadFrom === before.unreadFrom
  // a retry is harmless
  if (isSame) return { chat: before }
  const asideNo = aside ? chat.lastNo : null
  await tx.db
    .updateTable('membership')
    .set({ muted: muted ? 1 : 0, level, asideNo, unreadFrom: unreadFrom ?? null })
    .where('chatId', '=', chat.id)
    .where('userId', '=', userId)
    .execute()
  await tellMine(tx, hub.live, userId, {
    ...{ chatId: chat.id, muted, level, aside, asideNo: asideNo ?? 0 },
    ...{ unreadFrom: unreadFrom ?? 0, readNo: chat.readNo },
  })
  const after = await findSummary(tx.db, userId, chat.id)
  if (!after) throw new Error('a chat vanished within its transaction')
  return { chat: after }
}

/** Of all chats that are marked as unread by hand. */
export async function takeBackUnread(tx: Tx, hub: Hub, userId: string): Promise<void> {
  const rows = await tx.db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.userId', '=', userId)
    .where('membership.unreadFrom', 'is not', null)
    .where('chat.deletedAt', 'is', null)
    .select('membership.chatId')
    .execute()
  for (const { chatId } of rows) {
    const chat = await findSummary(tx.db, userId, chatId)
    if (!chat) continue
    await tx.db
      .updateTable('membership')
      .set({ unreadFrom: null })
      .where('chatId', '=', chatId)
      .where('userId', '=', userId)
      .execute()
    const { muted, level = 'default', aside = false, asideNo = 0, readNo } = chat
    await tellMine(tx, hub.live, userId, { chatId, muted, level, aside, asideNo, unreadFrom: 0, readNo })
  }
}

export interface Mine {
  chatId: string
  muted: boolean
  level: NoticeLevel
  aside: boolean
  asideNo: number
  unreadFrom: number
  readNo: number
}

async function tellMine(tx: Tx, live: Live, userId: string, mine: Mine): Promise<void> {
  await append(tx, live, `user:${userId}`, {
    type: 'chat.kept',
    by: userId,
    target: mine.chatId,
    data: { ...mine },
    content: mine,
  })
}
