import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { EmptyObject, Registration, strict } from './values.ts'

export const HubMeta = Type.Object(
  {
    name: Type.String(),
    hubId: Type.String({
      description: 'base64url SHA-256 of the hub key: the hub is this key, wherever it runs',
    }),
    version: Type.String(),
    protocol: Type.Object({ min: Type.Integer(), max: Type.Integer() }, strict),
    registration: Registration,
    needsSetup: Type.Boolean({ description: 'nobody owns this hub yet' }),
    recoveryByQuestion: Type.Boolean({
      description: 'a forgotten password can be set anew by the security question',
    }),
    securityQuestions: Type.Array(Type.Object({ id: Type.String(), text: Type.String() }, strict)),
    insecure: Type.Optional(
      Type.Literal(true, {
        description: 'other computers are served without encryption too, as the owner wants it: say so',
      }),
    ),
  },
  { ...strict, $id: 'HubMeta' },
)
export type HubMeta = Static<typeof HubMeta>

export const hubMeta = defineRequest({
  name: 'hub.meta',
  method: 'GET',
  path: '/api/meta',
  access: 'anyone',
  summary: 'What a person needs to know before logging in.',
  input: EmptyObject,
  output: HubMeta,
})

/** What a person tells about themselves when an account is made. */
export const accountInput = {
  username: Type.String({ maxLength: 128 }),
  displayName: Type.Optional(Type.String({ maxLength: 256 })),
  password: Type.String({ maxLength: 1024 }),
  securityQuestion: Type.Optional(
    Type.String({ maxLength: 1024, description: 'an id from hub.meta, or a text of one’s own' }),
  ),
  securityAnswer: Type.Optional(Type.String({ maxLength: 1024 })),
  device: Type.Optional(
    Type.String({ maxLength: 256, description: 'how it stands in the list of sessions' }),
  ),
}

/** An admin has to let them in first: until then only me.get and accounts.logout answer. */
export const PendingApproval = Type.Optional(Type.Literal(true, { description: 'waits to be let in' }))

export const SessionOpened = Type.Object(
  {
    user: User,
    token: Type.Optional(
      Type.String({ description: 'only with `X-Hubbub-Client: token`; otherwise a cookie is set' }),
    ),
    recoveryKey: Type.String({ description: 'shown once' }),
    pending: PendingApproval,
  },
  strict,
)

export const hubSetup = defineRequest({
  name: 'hub.setup',
  method: 'POST',
  path: '/api/setup',
  access: 'anyone',
  transport: 'http',
  summary: 'Makes whoever holds the set-up code the owner. Works once.',
  input: Type.Object(
    {
      code: Type.String({ maxLength: 256 }),
      hubName: Type.String({ maxLength: 256 }),
      registration: Type.Optional(Registration),
      ...accountInput,
    },
    strict,
  ),
  output: SessionOpened,
})
