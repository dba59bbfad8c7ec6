import { type Have, type Want, wantNames } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'

const maxIdLength = 64

/** Ignores what is no want: a later program may know more. */
export function parseWants(wants: unknown): ReadonlySet<Want> {
  return new Set(Array.isArray(wants) ? wantNames.filter((name) => wants.includes(name)) : [])
}

/** Returns undefined for what is no list of ids, or too many. */
export function parseWatched(users: unknown): string[] | undefined {
  if (!Array.isArray(users) || users.length > limits.watchedUsers) return undefined
  const isId = (one: unknown): one is string => typeof one === 'string' && one.length <= maxIdLength
  return users.every(isId) ? [...new Set(users)] : undefined
}

/** Returns undefined for anything but what the contract says: the client then gets everything. */
export function parseHave(have: unknown): Have | undefined {
  if (typeof have !== 'object' || have === null) return undefined
  const { hub, chats } = have as Partial<Record<string, unknown>>
  if (typeof chats !== 'object' || chats === null) return undefined
  if (!Object.values(chats).every((digest) => typeof digest === 'string')) return undefined
  return {
    chats: chats as Record<string, string>,
    ...(Number.isSafeInteger(hub) ? { hub: hub as number } : {}),
  }
}
