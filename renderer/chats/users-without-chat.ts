import type { User } from '../../shared/contract/users.ts'
import type { Hub } from '../state/hub.ts'

/** Users who fit a query and have no direct chat with this user yet. Watched. */
export function usersWithoutChat(hub: Hub, query: string, limit: number): User[] {
  if (query.trim() === '') return []
  return hub.users.search(query, limit, withoutChat(hub))
}

/** Returns a check for users with whom a direct chat can be opened that is not there yet. Watched. */
export function withoutChat(hub: Hub): (user: User) => boolean {
  const me = hub.session.me.value?.id
  const known = new Set(hub.chats.list.value.map(({ peer }) => peer))
  return ({ id, deactivated, bot }) => id !== me && !known.has(id) && !deactivated && !bot
}
