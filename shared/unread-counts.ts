import type { ChatSummary } from './contract/chats.ts'

/**
 * Returns what a chat adds to the badges of a hub and of the app: unread messages, and how many of them mention me. Every
 * message of a direct chat counts as a mention. A muted chat adds only its mentions. Mentions in threads count for their chat.
 */
export function unreadCountsOf(
  chat: Pick<ChatSummary, 'kind' | 'archived' | 'muted' | 'unread' | 'mentions' | 'threadMentions'>,
): {
  unread: number
  mentions: number
} {
  const { kind, archived, muted, unread, mentions, threadMentions = 0 } = chat
  if (archived) return { unread: 0, mentions: 0 }
  if (muted) return { unread: 0, mentions: mentions + threadMentions }
  return { unread, mentions: (kind === 'direct' ? unread : mentions) + threadMentions }
}
