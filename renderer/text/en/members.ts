export const membersText = {
  'members.title': 'Members',
} as const
