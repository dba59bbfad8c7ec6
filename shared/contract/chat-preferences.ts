import { Type } from './type.ts'
import { ChatSummary, NotificationLevel } from './chats.ts'
import { defineRequest } from './define.ts'
import { Id, MessageNumber, strict } from './values.ts'

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
