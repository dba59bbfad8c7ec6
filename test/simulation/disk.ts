import type { Position } from '../../server/continuity/position.ts'
import type { Tie } from '../../server/continuity/rule-types.ts'
import type { StateRecord } from '../../server/continuity/state-file.ts'
import type { Random } from './random.ts'

/** A frame with one operation. Its chain is in place of the hash. */
export interface Entry extends Position {
  readonly id: number
  readonly prev: string
  readonly tie?: Tie | undefined
  /** Number of the term in which it was written, with its computer. */
  readonly writtenIn: string
}

export const start: Position = { lsn: 0, chain: 'start' }

interface Content {
  readonly state: StateRecord
  readonly log: readonly Entry[]
  readonly journal: readonly Entry[]
  readonly aside: readonly (readonly Entry[])[]
}

/** What survives a crash of one computer: its state, its database, its journal, and what was moved away. */
export class Disk {
  state: StateRecord
  /** The committed or applied entries. Entry `lsn` is at `lsn - 1`. */
  log: Entry[] = []
  journal: Entry[] = []
  /** Entries of the journal that are not synced yet. */
  unsynced = 0
  aside: (readonly Entry[])[] = []
  #snapshots: Content[] = []

  constructor(state: StateRecord) {
    this.state = state
  }

  get end(): Position {
    return this.log.at(-1) ?? start
  }

  get journalEnd(): Position {
    return this.journal.at(-1) ?? this.end
  }

  get tie(): Tie | undefined {
    return this.log.findLast(({ tie }) => tie !== undefined)?.tie
  }

  has({ lsn, chain }: Position): boolean {
    return lsn === 0 || this.log[lsn - 1]?.chain === chain
  }

  persist(state: StateRecord): void {
    // a disk that was set back to another role is not recoverable by any rule: the owner restores a backup
    if (state.role !== this.state.role) this.#snapshots = []
    this.state = state
  }

  append(entry: Entry): void {
    this.journal.push(entry)
    this.unsynced += 1
  }

  cut({ lsn }: Position): void {
    this.journal = this.journal.filter((entry) => entry.lsn <= lsn)
    this.unsynced = Math.min(this.unsynced, this.journal.length)
  }

  apply({ lsn }: Position): void {
    while (this.journal.length > 0 && (this.journal[0] as Entry).lsn <= lsn) {
      const entry = this.journal.shift() as Entry
      if (entry.lsn <= this.log.length) continue
      if (entry.prev !== this.end.chain) throw new Error(`applied ${entry.lsn} where it does not belong`)
      this.log.push(entry)
    }
    this.unsynced = Math.min(this.unsynced, this.journal.length)
  }

  moveAside(): void {
    if (this.log.length + this.journal.length > 0) this.aside.push([...this.log, ...this.journal])
    this.empty()
  }

  empty(): void {
    this.log = []
    this.journal = []
    this.unsynced = 0
  }

  /** A crash may lose what was not synced. */
  crash(random: Random): void {
    const lost = this.unsynced > 0 ? random.below(this.unsynced + 1) : 0
    if (lost > 0) this.journal.length -= lost
    this.unsynced = 0
  }

  takeSnapshot(): void {
    const { state, log, journal, aside } = this
    if (state.role !== 'standby') return
    this.#snapshots.push({ state, log: [...log], journal: [...journal], aside: [...aside] })
  }

  /** The disk is what it was at an earlier time. What was moved away stays: it is checked, not used. */
  setBack(random: Random): boolean {
    const content = this.#snapshots[random.below(this.#snapshots.length)]
    if (!content) return false
    this.state = content.state
    this.log = [...content.log]
    this.journal = [...content.journal]
    return true
  }
}
