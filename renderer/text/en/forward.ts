export const forwardText = {
  'forward.title': 'Forward to',
  'forward.filter': 'Filter chats',
  'forward.none': 'No chats match.',
  'forward.done': 'Forwarded to {name}.',
  'forward.by': '{name} wrote:',
  'forward.from': 'From {name}',
} as const
