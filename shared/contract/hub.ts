import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { EmptyObject, limits, Posting, Registration, strict } from './values.ts'

export const HubMeta = Type.Object(
  {
    name: Type.String(),
    hubId: Type.String({
      description: 'base64url SHA-256 of the hub key; stays the same if the hub moves to another computer',
    }),
    version: Type.String(),
    protocol: Type.Object({ min: Type.Integer(), max: Type.Integer() }, strict),
    registration: Registration,
    needsSetup: Type.Boolean({ description: 'this hub has no owner yet' }),
    recoveryByQuestion: Type.Boolean({
      description: 'a forgotten password can be reset by security question',
    }),
    securityQuestions: Type.Array(Type.Object({ id: Type.String(), text: Type.String() }, strict)),
    insecure: Type.Optional(
      Type.Literal(true, {
        description:
          'the hub also serves other computers without encryption (`--allow-plain-http`); clients must say so',
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
  summary: 'Returns what a client needs before login.',
  input: EmptyObject,
  output: HubMeta,
})

/** Input for creating an account. */
export const accountInput = {
  username: Type.String({ maxLength: 128 }),
  displayName: Type.Optional(Type.String({ maxLength: 256 })),
  password: Type.String({ maxLength: 1024 }),
  securityQuestion: Type.Optional(
    Type.String({ maxLength: 1024, description: 'an id from hub.meta, or a custom text' }),
  ),
  securityAnswer: Type.Optional(Type.String({ maxLength: 1024 })),
  device: Type.Optional(Type.String({ maxLength: 256, description: 'name in the list of sessions' })),
}

/** The account waits for approval by an admin. Until then it can call only me.get and accounts.logout. */
export const PendingApproval = Type.Optional(Type.Literal(true, { description: 'waits for approval' }))

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
  summary: 'Creates the owner of the hub; requires the set-up code. Works once.',
  input: Type.Object(
    {
      code: Type.String({ maxLength: 256 }),
      hubName: Type.String({ maxLength: 256 }),
      registration: Type.Optional(Registration),
      teamGroup: Type.Optional(
        Type.String({
          maxLength: 4 * limits.groupName,
          description: 'name of the group for everyone; without it there is none',
        }),
      ),
      teamGroupPosting: Type.Optional(Posting),
      ...accountInput,
    },
    strict,
  ),
  output: SessionOpened,
})

export const hubCheckSetupCode = defineRequest({
  name: 'hub.checkSetupCode',
  method: 'POST',
  path: '/api/setup/check-code',
  access: 'anyone',
  summary: 'Succeeds if hub.setup accepts this code now. A wrong code counts as an attempt of hub.setup.',
  input: Type.Object({ code: Type.String({ maxLength: 256 }) }, strict),
  output: undefined,
})
