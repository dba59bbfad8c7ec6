export const pinsText = {
  'pins.pin': 'Pin',
  'pins.unpin': 'Unpin',
  'pins.pinned': 'Pinned',
  'pins.title': 'Pinned',
  'pins.show': 'Pinned in this chat',
  'pins.none': 'Nothing is pinned here yet. Pin what people look for again and again.',
  'pins.noneForMember': 'Nothing is pinned here yet. The owner and admins of the group pin messages.',
  'pins.offline': 'What is pinned here is shown when the hub is back.',
  'pins.by': 'Pinned by {name}',
  'pins.unpinOf': 'Unpin the message of {name}',
} as const
