import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, Tombstone } from './messages.ts'
import { Id, strict } from './values.ts'

const messageOutput = Type.Object({ message: Type.Union([Message, Tombstone]) }, strict)

export const messagesEdit = defineRequest({
  name: 'messages.edit',
  method: 'PATCH',
  path: '/api/messages/:messageId',
  access: 'member',
  summary:
    'Changes the text of a message of mine, within 24 hours. With the `rev` it was read at, an edit that overlooked another one is a `conflict`; the same text again changes nothing.',
  input: Type.Object(
    {
      messageId: Id,
      text: Type.String({ description: '1 byte to 16 KiB of UTF-8, not blank' }),
      rev: Type.Optional(Type.Integer({ minimum: 1, description: 'what the edit is based on' })),
    },
    strict,
  ),
  output: messageOutput,
})

export const messagesDelete = defineRequest({
  name: 'messages.delete',
  method: 'DELETE',
  path: '/api/messages/:messageId',
  access: 'member',
  summary:
    'Deletes a message for everyone (its author, whoever runs the group, an admin of the hub in a public group), or for me only. Either can be undone for ten seconds.',
  input: Type.Object(
    { messageId: Id, for: Type.Union([Type.Literal('everyone'), Type.Literal('me')]) },
    strict,
  ),
  output: undefined,
})

export const messagesUndelete = defineRequest({
  name: 'messages.undelete',
  method: 'POST',
  path: '/api/messages/:messageId/undelete',
  access: 'member',
  summary:
    'Takes back what I deleted within the last ten seconds. After that there is nothing left to bring back.',
  input: Type.Object({ messageId: Id }, strict),
  output: messageOutput,
})
