/*
 * The names that operations lock. Each name represents the objects that rules check and then change.
 */

export const chatLock = (chatId: string): string => `chat:${chatId}`
export const userLock = (userId: string): string => `user:${userId}`
export const throttleLock = (key: string): string => `throttle:${key}`
/** Of the members of a chat without a name, in any order. */
export const unnamedChatKey = (userIds: readonly string[]): string => [...userIds].sort().join(':')
/** The pair of a direct chat. */
export const directLock = (userIds: readonly [string, string]): string => `direct:${unnamedChatKey(userIds)}`
