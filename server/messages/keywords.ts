import { keywordFinder } from '../../shared/text/keywords.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'

/** Members of the chat, other than its author, one of whose keywords is in the text. */
export async function findKeywordUserIds(
  db: Db,
  { chatId, authorId, text }: { chatId: string; authorId: string; text: string },
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  // most teams have none, and the members of a large chat need not be gone through for each message
  if ((await anyKeyword(db, {})).length === 0) return found
  const keywords = await keywordsInChat(db, { chatId })
  if (keywords.length === 0) return found
  const has = keywordFinder(text)
  const results = new Map<string, boolean>()
  for (const { userId, word } of keywords) {
    if (userId === authorId || found.has(userId)) continue
    let isThere = results.get(word)
    if (isThere === undefined) results.set(word, (isThere = has(word)))
    if (isThere) found.add(userId)
  }
  return found
}

const anyKeyword = prepared((db, _: Record<never, never>) =>
  db.selectFrom('keyword').select('userId').limit(1),
)

const keywordsInChat = prepared((db, p: { chatId: string }) =>
  db
    .selectFrom('keyword')
    .innerJoin('membership', 'membership.userId', 'keyword.userId')
    .where('membership.chatId', '=', p.chatId)
    .select(['keyword.userId', 'keyword.word']),
)
