export type PresenceState = 'active' | 'idle' | 'offline'

/** Who is here. Leases: nothing of it is kept. */
export interface Presences {
  /** Watched. */
  of(userId: string): PresenceState
  /** When they were last here, milliseconds since 1970, as far as it is known. Watched. */
  lastSeen(userId: string): number | undefined
  /** Asks the hub for presence and last seen of one person, for their card. */
  ask(userId: string): Promise<void>
}
