/** The users who read one of these streams. */
export function usersOfStreams(
  streams: ReadonlySet<string>,
  members: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> | 'all' {
  if (streams.has('hub')) return 'all'
  const users = new Set<string>()
  for (const stream of streams) {
    const id = stream.slice(stream.indexOf(':') + 1)
    for (const userId of stream.startsWith('user:') ? [id] : (members.get(id) ?? [])) users.add(userId)
  }
  return users
}

/** The streams that users with a connection to this process read. */
export function streamsInUse(
  members: ReadonlyMap<string, ReadonlySet<string>>,
  connections: ReadonlyMap<string, unknown>,
): string[] {
  const isUsed = (userIds: ReadonlySet<string>): boolean => [...userIds].some((id) => connections.has(id))
  const chats = [...members].filter(([, userIds]) => isUsed(userIds))
  return ['hub', ...[...connections.keys()].map((id) => `user:${id}`), ...chats.map(([id]) => `chat:${id}`)]
}
