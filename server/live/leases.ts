import type { Lease } from '../db/cluster-link.ts'
import type { Connection } from './connection.ts'
import type { Presence } from './presence.ts'
import type { Zones } from './zones.ts'

/** What the connections of a user to this process say. */
export function leaseOf(
  userId: string,
  connections: Iterable<Connection>,
  { presence, zones }: { presence: Presence; zones: Zones },
): Lease {
  const all = [...connections]
  return {
    state: presence.localStateOf(userId),
    connections: all.length,
    sessions: sessionsOf(all),
    zone: zones.of(userId),
  }
}

export function sessionsOf(connections: Iterable<Connection>): string[] {
  return [...new Set([...connections].map(({ viewer }) => viewer.sessionId))]
}
