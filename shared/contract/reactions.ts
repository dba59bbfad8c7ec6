import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, Tombstone } from './messages.ts'
import { Id, strict } from './values.ts'

const input = Type.Object(
  {
    messageId: Id,
    emoji: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'a single emoji of any number of code points',
    }),
  },
  strict,
)
const output = Type.Object({ message: Type.Union([Message, Tombstone]) }, strict)

export const reactionsAdd = defineRequest({
  name: 'reactions.add',
  method: 'PUT',
  path: '/api/messages/:messageId/reactions/:emoji',
  access: 'member',
  summary: 'Adds my reaction. A message has at most 20 different emoji. A retry changes nothing.',
  input,
  output,
})

export const reactionsRemove = defineRequest({
  name: 'reactions.remove',
  method: 'DELETE',
  path: '/api/messages/:messageId/reactions/:emoji',
  access: 'member',
  summary: 'Removes my reaction. A retry changes nothing.',
  input,
  output,
})
