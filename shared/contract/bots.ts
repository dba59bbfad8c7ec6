import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { Id, limits, EmptyObject, strict } from './values.ts'

export const adminBotsList = defineRequest({
  name: 'admin.bots.list',
  method: 'GET',
  path: '/api/admin/bots',
  access: 'hub admin',
  summary: 'The bots of this hub. Bots of webhooks are not included; they belong to their groups.',
  input: EmptyObject,
  output: Type.Object({ bots: Type.Array(User) }, strict),
})

export const adminBotsCreate = defineRequest({
  name: 'admin.bots.create',
  method: 'POST',
  path: '/api/admin/bots',
  access: 'hub admin',
  requiresReauthentication: true,
  status: 201,
  summary: 'Creates an account for a program. It has no password, but a token with write scope.',
  input: Type.Object(
    {
      username: Type.String({ maxLength: 128 }),
      displayName: Type.Optional(Type.String({ maxLength: 4 * limits.displayName })),
    },
    strict,
  ),
  output: Type.Object(
    { user: User, token: Type.String({ description: 'shown once, stored hashed' }) },
    strict,
  ),
})

export const adminBotsRevoke = defineRequest({
  name: 'admin.bots.revoke',
  method: 'DELETE',
  path: '/api/admin/bots/:userId',
  access: 'hub admin',
  summary: 'Deactivates a bot and revokes its tokens. Its name stays on its messages.',
  input: Type.Object({ userId: Id }, strict),
  output: undefined,
})
