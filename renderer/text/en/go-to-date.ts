export const goToDateText = {
  'goToDate.title': 'Go to a date',
  'goToDate.previousMonth': 'Previous month',
  'goToDate.nextMonth': 'Next month',
  'goToDate.withMessages': '{day}, with messages',
  'goToDate.first': 'First message',
  'goToDate.firstUnread': 'First unread message',
  'goToDate.newest': 'Newest message',
  'goToDate.none': 'There are no messages in this chat yet.',
  'goToDate.noUnread': 'Nothing was unread here.',
  'goToDate.offline': 'Only messages stored on this device. The other days will load when the hub is back.',
} as const
