import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Id, EmptyObject, strict, Time } from './values.ts'

export const Session = Type.Object(
  {
    id: Id,
    kind: Type.Union([Type.Literal('cookie'), Type.Literal('token')]),
    device: Type.String(),
    address: Type.String({ description: 'the network address it was opened from' }),
    createdAt: Time,
    usedAt: Time,
    current: Type.Boolean({ description: 'the one that asks' }),
  },
  { ...strict, $id: 'Session' },
)
export type Session = Static<typeof Session>

export const sessionsConfirm = defineRequest({
  name: 'sessions.reauthenticate',
  method: 'POST',
  path: '/api/me/sessions/reauthenticate',
  access: 'session',
  tokens: 'never',
  summary:
    'My password once more: for ten minutes this session may do what an open window alone is not enough for (refused as `forbidden` with the field `confirm`).',
  input: Type.Object({ current: Type.String({ maxLength: 1024, description: 'my password' }) }, strict),
  output: undefined,
})

export const sessionsList = defineRequest({
  name: 'sessions.list',
  method: 'GET',
  path: '/api/me/sessions',
  access: 'session',
  tokens: 'never',
  summary: 'Where I am logged in, the one used last first.',
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
  summary: 'Ends all of my sessions but this one.',
  input: EmptyObject,
  output: undefined,
})
