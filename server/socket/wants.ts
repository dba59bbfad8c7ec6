import { type Want, wantNames } from '../../shared/contract/live.ts'
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
