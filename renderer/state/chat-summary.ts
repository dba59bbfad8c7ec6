import type { ChatSummary } from '../../shared/contract/chats.ts'
import { broadcastMentions, mentionedNames } from '../../shared/text/message.ts'
import { foldCase } from '../../shared/text/names.ts'

export function isInArchive({ archived, archivedForMe }: ChatSummary): boolean {
  return archived || archivedForMe === true
}

/** The first unread number: after the read number, or at the manual unread mark. */
export function firstUnreadNo({ unreadFrom, readNo }: ChatSummary): number {
  return unreadFrom ?? readNo + 1
}

/** A summary with the chat preferences of the current one. */
export function withPreferencesOf(current: ChatSummary, chat: ChatSummary): ChatSummary {
  const { muted, notify, archivedForMeNo, unreadFrom } = current
  const { notify: _, archivedForMeNo: _archivedForMeNo, unreadFrom: _unreadFrom, ...rest } = chat
  return {
    ...rest,
    muted,
    ...(current.archivedForMe === undefined
      ? {}
      : { archivedForMe: current.archivedForMe && (muted || chat.lastNo <= (archivedForMeNo ?? 0)) }),
    ...(notify === undefined ? {} : { notify }),
    ...(archivedForMeNo === undefined ? {} : { archivedForMeNo }),
    ...(unreadFrom === undefined ? {} : { unreadFrom }),
  }
}

export function withoutUnreadFrom({ unreadFrom: _, ...chat }: ChatSummary): ChatSummary {
  return chat
}

/** True if a text may mention the user with this name, by it or by a broadcast mention. */
export function mightMention(text: string, username: string): boolean {
  const wanted = [username, ...broadcastMentions].map(foldCase)
  return mentionedNames(text).some((name) => wanted.includes(foldCase(name)))
}

export function latestFirst(a: ChatSummary, b: ChatSummary): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1)
}
