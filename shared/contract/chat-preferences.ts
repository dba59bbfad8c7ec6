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
    'Changes my preferences for a chat: `muted`; `notify`, the notification level; `archivedForMe`, until a new message arrives (a muted chat stays archived); `unreadFrom`, a message number from which the chat is unread (0 clears it). `readNo` does not change.',
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
