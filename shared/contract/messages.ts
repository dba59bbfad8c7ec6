import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { File, FileSummary } from './files.ts'
import { Cid, Id, Limit, limits, MessageNumber, strict, Time } from './values.ts'

/** What hangs on a message: its thread, in short. */
export const ReplySummary = Type.Object(
  {
    count: Type.Integer({ description: 'those that are deleted left out' }),
    lastNo: Type.Integer({ description: 'highest `no` in the thread' }),
    at: Type.Optional(Time),
    users: Type.Array(Id, { description: 'up to three who wrote in it last' }),
  },
  strict,
)

/** The message that another one answers, as far as it says which it is. */
export const Quote = Type.Object(
  {
    id: Id,
    no: Type.Integer(),
    author: Id,
    text: Type.String({ description: 'its beginning; empty when it is deleted, or has files only' }),
    files: Type.Optional(FileSummary),
    picture: Type.Optional(Type.String({ description: 'its first file with a preview' })),
  },
  strict,
)
export type Quote = Static<typeof Quote>

export const Message = Type.Object(
  {
    id: Id,
    chatId: Id,
    no: Type.Integer({ description: '1, 2, 3… among the messages of the chat' }),
    seq: Type.Integer({ description: 'place of its first entry in the stream of the chat' }),
    rev: Type.Integer({
      description: 'place of the latest entry that touched it; of two copies keep the higher',
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

/** What is left of a message that its author took back: its place, nothing of its content. */
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
      Type.Literal(true, { description: 'deleted for me only: I do not see that it was there' }),
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
    'A page of history by `no`, ascending: the newest, or those before, after or around one. `more` says whether it goes on; with `around`, `moreAfter` says it for the newer side. With `thread`, of the replies to that message.',
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

export const messagesSend = defineRequest({
  name: 'messages.send',
  method: 'POST',
  path: '/api/chats/:chatId/messages',
  access: 'member',
  status: 201,
  summary:
    'Sends a message. The answer comes after the commit is on disk. A repeat with the same `cid` answers the first result with 200; another body under it is a `conflict`. With `forward`, a message that I can read, its files come along once more instead of `attachments`.',
  input: Type.Object(
    {
      chatId: Id,
      cid: Cid,
      text: Type.String({
        description: '1 byte to 16 KiB of UTF-8, not blank; may be empty beside attachments',
      }),
      replyTo: Type.Optional(Id),
      thread: Type.Optional(Id),
      attachments: Type.Optional(
        Type.Array(Id, {
          maxItems: limits.attachments,
          description: 'files of mine that are in no message yet',
        }),
      ),
      forward: Type.Optional(Id),
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
  summary: 'Who has received a message and who has read it, its author left out.',
  input: Type.Object({ messageId: Id }, strict),
  output: Type.Object({ deliveredTo: Type.Array(Id), readBy: Type.Array(Id) }, strict),
})

export const messagesEdit = defineRequest({
  name: 'messages.edit',
  method: 'PATCH',
  path: '/api/messages/:messageId',
  access: 'member',
  summary:
    'Changes the text of a message of mine, within 24 hours. With the `rev` it was read at, an edit that overlooked another one is a `conflict`; the same text again changes nothing.',
  input: Type.Object(
    {
      messageId: Id,
      text: Type.String({ description: '1 byte to 16 KiB of UTF-8, not blank' }),
      rev: Type.Optional(Type.Integer({ minimum: 1, description: 'what the edit is based on' })),
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
    'Deletes a message for everyone (its author, whoever runs the group, an admin of the hub in a public group), or for me only. Either can be undone for ten seconds.',
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
    'Takes back what I deleted within the last ten seconds. After that there is nothing left to bring back.',
  input: Type.Object({ messageId: Id }, strict),
  output: MessageOutput,
})
