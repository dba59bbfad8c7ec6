export const recentGroup = -1

export const foundGroup = -2

export const groups = [
  { id: recentGroup, face: '🕘', name: 'emoji.recent' },
  { id: 0, face: '😀', name: 'emoji.smileys' },
  { id: 1, face: '👋', name: 'emoji.people' },
  { id: 3, face: '🐻', name: 'emoji.nature' },
  { id: 4, face: '🍔', name: 'emoji.food' },
  { id: 5, face: '🚗', name: 'emoji.travel' },
  { id: 6, face: '⚽', name: 'emoji.activities' },
  { id: 7, face: '💡', name: 'emoji.objects' },
  { id: 8, face: '❤️', name: 'emoji.symbols' },
  { id: 9, face: '🏁', name: 'emoji.flags' },
] as const

export const tones = [
  { tone: 0, face: '✋', name: 'emoji.tone0' },
  { tone: 1, face: '✋🏻', name: 'emoji.tone1' },
  { tone: 2, face: '✋🏼', name: 'emoji.tone2' },
  { tone: 3, face: '✋🏽', name: 'emoji.tone3' },
  { tone: 4, face: '✋🏾', name: 'emoji.tone4' },
  { tone: 5, face: '✋🏿', name: 'emoji.tone5' },
] as const
