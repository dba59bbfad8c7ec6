/** Names of values that must never be in a log of the hub or the desktop, because a user may send it to get help. */
export const secretNames = [
  ...['authorization', 'cookie', 'token', 'secret', 'password'],
  ...['code', 'setupCode', 'invite', 'recoveryKey', 'answer'],
] as const
