import type { ProcessHealth } from '../db/cluster-link.ts'

/** How a process is connected with the others of its hub, for the ops port. */
export interface ClusterState {
  readonly isBusOpen: boolean
  /** False until the bus has been open for the first time. */
  readonly hasBusOpened: boolean
  /** How often the bus was opened again. */
  readonly reconnects: number
  /** Other processes that were heard within the last seconds. */
  readonly peerCount: number
  /** How often something had to wait for what comes before it. */
  readonly holds: number
  /** Operations that wait now. */
  readonly heldNow: number
  /** How often memory was read again because something was missed. */
  readonly resyncs: number
  /** What the other processes say of themselves. */
  peerHealth(): ProcessHealth[]
  /** Returns what this process tells them. */
  ownHealth: (() => ProcessHealth) | undefined
  /** Called with the time that a turn took through the bus. */
  onLag: ((ms: number) => void) | undefined
}
