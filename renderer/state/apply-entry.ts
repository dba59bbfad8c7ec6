/** What each type of entry changes here. A type that is not in the table is of a newer hub: it moves the cursor only. */
import type { Entry, EntryOf, EntryType } from '../../shared/contract/entries.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import type { Chats } from './chats.ts'
import type { Conversations } from './conversations.ts'
import type { Groups } from './groups.ts'
import type { Users } from './users.ts'
import type { Pins } from './pins.ts'
import type { ChatRevisions } from './chat-revisions.ts'
import type { Saved } from './saved.ts'
import type { Sessions } from './sessions.ts'
import type { Threads } from './threads.ts'
import type { Typing } from './typing.ts'
import type { Outbox } from './outbox.ts'
import { isDeleted, type CachedMessage, type RecentMessages } from './recent-messages.ts'

export interface EntryStores {
  myId: string
  chats: Chats
  users: Users
  groups: Groups
  sessions: Sessions
  typing: Typing
  threads: Threads
  pins: Pins
  chatRevisions: ChatRevisions
  saved: Saved
  conversations: Conversations
  outbox: Outbox
  recentMessages: RecentMessages
  /** The latest `state` told everything of my own stream up to here. */
  stateHead: () => number
  onChatAdded: (entry: EntryOf<'chat.added'>) => void
  onChatRemoved: (entry: EntryOf<'chat.removed'>) => void
  /** What is mine alone, or seen of me by everybody. */
  onMyChanges: (changes: { user?: User; settings?: Settings }) => void
  onHubChanges: (changes: Partial<Pick<HubMeta, 'name' | 'registration' | 'recoveryByQuestion'>>) => void
  onMessageArrived: (chatId: string, no: number) => void
}

type EntryEffects = { [T in EntryType]?: (stores: EntryStores, entry: EntryOf<T>) => void }

const entryEffects: EntryEffects = {
  'chat.created': applyToChat,
  'message.sent': (stores, entry) => {
    applyToChat(stores, entry)
    const chatId = chatIdOf(entry)
    const { message } = entry
    const author = message.deleted === true ? entry.by : message.author
    if (author === undefined) return
    stores.typing.end(chatId, author)
    if (message.thread !== undefined) return
    if (author !== stores.myId) stores.onMessageArrived(chatId, message.no)
  },
  'message.edited': applyToChat,
  'message.deleted': applyToChat,
  'message.undeleted': applyToChat,
  'reaction.added': applyToChat,
  'reaction.removed': applyToChat,
  'pin.added': applyToChat,
  'pin.removed': applyToChat,
  'thread.updated': applyToChat,
  'member.added': (stores, entry) => {
    stores.users.addIfUnknown(entry.user)
    applyToChat(stores, entry)
  },
  'member.removed': (stores, entry) => {
    stores.typing.end(chatIdOf(entry), entry.userId)
    applyToChat(stores, entry)
  },
  'member.updated': applyToChat,
  'chat.updated': applyToChat,

  'chat.added': (stores, entry) => {
    if (entry.seq > stores.stateHead()) stores.onChatAdded(entry)
  },
  'chat.removed': (stores, entry) => {
    if (entry.seq > stores.stateHead()) stores.onChatRemoved(entry)
  },

  'message.hidden': (stores, { chatId, messageId }) => {
    stores.recentMessages.remove(chatId, messageId)
    stores.conversations.find(chatId)?.removeMessage(messageId)
    stores.threads.removeMessage(messageId)
    stores.pins.refresh(chatId)
    stores.chatRevisions.increment(chatId)
    stores.saved.refreshMessage(messageId)
    void stores.chats.refresh(chatId)
  },
  'message.unhidden': (stores, { chatId, messageId }) => {
    stores.pins.refresh(chatId)
    stores.chatRevisions.increment(chatId)
    stores.saved.refreshMessage(messageId)
    stores.recentMessages.drop(chatId)
    stores.conversations.find(chatId)?.reset()
    stores.conversations.find(chatId)?.onReconnected()
    stores.threads.resetChat(chatId)
    void stores.chats.refresh(chatId)
  },
  'thread.followed': (stores, { chatId, messageId }) => {
    stores.threads.addFollowed(messageId)
    void stores.chats.refresh(chatId)
  },
  'thread.unfollowed': (stores, { chatId, messageId }) => {
    stores.threads.removeFollowed(messageId)
    void stores.chats.refresh(chatId)
  },

  'saved.added': (stores, { messageId }) => stores.saved.add(messageId),
  'saved.removed': (stores, { messageId }) => stores.saved.remove(messageId),
  'chat.preferencesUpdated': (stores, entry) => {
    if (entry.seq > stores.stateHead()) stores.chats.applyPreferences(entry)
  },

  'settings.updated': (stores, { changes }) => stores.onMyChanges({ settings: changes }),

  'user.added': (stores, entry) => stores.users.put(entry.user),
  'user.updated': (stores, entry) => {
    stores.users.put(entry.user)
    if (entry.user.id === stores.myId) stores.onMyChanges({ user: entry.user })
  },
  'session.ended': (stores, entry) => stores.sessions.remove(entry.sessionId),
  'group.listed': (stores, entry) => stores.groups.add(entry.group),
  'group.unlisted': (stores, entry) => stores.groups.remove(entry.group.id),
  'hub.updated': (stores, { changes: { hubName, registration, recoveryByQuestion } }) =>
    stores.onHubChanges({
      ...(hubName === undefined ? {} : { name: hubName }),
      ...(registration === undefined ? {} : { registration }),
      ...(recoveryByQuestion === undefined ? {} : { recoveryByQuestion }),
    }),
}

export function applyEntry(stores: EntryStores, entry: Entry): void {
  if (!Object.hasOwn(entryEffects, entry.type)) return
  const effect = entryEffects[entry.type] as (stores: EntryStores, entry: Entry) => void
  effect(stores, entry)
}

/** An entry of a chat's own stream changes its summary, its members and its messages, each as far as they are held. */
function applyToChat(stores: EntryStores, entry: Entry): void {
  const chatId = chatIdOf(entry)
  const conversation = stores.conversations.find(chatId)
  stores.chats.applyEntry(chatId, entry)
  conversation?.members.applyEntry(entry)
  if (!('message' in entry)) return
  const message = cachedMessageOf(entry)
  const change = { message, isNew: entry.type === 'message.sent' }
  stores.threads.applyEntry(entry, change)
  stores.pins.applyEntry(chatId, entry)
  stores.chatRevisions.applyEntry(chatId, entry)
  if (!change.isNew) stores.saved.refreshMessage(message.id)
  stores.recentMessages.applyChange(chatId, change)
  if (message.thread === undefined) conversation?.applyChange(change)
  const { cid, author } = message
  if (cid !== undefined && author === stores.myId) stores.outbox.settle(cid)
}

/** A message as an answer of the hub says it is now; its entry may come later, and then says nothing new. */
export function applyMessage(stores: EntryStores, chatId: string, message: CachedMessage): void {
  const change = { message, isNew: false }
  stores.recentMessages.applyChange(chatId, change)
  stores.threads.applyChange(change)
  if (message.thread === undefined) stores.conversations.find(chatId)?.applyChange(change)
}

/** Of a deleted message the entry of its sending still tells who and when. */
function cachedMessageOf(entry: Extract<Entry, { message: unknown }>): CachedMessage {
  const { message, type, by, at } = entry
  if (!isDeleted(message) || type !== 'message.sent') return message
  return { ...message, at, ...(by === undefined ? {} : { author: by }) }
}

function chatIdOf(entry: Entry): string {
  return entry.stream.slice('chat:'.length)
}
