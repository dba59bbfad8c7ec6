import { Type } from 'typebox'
import { defineRequest } from './define.ts'
import { accountInput, SessionOpened } from './hub.ts'
import { User } from './users.ts'
import { Nothing, strict } from './values.ts'

export const accountsRegister = defineRequest({
  name: 'accounts.register',
  method: 'POST',
  path: '/api/register',
  who: 'anyone',
  door: 'http',
  status: 201,
  summary: 'Makes an account and opens a session. Needs an invite unless registration is open.',
  input: Type.Object({ invite: Type.Optional(Type.String({ maxLength: 256 })), ...accountInput }, strict),
  output: SessionOpened,
})

export const accountsLogin = defineRequest({
  name: 'accounts.login',
  method: 'POST',
  path: '/api/login',
  who: 'anyone',
  door: 'http',
  summary: 'Opens a session: a cookie, or a token with `X-Hubbub-Client: token`.',
  input: Type.Object(
    {
      username: Type.String({ maxLength: 1024 }),
      password: Type.String({ maxLength: 1024 }),
      device: Type.Optional(Type.String({ maxLength: 256 })),
    },
    strict,
  ),
  output: Type.Object({ user: User, token: Type.Optional(Type.String()) }, strict),
})

export const accountsLogout = defineRequest({
  name: 'accounts.logout',
  method: 'POST',
  path: '/api/logout',
  who: 'session',
  summary: 'Ends this session and closes its sockets.',
  input: Nothing,
  output: undefined,
})

export const meGet = defineRequest({
  name: 'me.get',
  method: 'GET',
  path: '/api/me',
  who: 'session',
  summary: 'Who I am; for cookie sessions the value of `X-Csrf-Token` too.',
  input: Nothing,
  output: Type.Object(
    {
      user: User,
      csrfToken: Type.Optional(Type.String()),
      settings: Type.Record(Type.String(), Type.Unknown()),
    },
    strict,
  ),
})
