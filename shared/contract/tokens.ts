import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Id, limits, EmptyObject, strict, Time } from './values.ts'

/** What a token may do: `read` calls what changes nothing, `write` whatever its person may, but for a few requests. */
export const TokenScope = Type.Union([Type.Literal('read'), Type.Literal('write')])
export type TokenScope = Static<typeof TokenScope>

/** In front of every personal token, so that one that has leaked into a text or a repository is found by searching. */
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
  summary: 'My personal tokens, the latest first.',
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
  summary: 'Makes a token with which a program acts as me: send it as `Authorization: Bearer`.',
  input: Type.Object(
    {
      name: Type.String({ maxLength: 4 * limits.tokenName }),
      scope: TokenScope,
      days: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 3650, description: 'how long it works; for ever when left out' }),
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
  summary: 'Ends a token and closes its sockets.',
  input: Type.Object({ tokenId: Id }, strict),
  output: undefined,
})
