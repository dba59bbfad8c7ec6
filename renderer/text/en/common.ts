export const commonText = {
  'app.name': 'Hubbub',
  'app.titleUnread': '({count}) {title}',

  'common.cancel': 'Cancel',
  'common.close': 'Close',
  'common.back': 'Back',
  'common.save': 'Save',
  'common.done': 'Done',
  'common.retry': 'Try again',
  'common.copy': 'Copy',
  'common.copied': 'Copied',
  'common.loading': 'Loading',
  'common.more': 'More',
  'common.optional': 'optional',

  'field.show': 'Show password',
  'field.hide': 'Hide password',

  'error.offline':
    'Can’t reach the hub. Check that it is running and that you’re on its network, then try again.',
  'error.slow': 'The hub has not responded yet. You can close this; it may still be done.',
  'error.unexpected': 'Something went wrong. Try again. If it keeps happening, reload the page.',

  'presence.active': 'Active now',
  'presence.idle': 'Idle',
  'presence.offline': 'Offline',
  'presence.lastSeen': 'Last seen {ago}',

  'time.justNow': 'just now',
  'time.aboutMinutes': { one: 'about a minute ago', other: 'about {count} minutes ago' },
  'time.aboutHours': { one: 'about an hour ago', other: 'about {count} hours ago' },
  'time.daysAgo': { one: 'yesterday', other: '{count} days ago' },
  'time.onDay': 'on {day}',
  'time.today': 'Today',
  'time.yesterdayTitle': 'Yesterday',
} as const
