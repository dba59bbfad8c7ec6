import type { TablesAt } from './digest-tables.ts'
import type { Position } from './position.ts'
import { differingTables, TableDigests } from './table-digests.ts'

/*
 * Compares the tables of a hub with those of its standby at one position. The question goes to the standby while the
 * writer pauses, so the frames before it are all of that position, and the hub writes on while both compute.
 */

/** What the writer offers: see Writer.pause. */
export type PauseWriter = <T>(work: () => Promise<T>) => Promise<T>

export interface Comparison {
  position: Position
  /** The tables whose rows differ. */
  differing: string[]
}

export class HubDigests {
  readonly #tables: TableDigests
  readonly #pause: PauseWriter
  readonly #position: () => Position | undefined
  #isRunning = false

  constructor(file: string, pause: PauseWriter, position: () => Position | undefined) {
    this.#tables = new TableDigests(file)
    this.#pause = pause
    this.#position = position
  }

  /**
   * @param ask sends the question to the standby at once, and resolves with what it answers. Rejects if it is gone.
   * Returns undefined if a comparison is on its way, or the log is off.
   */
  async compare(ask: (position: Position) => Promise<TablesAt>): Promise<Comparison | undefined> {
    if (this.#isRunning) return undefined
    this.#isRunning = true
    try {
      await this.#tables.prepare()
      const asked = await this.#pause(async () => {
        const position = this.#position()
        if (!position) return undefined
        await this.#tables.snapshot()
        return { position, answer: ask(position) }
      })
      if (!asked) return undefined
      const [own, theirs] = await Promise.all([this.#tables.compute(), asked.answer])
      return { position: asked.position, differing: differingTables(own, theirs) }
    } finally {
      this.#isRunning = false
    }
  }

  close(): Promise<void> {
    return this.#tables.close()
  }
}
