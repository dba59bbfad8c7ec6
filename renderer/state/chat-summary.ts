import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { EntryOf } from '../../shared/contract/entries.ts'
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
  const { muted, notify, archivedForMeNo, unreadFrom, addedBy } = current
  const {
    notify: _,
    archivedForMeNo: _archivedForMeNo,
    unreadFrom: _unreadFrom,
    addedBy: _addedBy,
    ...rest
  } = chat
  return {
    ...rest,
    muted,
    ...(current.archivedForMe === undefined
      ? {}
      : { archivedForMe: current.archivedForMe && (muted || chat.lastNo <= (archivedForMeNo ?? 0)) }),
    ...(notify === undefined ? {} : { notify }),
    ...(archivedForMeNo === undefined ? {} : { archivedForMeNo }),
    ...(unreadFrom === undefined ? {} : { unreadFrom }),
    ...(addedBy === undefined ? {} : { addedBy }),
  }
}

/** A summary with the preferences that the user has set, here or in another window. */
export function withPreferences(chat: ChatSummary, entry: EntryOf<'chat.preferencesUpdated'>): ChatSummary {
  const { muted, notify, archivedForMe, archivedForMeNo, unreadFrom, readNo } = entry
  const { archivedForMeNo: _, ...rest } = withoutUnreadFrom(chat)
  return {
    ...rest,
    ...{ muted, notify, archivedForMe: archivedForMe && (muted || chat.lastNo <= archivedForMeNo) },
    // A read number may still be on its way to the hub.
    readNo: Math.max(chat.readNo, readNo),
    ...(archivedForMe ? { archivedForMeNo } : {}),
    ...(unreadFrom > 0 && chat.readNo <= readNo ? { unreadFrom } : {}),
  }
}

export function withoutUnreadFrom({ unreadFrom: _, ...chat }: ChatSummary): ChatSummary {
  return chat
}

/** A user who reads, or writes, has seen that they were added. */
export function withoutUnreadMarks({ addedBy: _, ...chat }: ChatSummary): ChatSummary {
  return withoutUnreadFrom(chat)
}

/** An empty value in an entry removes the property. A name turns a chat without one into a group. */
export function withGroupChanges(
  chat: ChatSummary,
  changes: EntryOf<'chat.updated'>['changes'],
): ChatSummary {
  const { topic, picture, everyone, memberIds, ...rest } = { ...chat, ...changes }
  return {
    ...rest,
    ...(topic ? { topic } : {}),
    ...(picture ? { picture } : {}),
    ...(everyone ? { everyone } : {}),
    ...(memberIds && rest.name === undefined ? { memberIds } : {}),
  }
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
