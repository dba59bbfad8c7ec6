import type { Receipt } from './receipt.ts'

export interface LiveOptions {
  clock: () => number
  /** Reads the head of every stream the user may read, for a connection that has fallen behind. */
  readHeads: (userId: string) => Promise<Record<string, number>>
  /** Stores gathered read receipts. Returns what is stored now, of those whose users are members of the chat. */
  storeRead: (receipts: Receipt[]) => Promise<Receipt[]>
  storeDelivered: (deliveries: Receipt[]) => Promise<Receipt[]>
  saveLastSeen: (seen: Map<string, number>) => void
  /**
   * Renews the sessions that have an open socket: an open socket counts as use of its session and does not outlive
   * it.
   */
  renewSessions: (sessionIds: string[]) => void
  /** Called once the hub has an owner. */
  onOwned: () => void
  onClockConfirmed: () => void
  /** Charges the user for time that a large response took. */
  chargeUser: (userId: string, ms: number) => void
  onError: (error: unknown) => void
}
