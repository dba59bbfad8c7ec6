import type { HubStanding, Moved } from '../../server/live/standing.ts'
import type { Safety } from '../../shared/contract/continuity.ts'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'

/** A standing that the test changes; the hub, its sockets and its database are real. */
export class SetStanding implements HubStanding {
  currentTerm: Term | undefined
  currentPlaces: readonly Place[]
  currentSafety: Safety = 'alone'
  heldLsn: number | undefined
  safeLsn: number | undefined
  currentMoved: Moved | undefined
  shown: unknown[] = []
  onShown: () => void = () => undefined

  constructor({ term, places = [] }: { term?: Term | undefined; places?: readonly Place[] }) {
    this.currentTerm = term
    this.currentPlaces = places
  }

  term = () => this.currentTerm
  places = () => this.currentPlaces
  safety = () => this.currentSafety
  held = () => this.heldLsn
  safeUpTo = () => this.safeLsn
  moved = () => this.currentMoved
  onHigherTerm = (record: unknown): void => {
    this.shown.push(record)
    this.onShown()
  }
}
