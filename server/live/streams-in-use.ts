/** The streams that users with a connection to this process read. */
export function streamsInUse(
  members: ReadonlyMap<string, ReadonlySet<string>>,
  connections: ReadonlyMap<string, unknown>,
): string[] {
  const isUsed = (userIds: ReadonlySet<string>): boolean => [...userIds].some((id) => connections.has(id))
  const chats = [...members].filter(([, userIds]) => isUsed(userIds))
  return ['hub', ...[...connections.keys()].map((id) => `user:${id}`), ...chats.map(([id]) => `chat:${id}`)]
}
