export const accountsText = {
  'accounts.x': '',
} as const
