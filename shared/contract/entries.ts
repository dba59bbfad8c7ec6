import { Type, type Static } from './type.ts'
import { ChatSummary, ListedGroup, NotificationLevel } from './chats.ts'
import { defineRequest } from './define.ts'
import { Message, Tombstone } from './messages.ts'
import { Settings } from './profile.ts'
import { User } from './users.ts'
import {
  Adding,
  ChatRole,
  Id,
  Limit,
  limits,
  MessageNumber,
  Posting,
  Registration,
  strict,
  Time,
  Visibility,
} from './values.ts'

/** `chat:<chatId>`, `user:<userId>` or `hub`. */
export type StreamId = string

const entryFields = {
  stream: Type.String(),
  seq: Type.Integer({ description: '1, 2, 3… in its stream, without gaps' }),
  at: Time,
  by: Type.Optional(Id),
}
const messageFields = { message: Type.Union([Message, Tombstone]) }
const membershipFields = { user: User, userId: Id, role: ChatRole }

function entry<const T extends string, const P extends Parameters<typeof Type.Object>[0]>(
  type: T,
  properties: P,
) {
  return Type.Object({ ...entryFields, type: Type.Literal(type), ...properties }, strict)
}

/**
 * Every entry type and its content. An entry carries the *current* content of its target. A client that reads a stream
 * later therefore gets one body for ten edits, and never text that was deleted since.
 */
export const Entry = Type.Union([
  // in the stream of a chat
  entry('chat.created', {}),
  entry('message.sent', messageFields),
  entry('message.edited', messageFields),
  entry('message.deleted', messageFields),
  entry('message.undeleted', messageFields),
  entry('reaction.added', messageFields),
  entry('reaction.removed', messageFields),
  // the hub has read a picture of the message or of its quote: it has a preview now, or will have none
  entry('attachment.updated', messageFields),
  entry('pin.added', messageFields),
  entry('pin.removed', messageFields),
  // the parent message of a thread, when its `replies` have changed
  entry('thread.updated', messageFields),
  entry('member.added', membershipFields),
  entry('member.removed', membershipFields),
  entry('member.updated', membershipFields),
  entry('chat.updated', {
    changes: Type.Object(
      {
        name: Type.Optional(Type.String()),
        topic: Type.Optional(Type.String()),
        visibility: Type.Optional(Visibility),
        posting: Type.Optional(Posting),
        adding: Type.Optional(Adding),
        everyone: Type.Optional(
          Type.Boolean({ description: 'it became the group for everyone, or no longer is' }),
        ),
        archived: Type.Optional(Type.Boolean()),
        picture: Type.Optional(Type.String({ description: 'empty: removed' })),
      },
      strict,
    ),
  }),
  // in the stream of a user
  entry('chat.added', { chat: ChatSummary }),
  entry('chat.removed', {
    chatId: Id,
    reason: Type.Union([Type.Literal('left'), Type.Literal('removed'), Type.Literal('deleted')]),
  }),
  entry('message.hidden', { chatId: Id, messageId: Id }),
  entry('message.unhidden', { chatId: Id, messageId: Id }),
  entry('saved.added', { chatId: Id, messageId: Id }),
  entry('saved.removed', { messageId: Id }),
  // all preferences of a chat, and the numbers they refer to, so that the order relative to other streams does not matter
  entry('chat.preferencesUpdated', {
    chatId: Id,
    muted: Type.Boolean(),
    notify: NotificationLevel,
    archivedForMe: Type.Boolean(),
    archivedForMeNo: Type.Integer({
      description: '`archivedForMe` holds until there is a message after this one, unless muted',
    }),
    unreadFrom: Type.Integer({ description: '0: not set' }),
    readNo: Type.Integer({ description: '`unreadFrom` holds until my `readNo` is above this' }),
  }),
  entry('thread.followed', { chatId: Id, messageId: Id }),
  entry('thread.unfollowed', { chatId: Id, messageId: Id }),
  entry('settings.updated', { changes: Settings }),
  entry('session.ended', { sessionId: Id }),
  // in the stream of the hub
  entry('user.added', { user: User }),
  entry('user.updated', { user: User }),
  entry('group.listed', { group: ListedGroup }),
  entry('group.unlisted', { group: Type.Object({ id: Id }, strict) }),
  entry('hub.updated', {
    changes: Type.Object(
      {
        hubName: Type.Optional(Type.String()),
        registration: Type.Optional(Registration),
        recoveryByQuestion: Type.Optional(Type.Boolean()),
      },
      strict,
    ),
  }),
])
export type Entry = Static<typeof Entry>
export type EntryType = Entry['type']
export type EntryOf<T extends EntryType> = Extract<Entry, { type: T }>

export const streamsRead = defineRequest({
  name: 'streams.read',
  method: 'GET',
  path: '/api/streams/:stream',
  access: 'session',
  summary:
    'Entries of a stream after a cursor, with current content. `reset`: the cursor is invalid (other epoch, or compacted); set it to `head` and fetch the data again.',
  input: Type.Object(
    {
      stream: Type.String({ maxLength: 80 }),
      after: Type.Optional(MessageNumber),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object(
    { entries: Type.Array(Entry), head: Type.Integer(), reset: Type.Optional(Type.Literal(true)) },
    strict,
  ),
})

export const chatsEvents = defineRequest({
  name: 'chats.events',
  method: 'GET',
  path: '/api/chats/:chatId/events',
  access: 'member',
  summary: `What happened to a chat besides its messages: entries of its stream about members, name, topic and picture, ascending. Those with a \`seq\` above \`after\` and below \`before\`; the newest ${limits.page.events} of them, \`more\` if there are older ones.`,
  input: Type.Object(
    { chatId: Id, after: Type.Optional(MessageNumber), before: Type.Optional(MessageNumber) },
    strict,
  ),
  output: Type.Object({ entries: Type.Array(Entry), more: Type.Boolean() }, strict),
})
