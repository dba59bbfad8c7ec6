import type { ChatSummary } from './contract/chats.ts'

/**
 * What a chat adds to the numbers at a hub and at the app's icon: messages that are new, and how many of them call me. All of
 * a direct chat is meant for me; a muted chat counts only when I am named. Who is named in a thread is
 * named in its chat.
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
