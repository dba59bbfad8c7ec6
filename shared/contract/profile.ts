import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { Bytes, BinaryContent, Id, limits, EmptyObject, strict } from './values.ts'

/** How a person has arranged their chats. Ids of chats they are no longer in do no harm. */
export const ChatListArrangement = Type.Object(
  {
    favourites: Type.Array(Id, { maxItems: limits.sectionChats }),
    sections: Type.Array(
      Type.Object(
        {
          id: Id,
          name: Type.String({ minLength: 1, maxLength: 4 * limits.sectionName }),
          chats: Type.Array(Id, { maxItems: limits.sectionChats }),
        },
        strict,
      ),
      { maxItems: limits.sections },
    ),
    folded: Type.Array(Id, { maxItems: limits.sections + 4, description: 'ids of sections that are closed' }),
  },
  { ...strict, $id: 'ChatListArrangement' },
)
export type ChatListArrangement = Static<typeof ChatListArrangement>

/** What a person has chosen for their account, on every device. Absent: as it is from the beginning. */
export const Settings = Type.Object(
  {
    chatList: Type.Optional(ChatListArrangement),
    hideLastSeen: Type.Optional(
      Type.Boolean({ description: 'nobody sees when I was here last, and I see it of nobody' }),
    ),
  },
  { ...strict, $id: 'Settings' },
)
export type Settings = Static<typeof Settings>

export const meUpdate = defineRequest({
  name: 'me.update',
  method: 'PATCH',
  path: '/api/me',
  access: 'session',
  summary:
    'Changes what is given: my display name, what I say about myself (up to 500 characters, lines allowed, empty takes it away), single settings.',
  input: Type.Object(
    {
      displayName: Type.Optional(Type.String({ maxLength: 4 * limits.displayName })),
      bio: Type.Optional(Type.String({ maxLength: 4 * limits.bio })),
      settings: Type.Optional(Settings),
    },
    strict,
  ),
  output: Type.Object({ user: User, settings: Settings }, strict),
})

export const meAvatar = defineRequest({
  name: 'me.avatar',
  method: 'PUT',
  path: '/api/me/avatar',
  access: 'session',
  transport: 'http',
  body: 'bytes',
  summary:
    'My picture: a still PNG, JPEG or WebP of up to 512 KiB and 1024 × 1024 pixels, as the body. What it is, its bytes say.',
  input: Type.Object({ bytes: Bytes }, strict),
  output: Type.Object({ user: User }, strict),
})

export const meAvatarRemove = defineRequest({
  name: 'me.avatar.remove',
  method: 'DELETE',
  path: '/api/me/avatar',
  access: 'session',
  summary: 'Takes my picture away.',
  input: EmptyObject,
  output: Type.Object({ user: User }, strict),
})

export const usersAvatar = defineRequest({
  name: 'users.avatar',
  method: 'GET',
  path: '/api/users/:userId/avatar/:avatarId',
  access: 'session',
  transport: 'http',
  response: 'bytes',
  summary: 'The picture of a person: `avatarId` is `avatar` of the user, another one for each picture.',
  input: Type.Object({ userId: Id, avatarId: Id }, strict),
  output: BinaryContent,
})
