import type { CachedMessage } from './cached-message.ts'
import { isDeleted } from './recent-messages.ts'

/** Ids of the users whom messages name. */
export function* authorsOf(messages: Iterable<CachedMessage>): Generator<string> {
  for (const message of messages) {
    if (message.author) yield message.author
    if (!isDeleted(message) && message.replyTo) yield message.replyTo.author
  }
}
