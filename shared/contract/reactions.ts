import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, Tombstone } from './messages.ts'
import { Id, strict } from './values.ts'

const input = Type.Object(
  {
    messageId: Id,
    emoji: Type.String({ minLength: 1, maxLength: 64, description: 'one emoji, however many code points' }),
  },
  strict,
)
const output = Type.Object({ message: Type.Union([Message, Tombstone]) }, strict)

export const reactionsAdd = defineRequest({
  name: 'reactions.add',
  method: 'PUT',
  path: '/api/messages/:messageId/reactions/:emoji',
  access: 'member',
  summary: 'Reacts with an emoji, of which a message has up to 20 different ones. A repeat changes nothing.',
  input,
  output,
})

export const reactionsRemove = defineRequest({
  name: 'reactions.remove',
  method: 'DELETE',
  path: '/api/messages/:messageId/reactions/:emoji',
  access: 'member',
  summary: 'Takes back a reaction of mine. A repeat changes nothing.',
  input,
  output,
})
