import { mayCallAll, mentionedNames } from '../../shared/text/message.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { FoundChat } from '../access.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { listMentioned } from './queries.ts'

/** Rows of one insert: SQLite binds a limited number of values. */
const rowsAtOnce = 1000

type Place = Pick<FoundChat, 'id' | 'kind' | 'role' | 'memberCount'>

/**
 * Notes who a message calls: by name, and all of a group with `@everyone`, those who are here at this moment with `@here`,
 * where its author may do that. Names within code call nobody.
 */
export async function noteMentions(
  tx: Tx,
  hub: Hub,
  chat: Place,
  message: { no: number; authorId: string; text: string },
): Promise<void> {
  await putMentions(tx.db, chat.id, message.no, await whoIsCalled(tx, hub, chat, message))
}

/** Of a message whose text has changed, or is back. */
export async function noteMentionsAgain(
  tx: Tx,
  hub: Hub,
  message: { chatId: string; no: number; authorId: string; text: string },
  only?: string,
): Promise<void> {
  const chat = await tx.db
    .selectFrom('chat')
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'chat.id').on('membership.userId', '=', message.authorId),
    )
    .where('chat.id', '=', message.chatId)
    .select(['chat.id', 'chat.kind', 'chat.memberCount', 'membership.role'])
    .executeTakeFirstOrThrow()
  const called = await whoIsCalled(tx, hub, { ...chat, role: chat.role ?? 'member' }, message)
  const wanted = only === undefined ? called : called.filter((userId) => userId === only)
  await putMentions(tx.db, message.chatId, message.no, wanted)
}

/** Who is named in a text, among the members of its chat. */
export async function mentionedIn(db: Db, chatId: string, text: string): Promise<string[]> {
  const keys = mentionedNames(text).map(foldCase)
  return keys.length === 0 ? [] : listMentioned(db, chatId, keys)
}

async function whoIsCalled(
  tx: Tx,
  hub: Hub,
  chat: Place,
  message: { authorId: string; text: string },
): Promise<string[]> {
  const keys = mentionedNames(message.text).map(foldCase)
  if (keys.length === 0) return []
  const called = new Set(await listMentioned(tx.db, chat.id, keys))
  if (chat.kind === 'group' && mayCallAll(chat.role, chat.memberCount)) {
    const everyone = keys.includes('everyone')
    if (everyone || keys.includes('here')) {
      for (const userId of await listMembers(tx.db, chat.id)) {
        const isCalled = everyone || hub.live.sessionsOf(userId).size > 0
        if (isCalled && userId !== message.authorId) called.add(userId)
      }
    }
  }
  return [...called]
}

async function putMentions(db: Db, chatId: string, no: number, called: string[]): Promise<void> {
  const rows = called.map((userId) => ({ userId, chatId, no }))
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await db
      .insertInto('mention')
      .values(rows.slice(at, at + rowsAtOnce))
      .execute()
  }
}

async function listMembers(db: Db, chatId: string): Promise<string[]> {
  const rows = await db.selectFrom('membership').where('chatId', '=', chatId).select('userId').execute()
  return rows.map((row) => row.userId)
}
