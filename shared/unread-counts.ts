import type { ChatSummary } from './contract/chats.ts'

/**
 * Returns what a chat adds to the badges of a hub and of the app: unread messages, and how many of them mention me. Every
 * message of a chat without a name counts as a mention. A muted chat adds only its mentions, one with the notification level
 * `none` adds nothing: a badge calls as a notification does. Mentions in threads count for their chat.
 * A chat that I was added to and have not read is unread, also without a message.
 */
export function unreadCountsOf(
  chat: Pick<
    ChatSummary,
    | 'kind'
    | 'archived'
    | 'muted'
    | 'notify'
    | 'unread'
    | 'mentions'
    | 'threadMentions'
    | 'addedBy'
    | 'memberIds'
  >,
): {
  unread: number
  mentions: number
} {
  const { kind, archived, muted, notify, mentions, threadMentions = 0 } = chat
  const unread = chat.unread === 0 && chat.addedBy !== undefined ? 1 : chat.unread
  if (archived || notify === 'none') return { unread: 0, mentions: 0 }
  if (muted) return { unread: 0, mentions: mentions + threadMentions }
  return { unread, mentions: (kind === 'direct' || chat.memberIds ? unread : mentions) + threadMentions }
}
