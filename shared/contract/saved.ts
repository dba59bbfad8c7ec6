import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, threadNo } from './messages.ts'
import { Id, Limit, limits, EmptyObject, strict, Time, TimeInput } from './values.ts'

const MessageIdInput = Type.Object({ messageId: Id }, strict)

export const SavedMessage = Type.Object({ message: Message, threadNo, at: Time }, { ...strict, $id: 'Saved' })
export type SavedMessage = Static<typeof SavedMessage>

export const savedList = defineRequest({
  name: 'saved.list',
  method: 'GET',
  path: '/api/me/saved',
  access: 'session',
  summary: 'My saved messages, latest first. Pass `next` as `before` for the next page.',
  input: Type.Object({ before: Type.Optional(TimeInput), limit: Type.Optional(Limit) }, strict),
  output: Type.Object({ saved: Type.Array(SavedMessage), next: Type.Optional(Time) }, strict),
})

export const savedIds = defineRequest({
  name: 'saved.ids',
  method: 'GET',
  path: '/api/me/saved/ids',
  access: 'session',
  summary: `Ids of my saved messages; at most ${limits.saved}.`,
  input: EmptyObject,
  output: Type.Object({ ids: Type.Array(Id) }, strict),
})

export const savedAdd = defineRequest({
  name: 'saved.add',
  method: 'PUT',
  path: '/api/messages/:messageId/saved',
  access: 'member',
  summary: 'Saves a message; other users cannot see this. A retry changes nothing.',
  input: MessageIdInput,
  output: undefined,
})

export const savedRemove = defineRequest({
  name: 'saved.remove',
  method: 'DELETE',
  path: '/api/messages/:messageId/saved',
  access: 'session',
  summary: 'Removes a saved message, even if I can no longer see it. A retry changes nothing.',
  input: MessageIdInput,
  output: undefined,
})
