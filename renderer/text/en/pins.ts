export const pinsText = {
  'pins.pin': 'Pin',
  'pins.unpin': 'Unpin',
  'pins.pinned': 'Pinned',
  'pins.unpinned': 'Unpinned',
  'pins.title': 'Pinned',
  'pins.show': 'Pinned in this chat',
  'pins.none': 'No pins yet. Pin what people keep looking for.',
  'pins.noneForMember': 'No pins yet. The owner and admins of the group can pin messages.',
  'pins.offline': 'Pins will load when the hub is back.',
  'pins.by': 'Pinned by {name}',
  'pins.unpinOf': 'Unpin {name}’s message',
} as const
