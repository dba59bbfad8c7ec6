// A stretch of the messages of a chat or thread, without gaps.
import type { CachedMessage } from './cached-message.ts'

export interface MessageRange {
  readonly messages: readonly CachedMessage[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}

export const emptyRange: MessageRange = { messages: [], hasOlder: false, hasNewer: false }

/** Messages held in memory, and by how many new ones may exceed that before the far end is dropped. */
export const maxLoadedMessages = 500
export const trimSlackMessages = 100

export function trimEnd(range: MessageRange): MessageRange {
  if (range.messages.length <= maxLoadedMessages) return range
  return { ...range, messages: range.messages.slice(0, maxLoadedMessages), hasNewer: true }
}

export function trimStart(range: MessageRange, maxMessages: number): MessageRange {
  if (range.messages.length <= maxMessages) return range
  return { ...range, messages: range.messages.slice(-maxLoadedMessages), hasOlder: true }
}
