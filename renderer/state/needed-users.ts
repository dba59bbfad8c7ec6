import type { Chats } from './chats.ts'
import { authorsOf } from './message-authors.ts'
import type { RecentMessages } from './recent-messages.ts'

/** Ids of the users whose names the page shows without the hub: in the list of chats, and in cached messages. */
export function* neededUserIds(
  chats: Pick<Chats, 'list'>,
  recentMessages: Pick<RecentMessages, 'chats'>,
): Generator<string> {
  for (const { peer, memberIds = [], lastMessage, addedBy } of chats.list.peek())
    for (const id of [peer, ...memberIds, lastMessage?.author, addedBy]) if (id) yield id
  for (const [, { messages }] of recentMessages.chats()) yield* authorsOf(messages)
}
