import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Id, limits, EmptyObject, strict, Time } from './values.ts'

/** `read`: requests that change nothing. `write`: all requests of the user, except those with `tokens: 'never'`. */
export const TokenScope = Type.Union([Type.Literal('read'), Type.Literal('write')])
export type TokenScope = Static<typeof TokenScope>

/** Prefix of every personal token, so that secret scanners find a token that leaked into a text or a repository. */
export const tokenPrefix = 'hbt_'

export const Token = Type.Object(
  {
    id: Id,
    name: Type.String(),
    scope: TokenScope,
    createdAt: Time,
    usedAt: Type.Optional(Time),
    expiresAt: Type.Optional(Time),
  },
  { ...strict, $id: 'Token' },
)
export type Token = Static<typeof Token>

export const tokensList = defineRequest({
  name: 'tokens.list',
  method: 'GET',
  path: '/api/me/tokens',
  access: 'session',
  tokens: 'never',
  summary: 'My personal tokens, latest first.',
  input: EmptyObject,
  output: Type.Object({ tokens: Type.Array(Token) }, strict),
})

export const tokensCreate = defineRequest({
  name: 'tokens.create',
  method: 'POST',
  path: '/api/me/tokens',
  access: 'session',
  tokens: 'never',
  status: 201,
  summary: 'Creates a token with which a program acts as me. Send it as `Authorization: Bearer`.',
  input: Type.Object(
    {
      name: Type.String({ maxLength: 4 * limits.tokenName }),
      scope: TokenScope,
      days: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 3650,
          description: 'validity in days; without it the token never expires',
        }),
      ),
    },
    strict,
  ),
  output: Type.Object(
    {
      ...Token.properties,
      token: Type.String({ description: `begins with ${tokenPrefix}; shown once, stored hashed` }),
    },
    strict,
  ),
})

export const tokensRevoke = defineRequest({
  name: 'tokens.revoke',
  method: 'DELETE',
  path: '/api/me/tokens/:tokenId',
  access: 'session',
  tokens: 'never',
  summary: 'Revokes a token and closes its sockets.',
  input: Type.Object({ tokenId: Id }, strict),
  output: undefined,
})
