import type { Entry, EntryOf, EntryType } from '../../shared/contract/entries.ts'
import { isKnownEntry } from '../connection/entry-forms.ts'
import type { CachedMessage } from './cached-message.ts'
import { isDeleted } from './recent-messages.ts'
import { chatIdOf, type MessageChange, type Store } from './store.ts'

/**
 * `message`: the entry carries a message as it is now. `covered by state`: the state of a connection says the same, so
 * an entry up to the head of that state is skipped. It would undo what the state brought.
 */
type EntryRule<T extends EntryType> =
  EntryOf<T> extends { message: unknown } ? 'message' : 'plain' | 'covered by state'

/** Total over the contract: a new entry type does not compile until it has a rule here. The stores then handle it. */
const entryRules: { readonly [T in EntryType]: EntryRule<T> } = {
  'chat.created': 'plain',
  'message.sent': 'message',
  'message.edited': 'message',
  'message.deleted': 'message',
  'message.undeleted': 'message',
  'reaction.added': 'message',
  'reaction.removed': 'message',
  'attachment.updated': 'message',
  'pin.added': 'message',
  'pin.removed': 'message',
  'thread.updated': 'message',
  'member.added': 'plain',
  'member.removed': 'plain',
  'member.updated': 'plain',
  'chat.updated': 'plain',

  'chat.added': 'covered by state',
  'chat.removed': 'covered by state',
  'chat.preferencesUpdated': 'covered by state',
  'message.hidden': 'plain',
  'message.unhidden': 'plain',
  'saved.added': 'plain',
  'saved.removed': 'plain',
  'thread.followed': 'plain',
  'thread.unfollowed': 'plain',
  'settings.updated': 'plain',
  'session.ended': 'plain',

  'user.added': 'plain',
  'user.updated': 'plain',
  'group.listed': 'plain',
  'group.unlisted': 'plain',
  'hub.updated': 'plain',
}

/** Gives an entry to every store. `stateHead` is the head of the user's own stream in the latest state. */
export function applyEntry(stores: Iterable<Store>, entry: Entry, stateHead: number): void {
  // An entry type of a newer hub, or a damaged entry, only moves the cursor.
  if (!isKnownEntry(entry)) return
  if (entryRules[entry.type] === 'covered by state' && entry.seq <= stateHead) return
  const change = messageChangeOf(entry)
  for (const store of stores) {
    store.applyEntry?.(entry)
    if (change) store.applyMessage?.(change)
  }
}

function messageChangeOf(entry: Entry): MessageChange | undefined {
  const chatId = chatIdOf(entry.stream)
  if (chatId === undefined || !('message' in entry)) return undefined
  return { chatId, message: cachedMessageOf(entry), isNew: entry.type === 'message.sent' }
}

/** The entry that announced a message still tells its author and time after the message was deleted. */
function cachedMessageOf(entry: Extract<Entry, { message: unknown }>): CachedMessage {
  const { message, type, by, at } = entry
  if (!isDeleted(message) || type !== 'message.sent') return message
  return { ...message, at, ...(by === undefined ? {} : { author: by }) }
}
