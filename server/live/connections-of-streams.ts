import type { Connection } from './connection.ts'

/** The connections of the users who read one of these streams, without that of the hub. */
export function connectionsOfStreams(
  streams: Iterable<string>,
  members: ReadonlyMap<string, ReadonlySet<string>>,
  connections: ReadonlyMap<string, ReadonlySet<Connection>>,
): Set<Connection> {
  const found = new Set<Connection>()
  for (const stream of streams) {
    const id = stream.slice(stream.indexOf(':') + 1)
    const users = stream.startsWith('user:') ? [id] : (members.get(id) ?? [])
    for (const userId of users) for (const one of connections.get(userId) ?? []) found.add(one)
  }
  return found
}
