export const hubMenuText = {
  'rail.add': 'Add a hub',
  'rail.hosting': 'Hosting…',
  'rail.remove': 'Remove {name}…',
} as const
