/** What a process keeps in memory of the database, from one snapshot. */
export interface Memory {
  /** Of all streams. */
  heads: Map<string, number>
  members: { chatId: string; userId: string }[]
  hidesLastSeen: Map<string, boolean>
  /** Those of the sessions and tokens with an open socket that have ended. */
  endedSessionIds: readonly string[]
}
