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
  people: Users
  groups: Groups
  sessions: Sessions
  typing: Typing
  threads: Threads
  pins: Pins
  touched: ChatRevisions
  saved: Saved
  conversations: Conversations
  outbox: Outbox
  tails: RecentMessages
  /** The latest `state` told everything of my own stream up to here. */
  toldUpTo: () => number
  chatAdded: (entry: EntryOf<'chat.added'>) => void
  chatRemoved: (entry: EntryOf<'chat.removed'>) => void
  /** What is mine alone, or seen of me by everybody. */
  iChanged: (changes: { user?: User; settings?: Settings }) => void
  hubChanged: (changes: Partial<Pick<HubMeta, 'name' | 'registration' | 'recoveryByQuestion'>>) => void
  messageArrived: (chatId: string, no: number) => void
}

type Effects = { [T in EntryType]?: (here: EntryStores, entry: EntryOf<T>) => void }

const entryEffects: Effects = {
  'chat.created': applyToChat,
  'message.sent': (here, entry) => {
    applyToChat(here, entry)
    const chatId = chatIdOf(entry)
    const { message } = entry
    const author = message.deleted === true ? entry.by : message.author
    if (author === undefined) return
    here.typing.end(chatId, author)
    if (message.thread !== undefined) return
    if (author !== here.myId) here.messageArrived(chatId, message.no)
  },
  'message.edited': applyToChat,
  'message.deleted': applyToChat,
  'message.undeleted': applyToChat,
  'reaction.added': applyToChat,
  'reaction.removed': applyToChat,
  'pin.added': applyToChat,
  'pin.removed': applyToChat,
  'thread.updated': applyToChat,
  'member.added': (here, entry) => {
    here.people.addIfUnknown(entry.user)
    applyToChat(here, entry)
  },
  'member.removed': (here, entry) => {
    here.typing.end(chatIdOf(entry), entry.userId)
    applyToChat(here, entry)
  },
  'member.updated': applyToChat,
  'chat.updated': applyToChat,

  'chat.added': (here, entry) => {
    if (entry.seq > here.toldUpTo()) here.chatAdded(entry)
  },
  'chat.removed': (here, entry) => {
    if (entry.seq > here.toldUpTo()) here.chatRemoved(entry)
  },

  'message.hidden': (here, { chatId, messageId }) => {
    here.tails.remove(chatId, messageId)
    here.conversations.find(chatId)?.removeMessage(messageId)
    here.threads.removeMessage(messageId)
    here.pins.refresh(chatId)
    here.touched.increment(chatId)
    here.saved.refreshMessage(messageId)
    void here.chats.refresh(chatId)
  },
  'message.unhidden': (here, { chatId, messageId }) => {
    here.pins.refresh(chatId)
    here.touched.increment(chatId)
    here.saved.refreshMessage(messageId)
    here.tails.drop(chatId)
    here.conversations.find(chatId)?.reset()
    here.conversations.find(chatId)?.onReconnected()
    here.threads.resetChat(chatId)
    void here.chats.refresh(chatId)
  },
  'thread.followed': (here, { chatId, messageId }) => {
    here.threads.addFollowed(messageId)
    void here.chats.refresh(chatId)
  },
  'thread.unfollowed': (here, { chatId, messageId }) => {
    here.threads.removeFollowed(messageId)
    void here.chats.refresh(chatId)
  },

  'saved.added': (here, { messageId }) => here.saved.add(messageId),
  'saved.removed': (here, { messageId }) => here.saved.remove(messageId),
  'chat.preferencesUpdated': (here, entry) => {
    if (entry.seq > here.toldUpTo()) here.chats.applyPreferences(entry)
  },

  'settings.updated': (here, { changes }) => here.iChanged({ settings: changes }),

  'user.added': (here, entry) => here.people.put(entry.user),
  'user.updated': (here, entry) => {
    here.people.put(entry.user)
    if (entry.user.id === here.myId) here.iChanged({ user: entry.user })
  },
  'session.ended': (here, entry) => here.sessions.remove(entry.sessionId),
  'group.listed': (here, entry) => here.groups.add(entry.group),
  'group.unlisted': (here, entry) => here.groups.remove(entry.group.id),
  'hub.updated': (here, { changes: { hubName, registration, recoveryByQuestion } }) =>
    here.hubChanged({
      ...(hubName === undefined ? {} : { name: hubName }),
      ...(registration === undefined ? {} : { registration }),
      ...(recoveryByQuestion === undefined ? {} : { recoveryByQuestion }),
    }),
}

export function applyEntry(here: EntryStores, entry: Entry): void {
  if (!Object.hasOwn(entryEffects, entry.type)) return
  const effect = entryEffects[entry.type] as (here: EntryStores, entry: Entry) => void
  effect(here, entry)
}

/** An entry of a chat's own stream changes its summary, its members and its messages, each as far as they are held. */
function applyToChat(here: EntryStores, entry: Entry): void {
  const chatId = chatIdOf(entry)
  const conversation = here.conversations.find(chatId)
  here.chats.applyEntry(chatId, entry)
  conversation?.members.applyEntry(entry)
  if (!('message' in entry)) return
  const message = cachedMessageOf(entry)
  const change = { message, isNew: entry.type === 'message.sent' }
  here.threads.applyEntry(entry, change)
  here.pins.applyEntry(chatId, entry)
  here.touched.applyEntry(chatId, entry)
  if (!change.isNew) here.saved.refreshMessage(message.id)
  here.tails.applyChange(chatId, change)
  if (message.thread === undefined) conversation?.applyChange(change)
  const { cid, author } = message
  if (cid !== undefined && author === here.myId) here.outbox.settle(cid)
}

/** A message as an answer of the hub says it is now; its entry may come later, and then says nothing new. */
export function applyMessage(here: EntryStores, chatId: string, message: CachedMessage): void {
  const change = { message, isNew: false }
  here.tails.applyChange(chatId, change)
  here.threads.applyChange(change)
  if (message.thread === undefined) here.conversations.find(chatId)?.applyChange(change)
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
