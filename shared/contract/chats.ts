import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { FileSummary } from './files.ts'
import { User } from './users.ts'
import {
  Adding,
  Limit,
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

/** Notifications of a chat: `default` as in all chats, `all` messages, `mentions` of me only, `none`. */
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
    adding: Type.Optional(Adding),
    everyone: Type.Optional(
      Type.Boolean({
        description: 'the group for everyone: all users of the hub are in it, and nobody can leave it',
      }),
    ),
    memberIds: Type.Optional(
      Type.Array(Id, {
        description:
          'the other members of a chat without a name: a group of fixed members, titled by their names',
      }),
    ),
    addedBy: Type.Optional(
      Type.String({
        description: 'who added me, until I read the chat for the first time: show it as unread',
      }),
    ),
    archived: Type.Boolean({ description: 'members can read it; nobody can write in it or find it' }),
    topic: Type.Optional(Type.String()),
    picture: Type.Optional(
      Type.String({ description: 'id of its picture, part of the URL of chats.picture.get' }),
    ),
    peer: Type.Optional(
      Type.String({ description: 'the other user of a direct chat; I myself, if it holds my notes' }),
    ),
    peerReadNo: Type.Optional(Type.Integer()),
    peerDeliveredNo: Type.Optional(Type.Integer()),
    memberCount: Type.Integer(),
    role: ChatRole,
    head: Type.Integer({ description: 'highest seq of the stream of the chat' }),
    lastNo: Type.Integer(),
    readNo: Type.Integer(),
    unread: Type.Integer({
      description: `messages of others above \`readNo\`, counted up to ${limits.unread}`,
    }),
    mentions: Type.Integer(),
    threadMentions: Type.Optional(
      Type.Integer({ description: 'unread thread replies that mention me, if any' }),
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
      Type.Boolean({ description: 'I archived it and there is no newer message' }),
    ),
    archivedForMeNo: Type.Optional(
      Type.Integer({
        description: 'number of the last message when I archived it; a newer one ends that, unless muted',
      }),
    ),
    unreadFrom: Type.Optional(
      Type.Integer({
        description: 'I marked it as unread from this message number, although I have read further',
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

/** A public group as users who are not members see it. */
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

/** A deleted group that can still be restored. */
export const DeletedGroup = Type.Object(
  { id: Id, name: Type.String(), memberCount: Type.Integer(), deletedAt: Time, until: Time },
  { ...strict, $id: 'DeletedGroup' },
)
export type DeletedGroup = Static<typeof DeletedGroup>

const ChatIdInput = Type.Object({ chatId: Id }, strict)
const ChatOutput = Type.Object({ chat: ChatSummary }, strict)
/** Without `chat` for an admin of the hub who manages a public group without being a member. */
const OptionalChatOutput = Type.Object({ chat: Type.Optional(ChatSummary) }, strict)

export const chatsList = defineRequest({
  name: 'chats.list',
  method: 'GET',
  path: '/api/chats',
  access: 'session',
  summary: 'My chats, most recently updated first.',
  input: EmptyObject,
  output: Type.Object({ chats: Type.Array(ChatSummary) }, strict),
})

export const chatsDirect = defineRequest({
  name: 'chats.direct',
  method: 'POST',
  path: '/api/chats/direct',
  access: 'session',
  summary:
    'Returns the direct chat with a user, by id or by name in any case, and creates it the first time. With myself it holds my notes.',
  input: Type.Object(
    { userId: Type.Optional(Id), username: Type.Optional(Type.String({ maxLength: 1024 })) },
    strict,
  ),
  output: ChatOutput,
})

export const chatsWithUsers = defineRequest({
  name: 'chats.withUsers',
  method: 'POST',
  path: '/api/chats/with-users',
  access: 'session',
  summary: `Returns the chat without a name of these users and me, and creates it the first time. Its members stay the same until chats.update gives it a name. At most ${limits.unnamedChatUsers} others; with one of them it is the direct chat.`,
  input: Type.Object({ userIds: Type.Array(Id, { minItems: 1, maxItems: limits.unnamedChatUsers }) }, strict),
  output: ChatOutput,
})

export const chatsCreate = defineRequest({
  name: 'chats.create',
  method: 'POST',
  path: '/api/chats',
  access: 'session',
  status: 201,
  summary: 'Creates a group; I become its owner.',
  input: Type.Object(
    {
      name: Type.String({ maxLength: 4 * limits.groupName }),
      visibility: Visibility,
      posting: Type.Optional(Posting),
      adding: Type.Optional(Adding),
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
  summary:
    'A chat with its members and their receipts. If it has more than `most` members, `members` has only those with a role and me, and `partial` says so.',
  input: Type.Object({ chatId: Id, most: Type.Optional(Limit) }, strict),
  output: Type.Object(
    { chat: ChatSummary, members: Type.Array(Member), partial: Type.Optional(Type.Literal(true)) },
    strict,
  ),
})

export const chatsDiscover = defineRequest({
  name: 'chats.discover',
  method: 'GET',
  path: '/api/chats/discover',
  access: 'session',
  summary: `Public groups that I am not a member of, by name (at most ${limits.page.groups} in a page; \`after\` is the last id).`,
  input: Type.Object(
    {
      query: Type.Optional(Type.String({ maxLength: 255 })),
      after: Type.Optional(Id),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object({ chats: Type.Array(ListedGroup), more: Type.Optional(Type.Boolean()) }, strict),
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
    'Leaves a group. If the owner leaves, the longest-standing admin becomes owner, or the longest-standing member if there is no admin. When the last member leaves, the group is deleted.',
  input: ChatIdInput,
  output: undefined,
})

export const chatsUpdate = defineRequest({
  name: 'chats.update',
  method: 'PATCH',
  path: '/api/chats/:chatId',
  access: 'chat admin',
  summary:
    'Changes the name, topic, visibility, posting or adding of a group. Admins of the hub can do this in public groups. A name turns a chat without a name into a private group, whose owner I become.',
  input: Type.Object(
    {
      chatId: Id,
      name: Type.Optional(Type.String({ maxLength: 4 * limits.groupName })),
      topic: Type.Optional(Type.String({ maxLength: 4 * limits.topic })),
      visibility: Type.Optional(Visibility),
      posting: Type.Optional(Posting),
      adding: Type.Optional(Adding),
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
    'Sets the picture of a group. The body is a still PNG, JPEG or WebP of at most 512 KiB and 1024 × 1024 pixels. Admins of the hub can do this in public groups.',
  input: Type.Object({ chatId: Id, bytes: Bytes }, strict),
  output: OptionalChatOutput,
})

export const chatsPictureRemove = defineRequest({
  name: 'chats.picture.remove',
  method: 'DELETE',
  path: '/api/chats/:chatId/picture',
  access: 'chat admin',
  summary: 'Removes the picture of a group.',
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
    'Returns the picture of a group that I am in or can find. `pictureId` is `picture` of the chat; it changes with each picture.',
  input: Type.Object({ chatId: Id, pictureId: Id }, strict),
  output: BinaryContent,
})

export const chatsArchive = defineRequest({
  name: 'chats.archive',
  method: 'POST',
  path: '/api/chats/:chatId/archive',
  access: 'chat admin',
  summary:
    'Archives a group: members can read it; nobody can write in it, find it or join it. Admins of the hub can do this in public groups.',
  input: ChatIdInput,
  output: OptionalChatOutput,
})

export const chatsUnarchive = defineRequest({
  name: 'chats.unarchive',
  method: 'POST',
  path: '/api/chats/:chatId/unarchive',
  access: 'chat admin',
  summary: 'Unarchives a group.',
  input: ChatIdInput,
  output: OptionalChatOutput,
})

export const chatsDelete = defineRequest({
  name: 'chats.delete',
  method: 'DELETE',
  path: '/api/chats/:chatId',
  access: 'chat owner',
  summary: `Deletes a group with all its messages, for all members. It can be restored within ${limits.undeleteDays} days. Admins of the hub can do this in public groups.`,
  input: ChatIdInput,
  output: undefined,
})

export const chatsListDeleted = defineRequest({
  name: 'chats.listDeleted',
  method: 'GET',
  path: '/api/chats/deleted',
  access: 'session',
  summary: 'Deleted groups that I can restore, latest first.',
  input: EmptyObject,
  output: Type.Object({ chats: Type.Array(DeletedGroup) }, strict),
})

export const chatsUndelete = defineRequest({
  name: 'chats.undelete',
  method: 'POST',
  path: '/api/chats/:chatId/undelete',
  access: 'chat owner',
  summary: `Restores a group that was deleted in the last ${limits.undeleteDays} days, with its members and messages.`,
  input: ChatIdInput,
  output: OptionalChatOutput,
})

export const chatsRead = defineRequest({
  name: 'chats.read',
  method: 'POST',
  path: '/api/chats/:chatId/read',
  access: 'member',
  summary: 'Raises my read receipt to `no`. A lower `no` changes nothing.',
  input: Type.Object({ chatId: Id, no: MessageNumber }, strict),
  output: Type.Object({ readNo: Type.Integer() }, strict),
})

export const chatsReadAll = defineRequest({
  name: 'chats.readAll',
  method: 'POST',
  path: '/api/chats/read',
  access: 'session',
  summary: 'Marks all chats as read. Returns the chats whose `readNo` changed.',
  input: EmptyObject,
  output: Type.Object({ chats: Type.Array(Type.Object({ id: Id, readNo: Type.Integer() }, strict)) }, strict),
})
