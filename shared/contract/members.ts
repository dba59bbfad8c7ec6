import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { ChatRole, Id, strict } from './values.ts'

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
