import type { ChatSummary } from '../../shared/contract/chats.ts'
import { mentionKey, resolveReading } from '../../shared/text/mentions.ts'
import { broadcastMentions, findMentionReadings, mentionedNames } from '../../shared/text/message.ts'

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
  const wanted = [username, ...broadcastMentions].map(mentionKey)
  return mentionedNames(text).some((name) => wanted.includes(mentionKey(name)))
}

/** Returns the keys of the names that a text mentions, broadcast mentions among them. */
export function resolveMentions(text: string, isUser: (key: string) => boolean): Set<string> {
  const isName = (key: string) => isUser(key) || (broadcastMentions as readonly string[]).includes(key)
  const called = findMentionReadings(text).map((readings) =>
    resolveReading(readings, (key) => (isName(key) ? key : undefined)),
  )
  return new Set(called.flatMap((each) => (each ? [each.found] : [])))
}

export function latestFirst(a: ChatSummary, b: ChatSummary): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1)
}
