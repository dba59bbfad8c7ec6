import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { accountInput, PendingApproval, SessionOpened } from './hub.ts'
import { Settings } from './profile.ts'
import { User } from './users.ts'
import { EmptyObject, strict, Time } from './values.ts'

export const accountsRegister = defineRequest({
  name: 'accounts.register',
  method: 'POST',
  path: '/api/register',
  access: 'anyone',
  transport: 'http',
  status: 201,
  summary:
    'Creates an account and opens a session. `registration` of hub.meta decides: `invite` requires an invite, `open` does not. With `approval`, an account without an invite is `pending` until an admin accepts it. `closed` refuses every registration.',
  input: Type.Object({ invite: Type.Optional(Type.String({ maxLength: 256 })), ...accountInput }, strict),
  output: SessionOpened,
})

export const accountsCheckInvite = defineRequest({
  name: 'accounts.checkInvite',
  method: 'POST',
  path: '/api/register/check-invite',
  access: 'anyone',
  summary:
    'Succeeds if accounts.register accepts this invite now, and takes no use of it. An invite that does not exist gets the same error as one that is used up, revoked or expired.',
  input: Type.Object({ invite: Type.String({ maxLength: 256 }) }, strict),
  output: undefined,
})

export const accountsLogin = defineRequest({
  name: 'accounts.login',
  method: 'POST',
  path: '/api/login',
  access: 'anyone',
  transport: 'http',
  summary: 'Opens a session: a cookie, or a token with `X-Hubbub-Client: token`.',
  input: Type.Object(
    {
      username: Type.String({ maxLength: 1024 }),
      password: Type.String({ maxLength: 1024 }),
      device: accountInput.device,
      remember: Type.Optional(
        Type.Boolean({
          description:
            'cookie sessions: false on a shared computer; the session then ends with the browser, after 12 hours unused or after 7 days; default true',
        }),
      ),
    },
    strict,
  ),
  output: Type.Object({ user: User, token: Type.Optional(Type.String()), pending: PendingApproval }, strict),
})

export const accountsLogout = defineRequest({
  name: 'accounts.logout',
  method: 'POST',
  path: '/api/logout',
  access: 'session',
  tokens: 'never',
  allowedWhilePending: true,
  summary: 'Ends this session and closes its sockets.',
  input: EmptyObject,
  output: undefined,
})

/** How an account was recovered. Shown to the user until me.dismissRecoveryNotice. */
export const Recovered = Type.Object(
  {
    way: Type.Union([
      Type.Literal('question'),
      Type.Literal('key'),
      Type.Literal('link'),
      Type.Literal('owner'),
    ]),
    at: Time,
    address: Type.String({ description: 'the network address it came from' }),
  },
  strict,
)
export type Recovered = Static<typeof Recovered>

export const meGet = defineRequest({
  name: 'me.get',
  method: 'GET',
  path: '/api/me',
  access: 'session',
  allowedWhilePending: true,
  summary: 'Returns my account and settings; for cookie sessions also the value of `X-Csrf-Token`.',
  input: EmptyObject,
  output: Type.Object(
    {
      user: User,
      csrfToken: Type.Optional(Type.String()),
      settings: Settings,
      securityQuestion: Type.Optional(Type.String({ description: 'text of my question' })),
      recovered: Type.Optional(Recovered),
      pending: PendingApproval,
    },
    strict,
  ),
})
