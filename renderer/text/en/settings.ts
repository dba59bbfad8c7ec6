export const settingsText = {
  'settings.title': 'Settings',
  'settings.open': 'Settings…',
  'settings.close': 'Close settings',
  'settings.profile': 'Profile',
  'settings.appearance': 'Appearance',
  'settings.notifications': 'Notifications',
  'settings.security': 'Security',
  'settings.sessions': 'Sessions',
  'settings.tokens': 'Tokens',

  'notifications.mark': 'While something is unread, this window shows',
  'notifications.count': 'A number and a dot',
  'notifications.countHint': 'How many messages are unread, in the title; a dot on the icon.',
  'notifications.dot': 'A dot only',
  'notifications.dotHint': 'On the icon, without a number.',
  'notifications.none': 'Nothing',
  'notifications.noneHint': 'You look when you want to; the list of chats still tells what is new.',
  'notifications.now':
    'Hubbub makes no sound and opens no notes yet: this mark is how the window tells you. Muted chats are not counted.',
} as const
