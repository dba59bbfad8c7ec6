import type { Safety } from '../../shared/contract/continuity.ts'
import { HubError } from '../../shared/errors.ts'
import type { MoveTicket } from '../../shared/move-ticket.ts'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'

/**
 * What clients learn about continuity: which computers could be this hub, and if what is written now is on two of them.
 * A hub without standbys and terms has `noStanding`. Everything here is asked for at the moment of sending.
 */
export interface HubStanding {
  /** For `hello.term`. */
  term(): Term | undefined
  places(): readonly Place[]
  safety(): Safety
  /** The number that a response of now must carry as `held`, while only one disk has what it acknowledges. */
  held(): number | undefined
  /** Up to here two disks have everything; sent to each client that resumes. */
  safeUpTo(): number | undefined
  /**
   * A client showed a record higher than `term()`. It may be forged: the receiver verifies it. If it is genuine,
   * `moved()` is defined when this returns.
   */
  onHigherTerm(record: unknown): void
  /** Set once this computer is not the hub any more: nothing is answered but this. */
  moved(): Moved | undefined
  /** The standby that could be the hub at once, with nothing lost. */
  handOverTo(): { node: string; name: string } | undefined
  /**
   * Gives the hub to a standby; without `to` to the one of `handOverTo`. Resolves with its name once it is the hub.
   * @throws HubError with the reason, for the user
   */
  handOver(options: HandOverOptions): Promise<string>
  /** Calls `run` after each change of anything here, until the returned function is called. */
  onChange(run: () => void): () => void
}

export interface HandOverOptions {
  to?: string | undefined
  /** The seal is on its way to the standby: this computer may go to sleep. */
  onSealed?: (() => void) | undefined
}

export interface Moved {
  /** `moving`: the other computer has not answered yet. */
  code: 'moved' | 'moving'
  term?: Term | undefined
  places: readonly Place[]
  /** Makes the ticket by which a browser with this session token goes on there. */
  ticketFor?: ((token: string) => MoveTicket) | undefined
}

export const noStanding: HubStanding = {
  term: () => undefined,
  places: () => [],
  safety: () => 'none',
  held: () => undefined,
  safeUpTo: () => undefined,
  onHigherTerm: () => undefined,
  moved: () => undefined,
  handOverTo: () => undefined,
  handOver: () =>
    Promise.reject(new HubError('conflict', 'No standby of this hub could become the hub right now.')),
  onChange: () => () => undefined,
}
