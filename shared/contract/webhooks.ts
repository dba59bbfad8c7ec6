import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Cid, Id, limits, strict, Time } from './values.ts'

export const Webhook = Type.Object(
  {
    id: Id,
    name: Type.String({ description: 'name under which it posts' }),
    userId: Type.String({ description: 'the bot that posts' }),
    createdBy: Id,
    createdAt: Time,
    usedAt: Type.Optional(Time),
  },
  { ...strict, $id: 'Webhook' },
)
export type Webhook = Static<typeof Webhook>

export const webhooksList = defineRequest({
  name: 'webhooks.list',
  method: 'GET',
  path: '/api/chats/:chatId/webhooks',
  access: 'chat admin',
  tokens: 'never',
  summary: 'The webhooks of a group.',
  input: Type.Object({ chatId: Id }, strict),
  output: Type.Object({ webhooks: Type.Array(Webhook) }, strict),
})

export const webhooksCreate = defineRequest({
  name: 'webhooks.create',
  method: 'POST',
  path: '/api/chats/:chatId/webhooks',
  access: 'chat admin',
  tokens: 'never',
  status: 201,
  summary: 'Creates an address to which a program can post messages for the group, as a bot with this name.',
  input: Type.Object({ chatId: Id, name: Type.String({ maxLength: 4 * limits.displayName }) }, strict),
  output: Type.Object(
    { webhook: Webhook, url: Type.String({ description: 'shown once; its last part is stored hashed' }) },
    strict,
  ),
})

export const webhooksRevoke = defineRequest({
  name: 'webhooks.revoke',
  method: 'DELETE',
  path: '/api/chats/:chatId/webhooks/:webhookId',
  access: 'chat admin',
  tokens: 'never',
  summary: 'Revokes a webhook. Its messages stay.',
  input: Type.Object({ chatId: Id, webhookId: Id }, strict),
  output: undefined,
})

export const webhooksPost = defineRequest({
  name: 'webhooks.post',
  method: 'POST',
  path: '/api/webhooks/:webhookId/:secret',
  access: 'anyone',
  status: 201,
  summary:
    'Posts into the group of a webhook. The secret in the address is the only authentication. Limited to about one post a second. A retry with the same `cid` returns the original result with 200.',
  input: Type.Object(
    {
      webhookId: Type.String(),
      secret: Type.String(),
      text: Type.String({ description: '1 byte to 16 KiB of UTF-8, not blank' }),
      cid: Type.Optional(Cid),
    },
    strict,
  ),
  output: Type.Object({ messageId: Id, no: Type.Integer() }, strict),
})
