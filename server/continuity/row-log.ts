import { type BatchLog, FrameTooLargeError, type LoggedBatch } from '../db/sqlite/batch-log.ts'
import type { SqliteConnection } from '../db/sqlite/connection.ts'
import { Capture } from './capture.ts'
import { firstPosition, nextPosition } from './chain.ts'
import { encodeFrame, frameTypes, maxBodyBytes, type RowFrame } from './frame.ts'
import { FrameRing } from './frame-ring.ts'
import type { LoggedTable } from './logged-tables.ts'
import type { Position } from './position.ts'
import { readPosition, writePosition } from './stored-position.ts'

/*
 * The log of all changes of a hub that has a standby: a frame for each batch of the writer. Invariants:
 *
 * 1. While the log is on, every change of a replicated row is in it. `position` in the database says where the log ends
 *    and is written in the transaction of each frame, so database and log never disagree.
 * 2. While it is off, nothing is captured and nothing is paid. When it comes on again it begins at a position that no
 *    log had before: who followed an earlier one needs a copy.
 * 3. A frame goes to the shipper before the COMMIT of its batch, and the batch waits for its consent. Otherwise users
 *    could see what only one disk has.
 * 4. A frame that was shipped and not committed is named to the shipper (`dropped`) before the next one of that number.
 */

export interface BatchShipper {
  /** Called before COMMIT with the encoded frame. Resolves when the batch may commit; rejects if it must be rolled back. */
  ship(frame: RowFrame): Promise<void>
  committed(position: Position): void
  /** The batch was rolled back after `ship`. Resolves when the standby has dropped the frame or is gone. */
  dropped(position: Position): Promise<void>
}

/** Nobody follows: every batch may commit at once. */
const noShipper: BatchShipper = {
  ship: () => Promise.resolve(),
  committed: () => undefined,
  dropped: () => Promise.resolve(),
}

export class RowLog implements BatchLog {
  /** Who sends the frames on. */
  shipper: BatchShipper = noShipper
  /** The number of the term that the hub writes in. */
  term = 0
  readonly ring = new FrameRing()
  readonly #connection: SqliteConnection
  readonly #capture: Capture
  #position: Position | undefined

  /** @param connection the writer's, after migrations. The log goes on if it was on before. */
  constructor(connection: SqliteConnection) {
    this.#connection = connection
    this.#capture = new Capture(connection.raw)
    const stored = readPosition(connection.raw)
    this.term = stored.term
    if (stored.position) this.#turnOn(stored.position)
  }

  get isOn(): boolean {
    return this.#position !== undefined
  }

  /** The last frame that is committed. Undefined while the log is off. */
  get position(): Position | undefined {
    return this.#position
  }

  get tables(): readonly LoggedTable[] {
    return this.#capture.tables
  }

  /**
   * Turns the log on, at a position of its own. Called within an operation of the writer: what that batch
   * changes is part of the beginning. Takes effect with its commit.
   * @returns what to call after the commit
   */
  begin(): () => void {
    const { raw } = this.#connection
    const position = firstPosition(readPosition(raw).lsn)
    writePosition(raw, this.term, position)
    return () => this.#turnOn(position)
  }

  /**
   * Turns the log off, when no standby is left. Called within an operation of the writer.
   * @returns what to call after the commit
   */
  end(): () => void {
    const { raw } = this.#connection
    writePosition(raw, this.term, { lsn: readPosition(raw).lsn, chain: null })
    return () => {
      this.#position = undefined
      this.#connection.capture = undefined
      this.#capture.stop()
      this.ring.clear()
    }
  }

  beginBatch(): void {
    this.#capture.cutTo(0)
  }

  /** Returns nothing if the batch has changed no replicated row. */
  sealBatch(): LoggedBatch | undefined {
    const before = this.#position
    if (!before) return undefined
    const changes = this.#capture.take()
    if (changes.length === 0) return undefined
    const body = Buffer.from(JSON.stringify(changes))
    if (body.length > maxBodyBytes) {
      throw new FrameTooLargeError()
    }
    const position = nextPosition(before, body)
    writePosition(this.#connection.raw, this.term, position)
    const encoded = encodeFrame({ type: frameTypes.rows, position, body })
    return this.#toBatch({ type: frameTypes.rows, position, body, encoded })
  }

  #toBatch(frame: RowFrame): LoggedBatch {
    const { position } = frame
    const { shipper } = this
    return {
      ship: () => shipper.ship(frame),
      committed: () => {
        this.#position = position
        this.ring.push(frame)
        shipper.committed(position)
      },
      dropped: () => shipper.dropped(position),
    }
  }

  #turnOn(position: Position): void {
    this.#capture.start()
    this.#connection.capture = this.#capture
    this.#position = position
    this.ring.restart(position)
  }
}
