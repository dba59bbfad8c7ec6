import type { RowChange } from '../continuity/capture.ts'
import { type Frame, parseBody } from '../continuity/frame.ts'
import type { LoggedTable } from '../continuity/logged-tables.ts'
import { isPosition, type Position } from '../continuity/position.ts'
import type { Tie } from '../continuity/rule-types.ts'

/** Finds a change of `hub.tie` in a frame: the rules must know it before the frame is applied (R3). */
export class TieReader {
  readonly #table: number
  readonly #column: number

  constructor(tables: readonly LoggedTable[]) {
    this.#table = tables.findIndex(({ name }) => name === 'hub')
    this.#column = tables[this.#table]?.columns.indexOf('tie') ?? -1
  }

  read(frame: Frame): Tie | undefined {
    // most frames change no row of that table
    if (!frame.body.includes(`[${this.#table},2,`)) return undefined
    let tie: Tie | undefined
    for (const [table, op, ...rest] of parseBody(frame) as RowChange[]) {
      if (table !== this.#table || op !== 2) continue
      for (let at = 1; at < rest.length; at += 2) {
        const value = rest[at + 1]
        if (rest[at] === this.#column && typeof value === 'string') tie = value
      }
    }
    return tie
  }
}

/** @throws Error if another computer sent something else */
export function readPositionOf(value: unknown): Position {
  if (!isPosition(value)) throw new Error('a frame without a position')
  return { lsn: value.lsn, chain: value.chain }
}

export function readText(value: unknown, maxLength = 200): string {
  if (typeof value !== 'string' || value.length > maxLength) throw new Error('a frame without its text')
  return value
}
