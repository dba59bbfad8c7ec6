import { mayCallAll, mentionedNames } from '../../shared/text/message.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { FoundChat } from '../access.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { listMentioned } from './queries.ts'

/** Rows of one insert: SQLite binds a limited number of values. */
const rowsAtOnce = 1000

/**
 * Notes who a message calls: by name, and all of a group with `@everyone`, those who are here at this moment with `@here`,
 * where its author may do that. Names within code call nobody.
 */
export async function noteMentions(
  tx: Tx,
  hub: Hub,
  chat: Pick<FoundChat, 'id' | 'kind' | 'role' | 'memberCount'>,
  message: { no: number; authorId: string; text: string },
): Promise<void> {
  const keys = mentionedNames(message.text).map(foldCase)
  if (keys.length === 0) return
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
  const rows = [...called].map((userId) => ({ userId, chatId: chat.id, no: message.no }))
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await tx.db
      .insertInto('mention')
      .values(rows.slice(at, at + rowsAtOnce))
      .execute()
  }
}

async function listMembers(db: Db, chatId: string): Promise<string[]> {
  const rows = await db.selectFrom('membership').where('chatId', '=', chatId).select('userId').execute()
  return rows.map((row) => row.userId)
}
