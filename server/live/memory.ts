/** What a process keeps in memory of the database, from one snapshot. */
export interface Memory {
  /** Of all streams. */
  heads: Map<string, number>
  members: { chatId: string; userId: string }[]
  hidesLastSeen: Map<string, boolean>
  /** Those sessions with an open socket that still exist. */
  sessionIds: Set<string>
}
