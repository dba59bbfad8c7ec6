import type { Entry, EntryOf } from '../../shared/contract/entries.ts'

/** What happened to a chat besides its messages. */
export type ChatEvent = EntryOf<'chat.created' | 'chat.updated' | 'member.added' | 'member.removed'>

const types = new Set<string>(['chat.created', 'chat.updated', 'member.added', 'member.removed'])

export function isChatEvent(entry: Entry): entry is ChatEvent {
  return types.has(entry.type)
}
