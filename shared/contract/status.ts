import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { EmptyObject, limits, strict } from './values.ts'

export const statusSet = defineRequest({
  name: 'status.set',
  method: 'PUT',
  path: '/api/me/status',
  access: 'session',
  summary:
    'Sets my status: a text, an emoji, or both, perhaps with an end. It replaces the earlier status. A retry changes nothing.',
  input: Type.Object(
    {
      text: Type.Optional(
        Type.String({
          maxLength: 4 * limits.statusText,
          description: `one line of up to ${limits.statusText} characters`,
        }),
      ),
      emoji: Type.Optional(
        Type.String({ maxLength: 64, description: 'a single emoji of any number of code points' }),
      ),
      until: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 8_640_000_000_000_000,
          description: 'the end, milliseconds since 1970, in the future; without it the status stays',
        }),
      ),
    },
    strict,
  ),
  output: Type.Object({ user: User }, strict),
})

export const statusClear = defineRequest({
  name: 'status.clear',
  method: 'DELETE',
  path: '/api/me/status',
  access: 'session',
  summary: 'Removes my status. A retry changes nothing.',
  input: EmptyObject,
  output: Type.Object({ user: User }, strict),
})
