import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { EntryOf, EntryType } from '../../shared/contract/entries.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import type { User } from '../../shared/contract/users.ts'
import { HubError } from '../../shared/errors.ts'
import type { toListedGroup } from '../chats/membership.ts'

/** What the target of an entry is, if its current content has to be loaded. */
export type ContentKind = 'message' | 'user' | 'chat' | 'group' | 'none'

/** Loaded content by id. */
export interface EntryContent {
  messages: Map<string, Message | Tombstone>
  users: Map<string, User>
  chats: Map<string, ChatSummary>
  groups: Map<string, ReturnType<typeof toListedGroup>>
}

interface StoredEntry {
  /** Id of the message, user or chat that the entry is about, or ''. */
  target: string
  /** Stored with the entry, in the shape that the same type was appended with. */
  data: Record<string, unknown>
  content: EntryContent
}

type Fields<T extends EntryType> = Omit<EntryOf<T>, 'stream' | 'seq' | 'at' | 'by' | 'type'>
/** An entry may be read as another type: if the user can no longer see a chat, only its removal is reported. */
type BuiltEntry<T extends EntryType> =
  | Fields<T>
  | (Fields<'chat.removed'> & { type: 'chat.removed' })
  | (Fields<'group.unlisted'> & { type: 'group.unlisted' })

interface EntryTypeRule<T extends EntryType> {
  content: ContentKind
  /** Returns the fields of the entry on the wire. @throws HubError internal if its content is missing */
  build: (stored: StoredEntry) => BuiltEntry<T>
}

const aboutMessage = {
  content: 'message',
  build: (stored: StoredEntry) => ({ message: messageOf(stored) }),
} as const
const aboutUser = { content: 'user', build: (stored: StoredEntry) => ({ user: userOf(stored) }) } as const
const aboutMember = {
  content: 'user',
  build: (stored: StoredEntry) => ({
    user: userOf(stored),
    userId: stored.target,
    ...(stored.data as { role: 'member' }),
  }),
} as const
const aboutMessageId = {
  content: 'none',
  build: ({ target, data }: StoredEntry) => ({ messageId: target, ...(data as { chatId: string }) }),
} as const
const changesOnly = { content: 'none', build: ({ data }: StoredEntry) => ({ changes: data }) } as const

/** How an entry of each type is read from its row. A type that is missing here does not compile. */
const entryTypes: { readonly [T in EntryType]: EntryTypeRule<T> } = {
  'chat.created': { content: 'none', build: () => ({}) },
  'message.sent': aboutMessage,
  'message.edited': aboutMessage,
  'message.deleted': aboutMessage,
  'message.undeleted': aboutMessage,
  'reaction.added': aboutMessage,
  'reaction.removed': aboutMessage,
  'attachment.updated': aboutMessage,
  'pin.added': aboutMessage,
  'pin.removed': aboutMessage,
  'thread.updated': aboutMessage,
  'member.added': aboutMember,
  'member.removed': aboutMember,
  'member.updated': aboutMember,
  'chat.updated': changesOnly,
  'chat.added': {
    content: 'chat',
    build: ({ target, content }) => {
      const chat = content.chats.get(target)
      return chat ? { chat } : { type: 'chat.removed', chatId: target, reason: 'removed' }
    },
  },
  'chat.removed': {
    content: 'none',
    build: ({ target, data }) => ({ chatId: target, ...(data as { reason: 'left' }) }),
  },
  'message.hidden': aboutMessageId,
  'message.unhidden': aboutMessageId,
  'saved.added': aboutMessageId,
  'saved.removed': { content: 'none', build: ({ target }) => ({ messageId: target }) },
  'chat.preferencesUpdated': {
    content: 'none',
    build: ({ data }) => data as unknown as Fields<'chat.preferencesUpdated'>,
  },
  'thread.followed': aboutMessageId,
  'thread.unfollowed': aboutMessageId,
  'settings.updated': changesOnly,
  'session.ended': { content: 'none', build: ({ target }) => ({ sessionId: target }) },
  'user.added': aboutUser,
  'user.updated': aboutUser,
  'group.listed': {
    content: 'group',
    build: ({ target, content }) => {
      const group = content.groups.get(target)
      return group ? { group } : { type: 'group.unlisted', group: { id: target } }
    },
  },
  'group.unlisted': { content: 'none', build: ({ target }) => ({ group: { id: target } }) },
  'hub.updated': changesOnly,
}

/** @throws HubError internal for a type that this program does not know */
export function entryTypeOf(type: string): EntryTypeRule<EntryType> {
  if (!Object.hasOwn(entryTypes, type)) throw new HubError('internal', 'An entry has an unknown type.')
  return entryTypes[type as EntryType]
}

function messageOf({ target, content }: StoredEntry): Message | Tombstone {
  const message = content.messages.get(target)
  if (!message) throw new HubError('internal', 'The message of an entry is missing.')
  return message
}

function userOf({ target, content }: StoredEntry): User {
  const user = content.users.get(target)
  if (!user) throw new HubError('internal', 'The user of an entry is missing.')
  return user
}
