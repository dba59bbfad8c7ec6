/** What a process keeps in memory of the database, from one snapshot. */
export interface Memory {
  /** Of all streams, or of those that moved. */
  heads: ReadonlyMap<string, number>
  /** The users whose memberships and settings it has; undefined: all. */
  userIds: ReadonlySet<string> | undefined
  members: { chatId: string; userId: string }[]
  /** Ids of users. */
  hidesLastSeen: ReadonlySet<string>
  /** Those of the sessions and tokens with an open socket that have ended. */
  endedSessionIds: readonly string[]
}
