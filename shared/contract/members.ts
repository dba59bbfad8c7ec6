import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { Member } from './chats.ts'
import { ChatRole, Id, Limit, limits, strict } from './values.ts'

export const membersList = defineRequest({
  name: 'members.list',
  method: 'GET',
  path: '/api/chats/:chatId/members',
  access: 'member',
  summary: `Members of a chat: the owner, admins, then the others, by name. With \`query\`, a part of a name, those who fit, the closest first. At most ${limits.page.users} in a page; \`after\` is the last id of the previous one.`,
  input: Type.Object(
    {
      chatId: Id,
      query: Type.Optional(Type.String({ maxLength: 100 })),
      after: Type.Optional(Id),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object({ members: Type.Array(Member), more: Type.Boolean() }, strict),
})

export const membersAdd = defineRequest({
  name: 'members.add',
  method: 'POST',
  path: '/api/chats/:chatId/members',
  access: 'member',
  summary: 'Adds a user to a group. Members can do this if `adding` of the group is `all`.',
  input: Type.Object({ chatId: Id, userId: Id }, strict),
  output: undefined,
})

export const membersUpdate = defineRequest({
  name: 'members.update',
  method: 'PATCH',
  path: '/api/chats/:chatId/members/:userId',
  access: 'chat admin',
  summary:
    'Changes the role of a member. Only the owner can transfer ownership; the previous owner becomes an admin.',
  input: Type.Object({ chatId: Id, userId: Id, role: ChatRole }, strict),
  output: undefined,
})

export const membersRemove = defineRequest({
  name: 'members.remove',
  method: 'DELETE',
  path: '/api/chats/:chatId/members/:userId',
  access: 'chat admin',
  summary: 'Removes a member from a group. The owner cannot be removed.',
  input: Type.Object({ chatId: Id, userId: Id }, strict),
  output: undefined,
})
