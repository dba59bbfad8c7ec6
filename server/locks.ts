/*
 * The names that operations lock. Each name represents the objects that rules check and then change.
 */

export const chatLock = (chatId: string): string => `chat:${chatId}`
export const userLock = (userId: string): string => `user:${userId}`
export const throttleLock = (key: string): string => `throttle:${key}`
/** The pair of a direct chat, in either order. */
export const directLock = (userIds: readonly [string, string]): string =>
  `direct:${[...userIds].sort().join(':')}`
