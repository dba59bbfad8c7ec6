import { type HandOverOptions, type HubStanding, type Moved, noStanding } from '../../server/live/standing.ts'
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
  /** The standby in step, and what the hand-over to it does. */
  target: { node: string; name: string } | undefined
  runHandOver: (options: HandOverOptions) => Promise<string> = (options) => noStanding.handOver(options)
  #listeners = new Set<() => void>()
  handOverTo = () => this.target
  handOver = (options: HandOverOptions) => this.runHandOver(options)
  onChange = (run: () => void) => {
    this.#listeners.add(run)
    return () => void this.#listeners.delete(run)
  }
  change(): void {
    for (const run of this.#listeners) run()
  }
  onHigherTerm = (record: unknown): void => {
    this.shown.push(record)
    this.onShown()
  }
}
