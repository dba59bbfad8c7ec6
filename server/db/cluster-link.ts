import type { Fact } from '../facts.ts'
import type { Db } from './schema.ts'
import type { Presence } from '../../shared/contract/values.ts'

/** What a process tells the others of the same hub. */
export type Notice =
  /** The facts of an operation that was committed, or hints. */
  | { t: 'facts'; facts: readonly Fact[] }
  /** Whose connections this process has, and how active they are; `offline` for those who have left it. */
  | { t: 'present'; users: Readonly<Record<string, Presence | 'offline'>>; isAll: boolean }
  /** The process has just come: the others say who is present with them. */
  | { t: 'hello' }
  /** Notices may have been lost. */
  | { t: 'lost' }
  | { t: 'bye' }

/** The notices of one turn of the loop, in their order. None: the process lives. */
export interface Turn {
  from: string
  notices: readonly Notice[]
}

export interface BusEvents {
  onTurn: (turn: Turn) => void
  /** Turns of others may have been missed; now they arrive again. */
  onMissed: () => void
}

/**
 * Carries turns between the processes of a hub: those of one process in their order, and each once. It may lose some when
 * it is cut, and says so. It never fails a write.
 */
export interface Bus {
  open(events: BusEvents): Promise<void>
  publish(turn: Turn): void
  close(): Promise<void>
}

/** What a database gives to a hub of several processes. */
export interface ClusterLink {
  readonly processName: string
  readonly bus: Bus
  /** Returns the heads of those streams whose head is beyond this position. */
  findAhead(db: Db, positions: ReadonlyMap<string, number>): Promise<Map<string, number>>
  /** True in the one process that runs the periodic jobs of the hub. */
  isLeader(): boolean
}
