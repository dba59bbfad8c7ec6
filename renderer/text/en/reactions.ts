export const reactionsText = {
  'reactions.title': 'Reactions',
  'reactions.choose': 'Choose a reaction',
  'reactions.all': 'All emoji',
  'reactions.by': '{emoji} {count}, by {who}',
  'reactions.you': 'you',
  'reactions.someone': 'someone',
  'reactions.others': { one: '{count} other', other: '{count} others' },
  'reactions.added': 'Reacted with {emoji}',
  'reactions.removed': 'Removed {emoji}',
} as const
