import type { Term } from '../../shared/term.ts'
import type { Position } from './position.ts'
import type { StateRecord } from './state-file.ts'

/*
 * The words of the rules: what a computer knows, what can happen to it, and what it does then. No part of it has a
 * clock, a disk or a socket, so test/simulation/ drives the same code as the runtime.
 *
 * A session is one connection. What belongs to another session than the current one is ignored.
 */

/** Decides between a hub and a standby that have lost each other: `hub`, `standby`, or the id of a third computer. */
export type Tie = string

/** What the hub knows of its standby, in this session. */
export interface Peer {
  readonly node: string
  readonly session: string
  /** The end of the standby's journal. */
  readonly durable: Position
  /** Acknowledgements wait for it. */
  readonly inStep: boolean
  /** False while a copy is outstanding, and after the standby said that it leaves. */
  readonly mayBeInStep: boolean
}

/** A frame that was shipped and is not committed yet. */
export interface Pending {
  readonly position: Position
  readonly tie?: Tie | undefined
  readonly isGranted: boolean
  /** The batch was rolled back. The standby was asked to drop the frame. */
  readonly isDropping: boolean
}

/** The memory of a hub, or of a computer that has sealed its term. */
export interface HubMemory {
  /** Closed while the hub asks its other computers for a higher term (R9). */
  readonly isLooking: boolean
  readonly committed: Position
  /** The right to decide, as committed. */
  readonly tie: Tie
  readonly pending?: Pending | undefined
  readonly peer?: Peer | undefined
  /** The session with the third computer. */
  readonly voter?: string | undefined
  /** Number of the question to the third computer that has no answer yet. */
  readonly asking?: number | undefined
  /** The owner does not want to wait for the standby: a hub that is alone stays so, though the standby follows. */
  readonly isAsync?: boolean | undefined
  /** The computer that the hub is to be handed to, once the batch has settled. */
  readonly handover?: string | undefined
}

/** The memory of a standby. A restart empties it. */
export interface StandbyMemory {
  /** The session with the hub; kept when the connection has ended, until the next one. */
  readonly session?: string | undefined
  readonly isConnected: boolean
  /** The standby was in step in this session, so it may take over by vote (R4). */
  readonly isEligible: boolean
  readonly tie?: Tie | undefined
  /** A change of the right to decide that is journalled and not known to be committed (R3). */
  readonly nextTie?: { readonly position: Position; readonly tie: Tie } | undefined
  /** The end of the journal. */
  readonly journal: Position
  readonly applied: Position
  readonly voter?: string | undefined
  /** Number of the last message to the third computer in its session. */
  readonly voterCount: number
  /** The nonce of a candidacy that has no answer yet. */
  readonly candidate?: string | undefined
}

/** A computer that holds the data of the team. Exactly one of `hub` and `standby` is there. */
export interface DataNode {
  /** What is on its disk. */
  readonly disk: StateRecord
  readonly hub?: HubMemory | undefined
  readonly standby?: StandbyMemory | undefined
}

/** How the end of a standby fits into the chain of the hub. */
export type Fit =
  /** The journal's end is on the chain. */
  | 'end'
  /** What is applied is on the chain, and the journal beyond it is not. */
  | 'applied'
  /** The standby has applied more of this term than the hub has: the disk of the hub was set back. */
  | 'ahead'
  /** The hub has another frame where the standby ends. */
  | 'parted'
  | 'none'

export type HubEvent =
  | { readonly on: 'ship'; readonly position: Position; readonly tie?: Tie | undefined }
  | { readonly on: 'committed' | 'rolledBack'; readonly position: Position }
  | {
      readonly on: 'hello'
      readonly session: string
      readonly node: string
      readonly term: Term
      readonly fit: Fit
      readonly applied: Position
      readonly journal: Position
      readonly mustCopy: boolean
      /** It has the files of all its frames too. */
      readonly isComplete: boolean
    }
  | { readonly on: 'durable' | 'dropped'; readonly session: string; readonly position: Position }
  | { readonly on: 'leave' | 'peerGone'; readonly session: string }
  /** 750 ms without an answer, or since the connection ended. */
  | { readonly on: 'silence' }
  | { readonly on: 'marked'; readonly session: string; readonly v: number; readonly isGranted: boolean }
  /** The third computer has not answered for a second. */
  | { readonly on: 'askAgain' }
  | { readonly on: 'handover' }
  /** The owner wants to wait for the standby, or not. */
  | { readonly on: 'sync'; readonly isOn: boolean }
  | { readonly on: 'sealAgain' }
  /** A wake, a change of the network, a jump of the clock. */
  | { readonly on: 'look' }
  | { readonly on: 'lookOver' }

export type StandbyEvent =
  | {
      readonly on: 'welcome'
      readonly session: string
      readonly term: Term
      readonly tie: Tie
      /** What the last frame of the journal makes of it, if the hub has not committed that frame. */
      readonly nextTie?: Tie | undefined
      readonly cut?: Position | undefined
      readonly mustCopy: boolean
      /** The hub has another frame at the place of this standby. */
      readonly isParted?: boolean | undefined
      /** Where the hub is. */
      readonly committed: Position
      /** What the standby has said of itself in this session, read from its disk. */
      readonly applied: Position
      readonly journal: Position
    }
  | {
      readonly on: 'frame'
      readonly session: string
      readonly position: Position
      /** True if it continues the journal. */
      readonly follows: boolean
      readonly tie?: Tie | undefined
    }
  | { readonly on: 'journalled' | 'drop'; readonly session: string; readonly position: Position }
  /** The hub has committed up to here. `fits`: the same frame is in the journal, or was applied. */
  | { readonly on: 'beat'; readonly session: string; readonly committed: Position; readonly fits: boolean }
  | { readonly on: 'inStep'; readonly session: string; readonly lsn: number }
  | {
      readonly on: 'seal'
      readonly term: Term
      readonly to: string
      readonly position: Position
      /** True if that frame is in the journal, or is the last that was applied. */
      readonly fits: boolean
    }
  | { readonly on: 'hubGone'; readonly session: string }
  /** Ten seconds without the hub. */
  | { readonly on: 'hubSilent' }
  | { readonly on: 'vote'; readonly session: string; readonly nonce: string; readonly isGranted: boolean }
  | { readonly on: 'quit' }
  /** The database is not that of the hub: a row is missing, or digests differ. */
  | { readonly on: 'diverged' }
  /** What was here is in a folder of its own. */
  | { readonly on: 'movedAside' }
  | { readonly on: 'copied'; readonly position: Position }

/** What can happen in every role. */
export type CommonEvent =
  /** A term whose signature was verified. */
  | { readonly on: 'higher'; readonly term: Term }
  | { readonly on: 'voterHere'; readonly session: string }
  | { readonly on: 'voterGone'; readonly session: string }
  /** The owner takes over here, or continues a hub that waits for another computer, or has sealed its term. */
  | { readonly on: 'takeOver' }

export type NodeEvent = HubEvent | StandbyEvent | CommonEvent

/** Messages whose sending the rules decide. The runtime adds what they do not depend on. */
export type Message =
  | {
      readonly m: 'welcome'
      readonly session: string
      readonly term: Term
      readonly tie: Tie
      /** What the last frame of the journal makes of it, if the hub has not committed that frame. */
      readonly nextTie?: Tie | undefined
      readonly cut?: Position | undefined
      readonly mustCopy: boolean
      readonly isParted?: boolean | undefined
      readonly committed: Position
    }
  | { readonly m: 'durable' | 'dropped'; readonly session: string; readonly position: Position }
  | { readonly m: 'drop'; readonly session: string; readonly position: Position }
  | { readonly m: 'inStep'; readonly session: string; readonly lsn: number }
  | { readonly m: 'beat'; readonly session: string; readonly committed: Position }
  | { readonly m: 'leave'; readonly session: string }
  | { readonly m: 'seal'; readonly term: Term; readonly to: string; readonly position: Position }
  | { readonly m: 'took' | 'higher'; readonly term: Term }

export type VoterMessage =
  | {
      readonly m: 'mark'
      readonly session: string
      readonly term: Term
      readonly v: number
      readonly isAlone: boolean
      /** True: tells what is, and asks for nothing. */
      readonly isReport: boolean
    }
  /** A standby tells its term, and that no candidacy of it waits. */
  | { readonly m: 'here'; readonly session: string; readonly term: Term; readonly count: number }
  | {
      readonly m: 'candidate'
      readonly session: string
      /** The term that is to end. */
      readonly term: Term
      readonly nonce: string
      readonly count: number
    }

export type Effect =
  /** On disk and synced before the effects that follow. */
  | { readonly do: 'persist'; readonly state: StateRecord }
  | { readonly do: 'send'; readonly message: Message }
  | { readonly do: 'ask'; readonly message: VoterMessage }
  /** Sends all frames behind this position, and from then on each that is shipped. */
  | { readonly do: 'feed'; readonly session: string; readonly after: Position }
  | { readonly do: 'sendFrame'; readonly session: string; readonly position: Position }
  /** The batch may commit. `isHeld`: only this disk has it. */
  | { readonly do: 'grant'; readonly position: Position; readonly isHeld: boolean }
  /** The batch must be rolled back. */
  | { readonly do: 'refuse'; readonly position: Position; readonly why: 'moved' | 'handover' }
  /** The standby has dropped the frame, or is gone. */
  | { readonly do: 'dropDone'; readonly position: Position }
  /** Two disks have everything up to here. */
  | { readonly do: 'safe'; readonly lsn: number }
  | { readonly do: 'handoverRefused' }
  /** Appends the frame of the event to the journal. `journalled` follows when it is synced. */
  | { readonly do: 'append'; readonly session: string; readonly position: Position }
  /** Removes what the journal has beyond this position. */
  | { readonly do: 'cut'; readonly to: Position }
  | { readonly do: 'apply'; readonly upTo: Position }
  /** Applies the journal to its end. The effects that follow wait for it. */
  | { readonly do: 'applyAll' }
  /** Ends the connection to the hub, or with the standby, and begins another. */
  | { readonly do: 'reconnect' }
  /** Begins a copy of the hub. `copied` follows. `keepsOld`: what is there is moved away first, and `movedAside` follows. */
  | { readonly do: 'copy'; readonly keepsOld: boolean }
  /** Serves clients as the hub of this term. The epoch of the database becomes that of the term first. */
  | { readonly do: 'serve'; readonly term: Term; readonly why: 'seal' | 'vote' | 'owner' }
  /** Stops serving: clients learn that the hub has moved. */
  | { readonly do: 'stopServing' }
  | { readonly do: 'timer'; readonly name: TimerName }

export type TimerName = 'silence' | 'askAgain' | 'sealAgain' | 'hubSilent' | 'lookOver'

/** What the rules take from outside. */
export interface Tools {
  /** Makes and signs a term that is higher than the previous one. */
  readonly newTerm: (previous: Term, position: Position, epoch: string) => Term
  readonly newId: () => string
}
