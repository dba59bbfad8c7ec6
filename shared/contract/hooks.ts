import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Cid, Id, limits, strict, Time } from './values.ts'

export const Hook = Type.Object(
  {
    id: Id,
    name: Type.String({ description: 'under which it posts' }),
    userId: Type.String({ description: 'the bot that posts' }),
    createdBy: Id,
    createdAt: Time,
    usedAt: Type.Optional(Time),
  },
  { ...strict, $id: 'Hook' },
)
export type Hook = Static<typeof Hook>

export const hooksList = defineRequest({
  name: 'hooks.list',
  method: 'GET',
  path: '/api/chats/:chatId/hooks',
  who: 'chat admin',
  tokens: 'never',
  summary: 'The webhooks of a group.',
  input: Type.Object({ chatId: Id }, strict),
  output: Type.Object({ hooks: Type.Array(Hook) }, strict),
})

export const hooksCreate = defineRequest({
  name: 'hooks.create',
  method: 'POST',
  path: '/api/chats/:chatId/hooks',
  who: 'chat admin',
  tokens: 'never',
  status: 201,
  summary: 'Makes an address to which a program can post text for the group, as a bot of this name.',
  input: Type.Object({ chatId: Id, name: Type.String({ maxLength: 4 * limits.displayName }) }, strict),
  output: Type.Object(
    { hook: Hook, url: Type.String({ description: 'shown once; its last part is stored hashed' }) },
    strict,
  ),
})

export const hooksRevoke = defineRequest({
  name: 'hooks.revoke',
  method: 'DELETE',
  path: '/api/chats/:chatId/hooks/:hookId',
  who: 'chat admin',
  tokens: 'never',
  summary: 'Ends a webhook. What it posted stays.',
  input: Type.Object({ chatId: Id, hookId: Id }, strict),
  output: undefined,
})

export const hooksPost = defineRequest({
  name: 'hooks.post',
  method: 'POST',
  path: '/api/hooks/:hookId/:secret',
  who: 'anyone',
  status: 201,
  summary:
    'Posts into the group of a webhook; whoever has the address may. About one a second. A repeat with the same `cid` answers the first result with 200.',
  input: Type.Object(
    {
      hookId: Type.String(),
      secret: Type.String(),
      text: Type.String({ description: '1 byte to 16 KiB of UTF-8, not blank' }),
      cid: Type.Optional(Cid),
    },
    strict,
  ),
  output: Type.Object({ messageId: Id, no: Type.Integer() }, strict),
})
