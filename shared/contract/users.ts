import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { HubRole, Id, Limit, limits, Presence, strict, Time } from './values.ts'

/** Set by the user and shown next to the name: `text` or `emoji` or both. */
export const UserStatus = Type.Object(
  {
    text: Type.Optional(Type.String()),
    emoji: Type.Optional(Type.String()),
    until: Type.Optional(
      Type.Integer({
        description:
          'the end, milliseconds since 1970: a client hides the status from then on, and the hub removes it within a minute',
      }),
    ),
  },
  { ...strict, $id: 'UserStatus' },
)
export type UserStatus = Static<typeof UserStatus>

export const User = Type.Object(
  {
    id: Id,
    username: Type.String({ description: 'unique regardless of case, shown as typed' }),
    displayName: Type.String(),
    role: HubRole,
    avatar: Type.Optional(Type.String()),
    bio: Type.Optional(Type.String()),
    status: Type.Optional(UserStatus),
    createdAt: Time,
    joined: Type.Integer({
      description:
        'the number in the order of joining, from 0: clients derive the colour of a face from it, so that a team has different ones',
    }),
    deactivated: Type.Optional(Type.Boolean()),
    bot: Type.Optional(Type.Boolean({ description: 'a program posts under this name' })),
  },
  { ...strict, $id: 'User' },
)
export type User = Static<typeof User>

export const usersList = defineRequest({
  name: 'users.list',
  method: 'GET',
  path: '/api/users',
  access: 'session',
  summary:
    'Users of this hub by name. `query` is a part of the name in any case, with or without accents, `after` the last id of the previous page.',
  input: Type.Object(
    {
      query: Type.Optional(Type.String({ maxLength: 100 })),
      after: Type.Optional(Id),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object({ users: Type.Array(User), more: Type.Boolean() }, strict),
})

const list = (max: number) =>
  Type.Optional(Type.String({ maxLength: max * 65, description: 'separated by commas' }))

export const usersFind = defineRequest({
  name: 'users.find',
  method: 'GET',
  path: '/api/users/find',
  access: 'session',
  summary: `Returns the users with these ids and usernames (in any case), at most ${limits.page.users} in all, without those that are not there.`,
  input: Type.Object({ ids: list(limits.page.users), names: list(limits.page.users) }, strict),
  output: Type.Object({ users: Type.Array(User) }, strict),
})

export const usersSearch = defineRequest({
  name: 'users.search',
  method: 'GET',
  path: '/api/users/search',
  access: 'session',
  summary:
    'Active users whose name fits, the closest first: it begins with `query`, a word of it does, or it contains it, with or without accents. `after` is the last id of the previous page.',
  input: Type.Object(
    {
      query: Type.String({ minLength: 1, maxLength: 100 }),
      after: Type.Optional(Id),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object({ users: Type.Array(User), more: Type.Boolean() }, strict),
})

export const usersGet = defineRequest({
  name: 'users.get',
  method: 'GET',
  path: '/api/users/:userId',
  access: 'session',
  summary: 'Returns a user with presence, last-seen time and the groups that both are in.',
  input: Type.Object({ userId: Id }, strict),
  output: Type.Object(
    {
      user: User,
      presence: Type.Union([Presence, Type.Literal('offline')]),
      lastSeen: Type.Optional(Time),
      zone: Type.Optional(
        Type.String({
          description:
            'the time zone of the device with which the user was last connected, since the hub started; hidden like the last-seen time',
        }),
      ),
      groups: Type.Array(Id, { description: 'the groups that you and the user are both members of' }),
    },
    strict,
  ),
})
