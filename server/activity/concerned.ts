import type { ActivityKind } from '../../shared/contract/activity.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { findKeywordUserIds } from '../messages/keywords.ts'
import { findMentions, type ParsedMentions } from '../messages/mentions.ts'
import type { Operation } from '../operation.ts'
import { setMessageActivity, type ActiveMessage } from './activity.ts'

export interface WrittenMessage extends ActiveMessage {
  /** '' in the chat itself. */
  thread: string
  no: number
  mentions: ParsedMentions
  /** It was just sent, so nothing is stored for it. */
  isNew?: true
  /** The users one of whose keywords is in it, if the caller has found them. */
  keyworded?: ReadonlySet<string>
}

/** A message was sent, edited or restored, and its mentions are stored: stores whom else it concerns. */
export async function recordActivity(
  op: Operation,
  message: WrittenMessage,
  onlyUserId?: string,
): Promise<void> {
  const { db } = op
  const concerned = new Map<string, Exclude<ActivityKind, 'reaction'>>()
  const keyworded =
    message.keyworded ?? (await findKeywordUserIds(db, { ...message, text: message.mentions.text }))
  // most messages concern nobody in particular, and cost nothing more
  const isPlain = message.thread === '' && message.mentions.readings.length === 0 && keyworded.size === 0
  if (isPlain && message.isNew === true) return
  for (const userId of keyworded) concerned.set(userId, 'keyword')
  if (message.thread !== '')
    for (const { userId } of await followersOf(db, { thread: message.thread, chatId: message.chatId }))
      concerned.set(userId, 'reply')
  const named = await findMentions(db, message.chatId, message.mentions)
  for (const userId of await storedMentions(db, message)) {
    // the mentions of the hub contain the keywords too, so that they count and notify
    const isNamed = named.userIds.includes(userId) || named.broadcast !== undefined
    if (isNamed || !keyworded.has(userId)) concerned.set(userId, 'mention')
  }
  concerned.delete(message.authorId)
  await setMessageActivity(op, message, concerned, onlyUserId)
}

const followersOf = prepared((db, p: { thread: string; chatId: string }) =>
  db
    .selectFrom('threadFollower')
    .innerJoin('membership', 'membership.userId', 'threadFollower.userId')
    .where('membership.chatId', '=', p.chatId)
    .where('threadFollower.thread', '=', p.thread)
    .where('threadFollower.following', '=', 1)
    .select('threadFollower.userId'),
)

async function storedMentions(db: Db, { chatId, thread, no }: WrittenMessage): Promise<string[]> {
  const rows =
    thread === ''
      ? await db
          .selectFrom('mention')
          .where('chatId', '=', chatId)
          .where('no', '=', no)
          .select('userId')
          .execute()
      : await db
          .selectFrom('replyMention')
          .where('thread', '=', thread)
          .where('no', '=', no)
          .select('userId')
          .execute()
  return rows.map(({ userId }) => userId)
}
