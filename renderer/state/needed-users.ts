import type { CachedMessage } from './cached-message.ts'
import type { Chats } from './chats.ts'
import { isDeleted, type RecentMessages } from './recent-messages.ts'

/** Ids of the users whose names the page shows without the hub: in the list of chats, and in cached messages. */
export function* neededUserIds(
  chats: Pick<Chats, 'list'>,
  recentMessages: Pick<RecentMessages, 'chats'>,
): Generator<string> {
  for (const { peer, memberIds = [], lastMessage, addedBy } of chats.list.peek())
    for (const id of [peer, ...memberIds, lastMessage?.author, addedBy]) if (id) yield id
  for (const [, { messages }] of recentMessages.chats()) yield* authorsOf(messages)
}

export function* authorsOf(messages: Iterable<CachedMessage>): Generator<string> {
  for (const message of messages) {
    if (message.author) yield message.author
    if (!isDeleted(message) && message.replyTo) yield message.replyTo.author
  }
}
