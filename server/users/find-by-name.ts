import { nameRanker, topRanked } from '../../shared/text/name-search.ts'

/*
 * Finds users by a part of their name in the way the page does, without regard to accents and spelling. SQL cannot fold a
 * name so, and the keys in the rows decide which names are the same: so the hub reads the names, some ten bytes per user.
 */

export const nameColumns = ['user.id', 'user.username', 'user.displayName'] as const

export function isEmptyNameQuery(query: string | undefined): query is undefined | '' {
  return query === undefined || query.trim() === ''
}

/** Returns the ids of the users whose names fit, in the order of the rows. */
export function idsByName(
  rows: readonly { id: string; username: string; displayName: string }[],
  query: string,
): string[] {
  const rank = nameRanker(query)
  return rows.filter(({ username, displayName }) => rank(username, displayName) > 0).map(({ id }) => id)
}

/** The closest first, otherwise in the order of the rows. */
export function rankedIdsByName(
  rows: readonly { id: string; username: string; displayName: string }[],
  query: string,
): string[] {
  const rank = nameRanker(query)
  return topRanked(rows, ({ username, displayName }) => rank(username, displayName)).map(({ id }) => id)
}
