import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { FileSummary } from './files.ts'
import { User } from './users.ts'
import {
  Bytes,
  ChatRole,
  BinaryContent,
  Id,
  limits,
  MessageNumber,
  EmptyObject,
  Posting,
  strict,
  Time,
  Visibility,
} from './values.ts'

/** What tells me of a chat: what does of all chats, everything in it, what calls me, nothing. */
export const NotificationLevel = Type.Union([
  Type.Literal('default'),
  Type.Literal('all'),
  Type.Literal('mentions'),
  Type.Literal('none'),
])
export type NotificationLevel = Static<typeof NotificationLevel>

export const ChatSummary = Type.Object(
  {
    id: Id,
    kind: Type.Union([Type.Literal('direct'), Type.Literal('group')]),
    name: Type.Optional(Type.String()),
    visibility: Visibility,
    posting: Posting,
    archived: Type.Boolean({ description: 'everybody in it can read it, nobody writes, nobody finds it' }),
    topic: Type.Optional(Type.String()),
    picture: Type.Optional(Type.String({ description: 'the id in the address of its picture' })),
    peer: Type.Optional(Type.String({ description: 'the other person of a direct chat' })),
    peerReadNo: Type.Optional(Type.Integer()),
    peerDeliveredNo: Type.Optional(Type.Integer()),
    memberCount: Type.Integer(),
    role: ChatRole,
    head: Type.Integer({ description: 'highest seq of the stream of the chat' }),
    lastNo: Type.Integer(),
    readNo: Type.Integer(),
    unread: Type.Integer({ description: `what others sent after my read mark, counted to ${limits.unread}` }),
    mentions: Type.Integer(),
    threadMentions: Type.Optional(
      Type.Integer({ description: 'replies in its threads that call me and that I have not read, if any' }),
    ),
    lastMessage: Type.Optional(
      Type.Object(
        {
          id: Id,
          no: Type.Integer(),
          author: Id,
          text: Type.String({ description: `first ${limits.preview} characters` }),
          at: Time,
          deleted: Type.Optional(Type.Boolean()),
          files: Type.Optional(FileSummary),
        },
        strict,
      ),
    ),
    muted: Type.Boolean(),
    notify: Type.Optional(NotificationLevel),
    archivedForMe: Type.Optional(
      Type.Boolean({ description: 'I have archived for me, and nothing was said in it since' }),
    ),
    archivedForMeNo: Type.Optional(
      Type.Integer({
        description: 'the last message when I archived for me; a newer one ends that, unless muted',
      }),
    ),
    unreadFrom: Type.Optional(
      Type.Integer({
        description: 'I have marked it as unread from this message on, though I have read further',
      }),
    ),
    updatedAt: Time,
  },
  { ...strict, $id: 'ChatSummary' },
)
export type ChatSummary = Static<typeof ChatSummary>

export const Member = Type.Object(
  { user: User, userId: Id, role: ChatRole, readNo: Type.Integer(), deliveredNo: Type.Integer() },
  { ...strict, $id: 'Member' },
)
export type Member = Static<typeof Member>

/** What somebody who is not in a public group sees of it. */
export const ListedGroup = Type.Object(
  {
    id: Id,
    name: Type.String(),
    topic: Type.Optional(Type.String()),
    picture: Type.Optional(Type.String()),
    memberCount: Type.Integer(),
  },
  { ...strict, $id: 'ListedGroup' },
)
export type ListedGroup = Static<typeof ListedGroup>

/** A group that was deleted and can still be brought back. */
export const DeletedGroup = Type.Object(
  { id: Id, name: Type.String(), memberCount: Type.Integer(), deletedAt: Time, until: Time },
  { ...strict, $id: 'DeletedGroup' },
)
export type DeletedGroup = Static<typeof DeletedGroup>

const ChatIdInput = Type.Object({ chatId: Id }, strict)
const ChatOutput = Type.Object({ chat: ChatSummary }, strict)
/** Without `chat` for an admin of the hub who looks after a public group without being in it. */
const OptionalChatOutput = Type.Object({ chat: Type.Optional(ChatSummary) }, strict)

export const chatsList = defineRequest({
  name: 'chats.list',
  method: 'GET',
  path: '/api/chats',
  access: 'session',
  summary: 'My chats, the latest first.',
  input: EmptyObject,
  output: Type.Object({ chats: Type.Array(ChatSummary) }, strict),
})

export const chatsDirect = defineRequest({
  name: 'chats.direct',
  method: 'POST',
  path: '/api/chats/direct',
  access: 'session',
  summary: 'The direct chat with a person, by id or by name in any letter case: the same one each time.',
  input: Type.Object(
    { userId: Type.Optional(Id), username: Type.Optional(Type.String({ maxLength: 1024 })) },
    strict,
  ),
  output: ChatOutput,
})

export const chatsCreate = defineRequest({
  name: 'chats.create',
  method: 'POST',
  path: '/api/chats',
  access: 'session',
  status: 201,
  summary: 'Makes a group; I become its owner.',
  input: Type.Object(
    {
      name: Type.String({ maxLength: 4 * limits.groupName }),
      visibility: Visibility,
      posting: Type.Optional(Posting),
      topic: Type.Optional(Type.String({ maxLength: 4 * limits.topic })),
      members: Type.Optional(Type.Array(Id, { maxItems: limits.membersPerRequest })),
    },
    strict,
  ),
  output: ChatOutput,
})

export const chatsGet = defineRequest({
  name: 'chats.get',
  method: 'GET',
  path: '/api/chats/:chatId',
  access: 'member',
  summary: 'A chat with its members and their marks.',
  input: ChatIdInput,
  output: Type.Object({ chat: ChatSummary, members: Type.Array(Member) }, strict),
})

export const chatsDiscover = defineRequest({
  name: 'chats.discover',
  method: 'GET',
  path: '/api/chats/discover',
  access: 'session',
  summary: `Public groups I am not in, by name (at most ${limits.page.groups}).`,
  input: Type.Object({ query: Type.Optional(Type.String({ maxLength: 255 })) }, strict),
  output: Type.Object({ chats: Type.Array(ListedGroup) }, strict),
})

export const chatsJoin = defineRequest({
  name: 'chats.join',
  method: 'POST',
  path: '/api/chats/:chatId/join',
  access: 'session',
  summary: 'Joins a public group.',
  input: ChatIdInput,
  output: ChatOutput,
})

export const chatsLeave = defineRequest({
  name: 'chats.leave',
  method: 'POST',
  path: '/api/chats/:chatId/leave',
  access: 'member',
  summary:
    'Leaves a group. When its owner leaves, the longest-standing admin, else member, becomes owner; with the last member the group goes.',
  input: ChatIdInput,
  output: undefined,
})

export const chatsUpdate = defineRequest({
  name: 'chats.update',
  method: 'PATCH',
  path: '/api/chats/:chatId',
  access: 'chat admin',
  summary:
    'Renames a group, changes its topic, who can find it or who writes in it. Public groups also by admins of the hub.',
  input: Type.Object(
    {
      chatId: Id,
      name: Type.Optional(Type.String({ maxLength: 4 * limits.groupName })),
      topic: Type.Optional(Type.String({ maxLength: 4 * limits.topic })),
      visibility: Type.Optional(Visibility),
      posting: Type.Optional(Posting),
    },
    strict,
  ),
  output: OptionalChatOutput,
})

export const chatsPicture = defineRequest({
  name: 'chats.picture',
  method: 'PUT',
  path: '/api/chats/:chatId/picture',
  access: 'chat admin',
  transport: 'http',
  body: 'bytes',
  summary:
    'The picture of a group: a still PNG, JPEG or WebP of up to 512 KiB and 1024 × 1024 pixels, as the body. Public groups also by admins of the hub.',
  input: Type.Object({ chatId: Id, bytes: Bytes }, strict),
  output: OptionalChatOutput,
})

export const chatsPictureRemove = defineRequest({
  name: 'chats.picture.remove',
  method: 'DELETE',
  path: '/api/chats/:chatId/picture',
  access: 'chat admin',
  summary: 'Takes the picture of a group away.',
  input: ChatIdInput,
  output: OptionalChatOutput,
})

export const chatsPictureGet = defineRequest({
  name: 'chats.picture.get',
  method: 'GET',
  path: '/api/chats/:chatId/picture/:pictureId',
  access: 'session',
  transport: 'http',
  response: 'bytes',
  summary:
    'The picture of a group that I am in or can find: `pictureId` is `picture` of the chat, another one for each picture.',
  input: Type.Object({ chatId: Id, pictureId: Id }, strict),
  output: BinaryContent,
})

export const chatsArchive = defineRequest({
  name: 'chats.archive',
  method: 'POST',
  path: '/api/chats/:chatId/archive',
  access: 'chat admin',
  summary:
    'Archives a group: who is in it can read it, nobody writes, nobody finds or joins it. Public groups also by admins of the hub.',
  input: ChatIdInput,
  output: OptionalChatOutput,
})

export const chatsRestore = defineRequest({
  name: 'chats.unarchive',
  method: 'POST',
  path: '/api/chats/:chatId/unarchive',
  access: 'chat admin',
  summary: 'Takes a group out of the archive: it is as before.',
  input: ChatIdInput,
  output: OptionalChatOutput,
})

export const chatsDelete = defineRequest({
  name: 'chats.delete',
  method: 'DELETE',
  path: '/api/chats/:chatId',
  access: 'chat owner',
  summary: `Deletes a group with everything in it, for everybody. Within ${limits.undeleteDays} days it can be brought back. Public groups also by admins of the hub.`,
  input: ChatIdInput,
  output: undefined,
})

export const chatsDeleted = defineRequest({
  name: 'chats.listDeleted',
  method: 'GET',
  path: '/api/chats/deleted',
  access: 'session',
  summary: 'Deleted groups that I can bring back, the latest first.',
  input: EmptyObject,
  output: Type.Object({ chats: Type.Array(DeletedGroup) }, strict),
})

export const chatsUndelete = defineRequest({
  name: 'chats.undelete',
  method: 'POST',
  path: '/api/chats/:chatId/undelete',
  access: 'chat owner',
  summary: `Brings a group back that was deleted in the last ${limits.undeleteDays} days, with its people and messages.`,
  input: ChatIdInput,
  output: OptionalChatOutput,
})

export const chatsRead = defineRequest({
  name: 'chats.read',
  method: 'POST',
  path: '/api/chats/:chatId/read',
  access: 'member',
  summary: 'Moves my read mark forward; it never goes back.',
  input: Type.Object({ chatId: Id, no: MessageNumber }, strict),
  output: Type.Object({ readNo: Type.Integer() }, strict),
})

export const chatsReadAll = defineRequest({
  name: 'chats.readAll',
  method: 'POST',
  path: '/api/chats/read',
  access: 'session',
  summary: 'Marks everything as read; answers the chats whose mark moved.',
  input: EmptyObject,
  output: Type.Object({ chats: Type.Array(Type.Object({ id: Id, readNo: Type.Integer() }, strict)) }, strict),
})
