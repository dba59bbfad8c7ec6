import type { RowFrame } from './frame.ts'
import { isSamePosition, type Position } from './position.ts'

/*
 * The last frames of a hub's log, for a standby that was away for a moment, and their positions, to tell where its log
 * parts from this one.
 */

const maxRingBytes = 64 * 1024 * 1024
const maxRingPositions = 100_000

export class FrameRing {
  /** Positions without a gap, oldest first; the first may have no frame. */
  #positions: Position[] = []
  #frames: RowFrame[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  clear(): void {
    this.#positions = []
    this.#frames = []
    this.#bytes = 0
  }

  /** Begins at a position whose frame is not here. */
  restart(position: Position): void {
    this.clear()
    this.#positions = [position]
  }

  push(frame: RowFrame): void {
    this.#positions.push(frame.position)
    this.#frames.push(frame)
    this.#bytes += frame.encoded.length
    let spare = 0
    while (this.#bytes > maxRingBytes && spare < this.#frames.length - 1) {
      this.#bytes -= (this.#frames[spare] as RowFrame).encoded.length
      spare += 1
    }
    if (spare > 0) this.#frames.splice(0, spare)
    if (this.#positions.length > 2 * maxRingPositions) this.#positions.splice(0, maxRingPositions)
  }

  /** Returns true if the log of this hub has had this position, as far as it remembers. */
  has(position: Position): boolean {
    const [first] = this.#positions
    if (!first) return false
    const known = this.#positions[position.lsn - first.lsn]
    return known !== undefined && isSamePosition(known, position)
  }

  /** Returns true if the log of this hub has had another frame at this place. */
  hasOther(position: Position): boolean {
    const [first] = this.#positions
    const known = first && this.#positions[position.lsn - first.lsn]
    return known !== undefined && !isSamePosition(known, position)
  }

  /** Returns the frames after this number, oldest first; undefined if some are gone. */
  after(lsn: number): readonly RowFrame[] | undefined {
    const last = this.#positions.at(-1)
    if (!last || lsn > last.lsn) return undefined
    if (lsn === last.lsn) return []
    const [first] = this.#frames
    if (!first || first.position.lsn > lsn + 1) return undefined
    return this.#frames.slice(lsn + 1 - first.position.lsn)
  }
}
