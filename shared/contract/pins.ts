import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, threadNo, Tombstone } from './messages.ts'
import { Id, limits, strict, Time } from './values.ts'

const MessageIdInput = Type.Object({ messageId: Id }, strict)

export const Pin = Type.Object({ message: Message, threadNo, by: Id, at: Time }, { ...strict, $id: 'Pin' })
export type Pin = Static<typeof Pin>

export const pinsList = defineRequest({
  name: 'pins.list',
  method: 'GET',
  path: '/api/chats/:chatId/pins',
  access: 'member',
  summary: `Pinned messages of a chat, latest pin first; at most ${limits.pins}.`,
  input: Type.Object({ chatId: Id }, strict),
  output: Type.Object({ pins: Type.Array(Pin) }, strict),
})

const PinOutput = Type.Object({ message: Type.Union([Message, Tombstone]) }, strict)

export const pinsAdd = defineRequest({
  name: 'pins.add',
  method: 'PUT',
  path: '/api/messages/:messageId/pin',
  access: 'chat admin',
  summary:
    'Pins a message for all members. In a direct chat both users can pin, in a group the owner and admins. A retry changes nothing.',
  input: MessageIdInput,
  output: PinOutput,
})

export const pinsRemove = defineRequest({
  name: 'pins.remove',
  method: 'DELETE',
  path: '/api/messages/:messageId/pin',
  access: 'chat admin',
  summary: 'Unpins a message. A retry changes nothing.',
  input: MessageIdInput,
  output: PinOutput,
})
