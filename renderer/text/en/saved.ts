export const savedText = {
  'saved.save': 'Save for later',
  'saved.unsave': 'Remove from saved',
  'saved.isSaved': 'Saved',
  'saved.removed': 'Removed from saved',
  'saved.title': 'Saved',
  'saved.open': 'Saved messages',
  'saved.none': 'Nothing saved yet. Save a message from its menu to find it here.',
  'saved.offline': 'Saved messages will load when the hub is back.',
  'saved.remove': 'Remove {name}’s message from saved',
  'saved.older': 'Show older',
} as const
