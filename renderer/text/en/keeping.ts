export const keepingText = {
  'keeping.pin': 'Pin',
  'keeping.unpin': 'Unpin',
  'keeping.save': 'Save for later',
  'keeping.unsave': 'Remove from saved',
  'keeping.unread': 'Mark unread from here',
  'keeping.pinned': 'Pinned',
  'keeping.isSaved': 'Saved',

  'pins.title': 'Pinned',
  'pins.show': 'Pinned in this chat',
  'pins.none': 'Nothing is pinned here yet. Pin what people look for again and again.',
  'pins.noneForMember': 'Nothing is pinned here yet. The owner and admins of the group pin messages.',
  'pins.offline': 'What is pinned here is shown when the hub is back.',
  'pins.by': 'Pinned by {name}',
  'pins.unpin': 'Unpin the message of {name}',

  'saved.title': 'Saved',
  'saved.open': 'Saved messages',
  'saved.none': 'You have saved no messages yet. Save one from its menu, and it waits here for you.',
  'saved.offline': 'What you saved is shown when the hub is back.',
  'saved.remove': 'Remove the message of {name}',
  'saved.older': 'Show older ones',
} as const
