export const savedText = {
  'saved.save': 'Save for later',
  'saved.unsave': 'Remove from saved',
  'saved.isSaved': 'Saved',
  'saved.title': 'Saved',
  'saved.open': 'Saved messages',
  'saved.none': 'You have saved no messages yet. Save one from its menu, and it waits here for you.',
  'saved.offline': 'What you saved is shown when the hub is back.',
  'saved.remove': 'Remove the message of {name}',
  'saved.older': 'Show older ones',
} as const
