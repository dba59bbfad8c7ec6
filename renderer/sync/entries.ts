/** What each type of entry changes here. A type that is not in the table is of a newer hub: it moves the cursor only. */
import type { Entry, EntryOf, EntryType } from '../../shared/contract/entries.ts'
import type { HubMeta } from '../../shared/contract/hub.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import type { Chats } from '../state/chats.ts'
import type { Conversations } from '../state/conversations.ts'
import type { Groups } from '../state/groups.ts'
import type { People } from '../state/people.ts'
import type { Pins } from '../state/pins.ts'
import type { Touched } from '../state/touched.ts'
import type { Saved } from '../state/saved.ts'
import type { Sessions } from '../state/sessions.ts'
import type { Threads } from '../state/threads.ts'
import type { Typing } from '../state/typing.ts'
import type { Outbox } from './outbox.ts'
import { isDeleted, type Kept, type Tails } from './tails.ts'

export interface Changed {
  myId: string
  chats: Chats
  people: People
  groups: Groups
  sessions: Sessions
  typing: Typing
  threads: Threads
  pins: Pins
  touched: Touched
  saved: Saved
  conversations: Conversations
  outbox: Outbox
  tails: Tails
  /** The latest `state` told everything of my own stream up to here. */
  toldUpTo: () => number
  chatAdded: (entry: EntryOf<'chat.added'>) => void
  chatRemoved: (entry: EntryOf<'chat.removed'>) => void
  /** What is mine alone, or seen of me by everybody. */
  iChanged: (changes: { user?: User; settings?: Settings }) => void
  hubChanged: (changes: Partial<Pick<HubMeta, 'name' | 'registration' | 'recoveryByQuestion'>>) => void
  messageArrived: (chatId: string, no: number) => void
}

type Effects = { [T in EntryType]?: (here: Changed, entry: EntryOf<T>) => void }

const effects: Effects = {
  'chat.created': changeChat,
  'message.sent': (here, entry) => {
    changeChat(here, entry)
    const chatId = chatOf(entry)
    const { message } = entry
    const author = message.deleted === true ? entry.by : message.author
    if (author === undefined) return
    here.typing.end(chatId, author)
    if (message.thread !== undefined) return
    if (author !== here.myId) here.messageArrived(chatId, message.no)
  },
  'message.edited': changeChat,
  'message.deleted': changeChat,
  'message.undeleted': changeChat,
  'reaction.added': changeChat,
  'reaction.removed': changeChat,
  'pin.added': changeChat,
  'pin.removed': changeChat,
  'thread.updated': changeChat,
  'member.added': (here, entry) => {
    here.people.meet(entry.user)
    changeChat(here, entry)
  },
  'member.removed': (here, entry) => {
    here.typing.end(chatOf(entry), entry.userId)
    changeChat(here, entry)
  },
  'member.updated': changeChat,
  'chat.updated': changeChat,

  'chat.added': (here, entry) => {
    if (entry.seq > here.toldUpTo()) here.chatAdded(entry)
  },
  'chat.removed': (here, entry) => {
    if (entry.seq > here.toldUpTo()) here.chatRemoved(entry)
  },

  'message.hidden': (here, { chatId, messageId }) => {
    here.tails.remove(chatId, messageId)
    here.conversations.find(chatId)?.remove(messageId)
    here.threads.remove(messageId)
    here.pins.changed(chatId)
    here.touched.changed(chatId)
    here.saved.changed(messageId)
    void here.chats.refresh(chatId)
  },
  'message.unhidden': (here, { chatId, messageId }) => {
    here.pins.changed(chatId)
    here.touched.changed(chatId)
    here.saved.changed(messageId)
    here.tails.drop(chatId)
    here.conversations.find(chatId)?.forget()
    here.conversations.find(chatId)?.wake()
    here.threads.forgetIn(chatId)
    void here.chats.refresh(chatId)
  },
  'thread.followed': (here, { chatId, messageId }) => {
    here.threads.followed(messageId)
    void here.chats.refresh(chatId)
  },
  'thread.unfollowed': (here, { chatId, messageId }) => {
    here.threads.unfollowed(messageId)
    void here.chats.refresh(chatId)
  },

  'saved.added': (here, { messageId }) => here.saved.added(messageId),
  'saved.removed': (here, { messageId }) => here.saved.removed(messageId),
  'chat.preferencesUpdated': (here, entry) => {
    if (entry.seq > here.toldUpTo()) here.chats.takeKept(entry)
  },

  'settings.updated': (here, { changes }) => here.iChanged({ settings: changes }),

  'user.added': (here, entry) => here.people.put(entry.user),
  'user.updated': (here, entry) => {
    here.people.put(entry.user)
    if (entry.user.id === here.myId) here.iChanged({ user: entry.user })
  },
  'session.ended': (here, entry) => here.sessions.ended(entry.sessionId),
  'group.listed': (here, entry) => here.groups.listed(entry.group),
  'group.unlisted': (here, entry) => here.groups.unlisted(entry.group.id),
  'hub.updated': (here, { changes: { hubName, registration, recoveryByQuestion } }) =>
    here.hubChanged({
      ...(hubName === undefined ? {} : { name: hubName }),
      ...(registration === undefined ? {} : { registration }),
      ...(recoveryByQuestion === undefined ? {} : { recoveryByQuestion }),
    }),
}

export function applyEntry(here: Changed, entry: Entry): void {
  if (!Object.hasOwn(effects, entry.type)) return
  const effect = effects[entry.type] as (here: Changed, entry: Entry) => void
  effect(here, entry)
}

/** An entry of a chat's own stream changes its summary, its members and its messages, each as far as they are held. */
function changeChat(here: Changed, entry: Entry): void {
  const chatId = chatOf(entry)
  const conversation = here.conversations.find(chatId)
  here.chats.apply(chatId, entry)
  conversation?.members.apply(entry)
  if (!('message' in entry)) return
  const message = known(entry)
  const change = { message, isNew: entry.type === 'message.sent' }
  here.threads.apply(entry, change)
  here.pins.apply(chatId, entry)
  here.touched.apply(chatId, entry)
  if (!change.isNew) here.saved.changed(message.id)
  here.tails.put(chatId, change)
  if (message.thread === undefined) conversation?.put(change)
  const { cid, author } = message
  if (cid !== undefined && author === here.myId) here.outbox.settle(cid)
}

/** A message as an answer of the hub says it is now; its entry may come later, and then says nothing new. */
export function changeMessage(here: Changed, chatId: string, message: Kept): void {
  const change = { message, isNew: false }
  here.tails.put(chatId, change)
  here.threads.put(change)
  if (message.thread === undefined) here.conversations.find(chatId)?.put(change)
}

/** Of a deleted message the entry of its sending still tells who and when. */
function known(entry: Extract<Entry, { message: unknown }>): Kept {
  const { message, type, by, at } = entry
  if (!isDeleted(message) || type !== 'message.sent') return message
  return { ...message, at, ...(by === undefined ? {} : { author: by }) }
}

function chatOf(entry: Entry): string {
  return entry.stream.slice('chat:'.length)
}
