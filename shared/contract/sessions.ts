import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { maxMoveTicketLength } from '../move-ticket.ts'
import { User } from './users.ts'
import { Id, EmptyObject, strict, Time } from './values.ts'

export const Session = Type.Object(
  {
    id: Id,
    kind: Type.Union([Type.Literal('cookie'), Type.Literal('token')]),
    device: Type.String(),
    address: Type.String({ description: 'the network address it was opened from' }),
    createdAt: Time,
    usedAt: Time,
    current: Type.Boolean({ description: 'the session of this request' }),
  },
  { ...strict, $id: 'Session' },
)
export type Session = Static<typeof Session>

export const sessionsReauthenticate = defineRequest({
  name: 'sessions.reauthenticate',
  method: 'POST',
  path: '/api/me/sessions/reauthenticate',
  access: 'session',
  tokens: 'never',
  summary:
    'Re-authenticates the session with my password: sensitive requests are allowed for ten minutes. Without it they fail with `forbidden` and the field `confirm`.',
  input: Type.Object({ current: Type.String({ maxLength: 1024, description: 'my password' }) }, strict),
  output: undefined,
})

export const sessionsList = defineRequest({
  name: 'sessions.list',
  method: 'GET',
  path: '/api/me/sessions',
  access: 'session',
  tokens: 'never',
  summary: 'My sessions, most recently used first.',
  input: EmptyObject,
  output: Type.Object({ sessions: Type.Array(Session) }, strict),
})

export const sessionsEnd = defineRequest({
  name: 'sessions.end',
  method: 'DELETE',
  path: '/api/me/sessions/:sessionId',
  access: 'session',
  tokens: 'never',
  summary: 'Ends one of my sessions and closes its sockets.',
  input: Type.Object({ sessionId: Id }, strict),
  output: undefined,
})

export const sessionsEndOthers = defineRequest({
  name: 'sessions.endOthers',
  method: 'POST',
  path: '/api/me/sessions/end-others',
  access: 'session',
  tokens: 'never',
  summary: 'Ends all my sessions except this one.',
  input: EmptyObject,
  output: undefined,
})

const Ticket = Type.Object(
  {
    ticket: Type.String({
      maxLength: maxMoveTicketLength,
      description: 'the `value` that the former hub has given with `moved`',
    }),
  },
  strict,
)

export const sessionsReadTicket = defineRequest({
  name: 'sessions.readTicket',
  method: 'POST',
  path: '/api/tickets/read',
  access: 'anyone',
  summary:
    'Returns the user of a ticket, so that a page can ask before it uses the ticket. A ticket that was used, is older than ten minutes, is for another computer, or whose session has ended is `not_found`.',
  input: Ticket,
  output: Type.Object({ user: User }, strict),
})

export const sessionsUseTicket = defineRequest({
  name: 'sessions.useTicket',
  method: 'POST',
  path: '/api/tickets/use',
  access: 'anyone',
  transport: 'http',
  summary:
    'For browsers, after the hub has moved: sets the cookie of the session that the browser has at the former address, and returns the key of what its page has brought along. A ticket counts once.',
  input: Ticket,
  output: Type.Object(
    {
      user: User,
      key: Type.String(),
      remember: Type.Boolean({ description: 'false: the session ends with the browser' }),
    },
    strict,
  ),
})
