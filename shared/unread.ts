import type { ChatSummary } from './contract/chats.ts'

/**
 * What a chat adds to the numbers at a hub and at the app's icon: messages that are new, and how many of them call me. All of
 * a direct chat is meant for me; a muted chat counts only when I am named.
 */
export function countsOf(chat: Pick<ChatSummary, 'kind' | 'archived' | 'muted' | 'unread' | 'mentions'>): {
  unread: number
  mentions: number
} {
  const { kind, archived, muted, unread, mentions } = chat
  if (archived) return { unread: 0, mentions: 0 }
  if (muted) return { unread: 0, mentions }
  return { unread, mentions: kind === 'direct' ? unread : mentions }
}
