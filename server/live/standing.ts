import type { Safety } from '../../shared/contract/continuity.ts'
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
}

export interface Moved {
  /** `moving`: the other computer has not answered yet. */
  code: 'moved' | 'moving'
  term?: Term | undefined
  places: readonly Place[]
}

export const noStanding: HubStanding = {
  term: () => undefined,
  places: () => [],
  safety: () => 'none',
  held: () => undefined,
  safeUpTo: () => undefined,
  onHigherTerm: () => undefined,
  moved: () => undefined,
}
