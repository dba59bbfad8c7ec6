import { Type, type Static } from './type.ts'
import { ChatSummary, NotificationLevel } from './chats.ts'
import { defineRequest } from './define.ts'
import { Message, Tombstone } from './messages.ts'
import { Id, Limit, limits, MessageNumber, EmptyObject, strict, Time } from './values.ts'

/** What a person keeps for themselves and for a chat: how a chat stands in their list, what was pinned, what they saved. */
const ChatIdInput = Type.Object({ chatId: Id }, strict)
const MessageIdInput = Type.Object({ messageId: Id }, strict)

export const chatsUpdatePreferences = defineRequest({
  name: 'chats.updatePreferences',
  method: 'PATCH',
  path: '/api/chats/:chatId/preferences',
  access: 'member',
  summary:
    'How a chat stands in my list, for me only: muted, what tells me of it (`notify`), put archivedForMe until something is said in it (a muted one stays there), unread from a message on (`unreadFrom`; 0: no longer). `readNo` stays where it is.',
  input: Type.Object(
    {
      chatId: Id,
      muted: Type.Optional(Type.Boolean()),
      notify: Type.Optional(NotificationLevel),
      archivedForMe: Type.Optional(Type.Boolean()),
      unreadFrom: Type.Optional(MessageNumber),
    },
    strict,
  ),
  output: Type.Object({ chat: ChatSummary }, strict),
})

const threadNo = Type.Optional(
  Type.Integer({ description: 'of a reply in a thread: the `no` of the message that it hangs on' }),
)

export const Pin = Type.Object({ message: Message, threadNo, by: Id, at: Time }, { ...strict, $id: 'Pin' })
export type Pin = Static<typeof Pin>

export const pinsList = defineRequest({
  name: 'pins.list',
  method: 'GET',
  path: '/api/chats/:chatId/pins',
  access: 'member',
  summary: `What is pinned in a chat, the latest pin first; ${limits.pins} at most.`,
  input: ChatIdInput,
  output: Type.Object({ pins: Type.Array(Pin) }, strict),
})

const PinOutput = Type.Object({ message: Type.Union([Message, Tombstone]) }, strict)

export const pinsAdd = defineRequest({
  name: 'pins.add',
  method: 'PUT',
  path: '/api/messages/:messageId/pin',
  access: 'chat admin',
  summary:
    'Pins a message for everybody in the chat: in a direct chat both, in a group its owner and admins. A repeat changes nothing.',
  input: MessageIdInput,
  output: PinOutput,
})

export const pinsRemove = defineRequest({
  name: 'pins.remove',
  method: 'DELETE',
  path: '/api/messages/:messageId/pin',
  access: 'chat admin',
  summary: 'Takes a pin away. A repeat changes nothing.',
  input: MessageIdInput,
  output: PinOutput,
})

export const SavedMessage = Type.Object({ message: Message, threadNo, at: Time }, { ...strict, $id: 'Saved' })
export type SavedMessage = Static<typeof SavedMessage>

export const savedList = defineRequest({
  name: 'saved.list',
  method: 'GET',
  path: '/api/me/saved',
  access: 'session',
  summary: 'Messages I saved for myself, the latest first. The next page is asked for with `before`: `next`.',
  input: Type.Object({ before: Type.Optional(Time), limit: Type.Optional(Limit) }, strict),
  output: Type.Object({ saved: Type.Array(SavedMessage), next: Type.Optional(Time) }, strict),
})

export const savedIds = defineRequest({
  name: 'saved.ids',
  method: 'GET',
  path: '/api/me/saved/ids',
  access: 'session',
  summary: `Ids of what I saved; ${limits.saved} at most.`,
  input: EmptyObject,
  output: Type.Object({ ids: Type.Array(Id) }, strict),
})

export const savedAdd = defineRequest({
  name: 'saved.add',
  method: 'PUT',
  path: '/api/messages/:messageId/saved',
  access: 'member',
  summary: 'Saves a message for me; nobody else sees that. A repeat changes nothing.',
  input: MessageIdInput,
  output: undefined,
})

export const savedRemove = defineRequest({
  name: 'saved.remove',
  method: 'DELETE',
  path: '/api/messages/:messageId/saved',
  access: 'session',
  summary: 'No longer saved, also when I do not see the message any more. A repeat changes nothing.',
  input: MessageIdInput,
  output: undefined,
})
