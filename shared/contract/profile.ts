import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { Bytes, BinaryContent, Id, limits, EmptyObject, strict } from './values.ts'

/** Favourites and sections of the chat list of a user. Ids of chats that the user has left are ignored. */
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
    folded: Type.Array(Id, { maxItems: limits.sections + 4, description: 'ids of collapsed sections' }),
  },
  { ...strict, $id: 'ChatListArrangement' },
)
export type ChatListArrangement = Static<typeof ChatListArrangement>

/** Settings of an account, the same on every device. Absent members have their default. */
export const Settings = Type.Object(
  {
    chatList: Type.Optional(ChatListArrangement),
    keywords: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 4 * limits.keyword }), {
        maxItems: limits.keywords,
        description:
          'words that I watch: a message with one of them counts as a mention, and is in my activity',
      }),
    ),
    hideLastSeen: Type.Optional(
      Type.Boolean({
        description: 'hides my last-seen time and my time zone from others, and theirs from me',
      }),
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
    'Changes the given members of my profile: `displayName`, `bio` (up to 500 characters, line breaks allowed, empty removes it) and single settings.',
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
    'Sets my avatar. The body is a still PNG, JPEG or WebP of at most 512 KiB and 1024 × 1024 pixels. The hub detects the type from the bytes.',
  input: Type.Object({ bytes: Bytes }, strict),
  output: Type.Object({ user: User }, strict),
})

export const meAvatarRemove = defineRequest({
  name: 'me.avatar.remove',
  method: 'DELETE',
  path: '/api/me/avatar',
  access: 'session',
  summary: 'Removes my avatar.',
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
  summary: 'Returns the avatar of a user. `avatarId` is `avatar` of the user; it changes with each picture.',
  input: Type.Object({ userId: Id, avatarId: Id }, strict),
  output: BinaryContent,
})
