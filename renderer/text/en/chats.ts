export const chatsText = {
  'chats.x': '',
} as const
