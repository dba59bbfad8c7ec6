import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { SentDraft } from './drafts.ts'
import { File, FileSummary } from './files.ts'
import { Cid, Id, Limit, limits, MessageNumber, strict, Time } from './values.ts'

/** Summary of the thread of a message. */
export const ReplySummary = Type.Object(
  {
    count: Type.Integer({ description: 'replies, without deleted ones' }),
    lastNo: Type.Integer({ description: 'highest `no` in the thread' }),
    at: Type.Optional(Time),
    users: Type.Array(Id, { description: 'up to three authors, most recent first' }),
  },
  strict,
)

/** Excerpt of the message that a reply refers to. */
export const Quote = Type.Object(
  {
    id: Id,
    no: Type.Integer(),
    author: Id,
    text: Type.String({ description: 'first characters; empty if the message is deleted or has files only' }),
    files: Type.Optional(FileSummary),
    picture: Type.Optional(Type.String({ description: 'id of its first file with a preview' })),
  },
  strict,
)
export type Quote = Static<typeof Quote>

export const Message = Type.Object(
  {
    id: Id,
    chatId: Id,
    no: Type.Integer({ description: '1, 2, 3… in its chat or thread' }),
    seq: Type.Integer({ description: '`seq` of its first entry in the stream of the chat' }),
    rev: Type.Integer({
      description:
        '`seq` of the latest entry that changed it; of two copies keep the one with the higher rev',
    }),
    cid: Type.String(),
    author: Id,
    text: Type.String(),
    at: Time,
    editedAt: Type.Optional(Time),
    deleted: Type.Optional(Type.Boolean()),
    replyTo: Type.Optional(Quote),
    thread: Type.Optional(Id),
    replies: Type.Optional(ReplySummary),
    pinned: Type.Optional(Type.Literal(true)),
    attachments: Type.Array(File),
    reactions: Type.Array(Type.Object({ emoji: Type.String(), users: Type.Array(Id) }, strict)),
  },
  { ...strict, $id: 'Message' },
)
export type Message = Static<typeof Message>

/** Of a reply, in lists that hold messages of chats and of threads. */
export const threadNo = Type.Optional(
  Type.Integer({ description: '`no` of the parent message, if this is a reply in a thread' }),
)

/** What remains of a deleted message: its number, none of its content. */
export const Tombstone = Type.Object(
  {
    id: Id,
    no: Type.Integer(),
    seq: Type.Integer(),
    rev: Type.Integer(),
    deleted: Type.Literal(true),
    thread: Type.Optional(Id),
    replies: Type.Optional(ReplySummary),
    hidden: Type.Optional(
      Type.Literal(true, { description: 'deleted for me only: show nothing in its place' }),
    ),
  },
  strict,
)
export type Tombstone = Static<typeof Tombstone>

const MessageOutput = Type.Object({ message: Type.Union([Message, Tombstone]) }, strict)

export const messagesList = defineRequest({
  name: 'messages.list',
  method: 'GET',
  path: '/api/chats/:chatId/messages',
  access: 'member',
  summary:
    'A page of messages in ascending order: the newest, or those before, after or around a `no`. `more`: there are further messages in that direction; with `around`, `moreAfter` reports the newer side. With `thread`, the replies to that message.',
  input: Type.Object(
    {
      chatId: Id,
      before: Type.Optional(MessageNumber),
      after: Type.Optional(MessageNumber),
      around: Type.Optional(MessageNumber),
      thread: Type.Optional(Id),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object(
    {
      messages: Type.Array(Type.Union([Message, Tombstone])),
      more: Type.Boolean(),
      moreAfter: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
})

export const messagesDays = defineRequest({
  name: 'messages.days',
  method: 'GET',
  path: '/api/chats/:chatId/days',
  access: 'member',
  summary:
    'The days of a month on which messages of the chat were sent, each with the `no` of its first message. The days are those of `zone`. `before` and `after` are the nearest messages outside the month.',
  input: Type.Object(
    {
      chatId: Id,
      month: Type.String({ pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$', description: '2026-05' }),
      zone: Type.Optional(
        Type.String({
          maxLength: 64,
          description: 'time zone, as Europe/Berlin or +05:30; without it that of the hub',
        }),
      ),
    },
    strict,
  ),
  output: Type.Object(
    {
      days: Type.Array(
        Type.Object({ day: Type.String({ description: '2026-05-31' }), no: Type.Integer() }, strict),
      ),
      before: Type.Optional(Type.Integer()),
      after: Type.Optional(Type.Integer()),
    },
    strict,
  ),
})

export const messagesSend = defineRequest({
  name: 'messages.send',
  method: 'POST',
  path: '/api/chats/:chatId/messages',
  access: 'member',
  status: 201,
  summary:
    'Sends a message. The response is sent after the commit is on disk. A retry with the same `cid` returns the original result with 200; the same `cid` with another body is a `conflict`. `forward` is the id of a message that I can read: its files are attached instead of `attachments`.',
  input: Type.Object(
    {
      chatId: Id,
      cid: Cid,
      text: Type.String({
        description: '1 byte to 16 KiB of UTF-8, not blank; may be empty with attachments',
      }),
      replyTo: Type.Optional(Id),
      thread: Type.Optional(Id),
      attachments: Type.Optional(
        Type.Array(Id, {
          maxItems: limits.attachments,
          description: 'ids of my uploads that are in no message yet',
        }),
      ),
      forward: Type.Optional(Id),
      draft: Type.Optional(SentDraft),
    },
    strict,
  ),
  output: MessageOutput,
})

export const messagesStatus = defineRequest({
  name: 'messages.status',
  method: 'GET',
  path: '/api/messages/:messageId/status',
  access: 'member',
  summary: 'Returns the members who received a message and those who read it, without its author.',
  input: Type.Object({ messageId: Id }, strict),
  output: Type.Object(
    {
      deliveredTo: Type.Array(Id),
      readBy: Type.Array(Id),
      times: Type.Array(
        Type.Object(
          {
            userId: Id,
            deliveredAt: Type.Optional(Type.Integer()),
            readAt: Type.Optional(Type.Integer()),
          },
          strict,
        ),
        {
          description:
            'in milliseconds since 1970, as far as the hub knows them: of the latest messages that each member received or read in their chat, or read in their thread. None of a member who hides when they were last seen, and none for one who does',
        },
      ),
    },
    strict,
  ),
})

export const messagesEdit = defineRequest({
  name: 'messages.edit',
  method: 'PATCH',
  path: '/api/messages/:messageId',
  access: 'member',
  summary:
    'Changes the text of my message, within 24 hours. With `rev`, an edit based on an older revision is a `conflict`. The same text again changes nothing.',
  input: Type.Object(
    {
      messageId: Id,
      text: Type.String({ description: '1 byte to 16 KiB of UTF-8, not blank' }),
      rev: Type.Optional(Type.Integer({ minimum: 1, description: 'the `rev` that the edit is based on' })),
    },
    strict,
  ),
  output: MessageOutput,
})

export const messagesDelete = defineRequest({
  name: 'messages.delete',
  method: 'DELETE',
  path: '/api/messages/:messageId',
  access: 'member',
  summary:
    'Deletes a message for everyone or for me only. Its author, an owner or admin of the group, and an admin of the hub in a public group can delete it for everyone. Both can be undone for ten seconds.',
  input: Type.Object(
    { messageId: Id, for: Type.Union([Type.Literal('everyone'), Type.Literal('me')]) },
    strict,
  ),
  output: undefined,
})

export const messagesUndelete = defineRequest({
  name: 'messages.undelete',
  method: 'POST',
  path: '/api/messages/:messageId/undelete',
  access: 'member',
  summary:
    'Restores a message that I deleted within the last ten seconds. After that its content no longer exists.',
  input: Type.Object({ messageId: Id }, strict),
  output: MessageOutput,
})
