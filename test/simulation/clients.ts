import type { Term } from '../../shared/term.ts'
import type { Entry } from './disk.ts'

interface Acknowledged {
  epoch: string
  lsn: number
  /** The client keeps it until two disks have it. */
  isKept: boolean
}

/** What the clients were told. */
export class Clients {
  readonly sends = new Map<number, Acknowledged>()
  readonly problems: string[] = []
  highest: Term | undefined
  #places = new Map<string, number>()

  acknowledged(term: Term, { id, lsn }: Entry, isHeld: boolean): void {
    const { epoch } = term
    if (!this.highest || term.n > this.highest.n) this.highest = term
    const place = `${epoch}:${lsn}`
    const there = this.#places.get(place)
    if (there !== undefined && there !== id)
      this.problems.push(`place ${lsn} of epoch ${epoch} has both ${there} and ${id}`)
    this.#places.set(place, id)
    this.sends.set(id, { epoch, lsn, isKept: isHeld })
  }

  release(epoch: string, upTo: number): void {
    for (const send of this.sends.values()) {
      if (send.isKept && send.epoch === epoch && send.lsn <= upTo) send.isKept = false
    }
  }
}
