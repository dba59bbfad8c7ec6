import path from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { openWriter, type SqliteConnection } from '../db/sqlite/connection.ts'
import { isDamaged } from '../db/sqlite/errors.ts'
import { forgetIndex } from '../db/sqlite/full-text.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { DivergenceError, RowApplier } from './apply.ts'
import type { RowChange } from './capture.ts'
import { Checkpointer } from './checkpointer.ts'
import type { TablesAt } from './digest-tables.ts'
import { parseBody, type RowFrame } from './frame.ts'
import { Journal } from './journal.ts'
import { listLoggedTables, type LoggedTable } from './logged-tables.ts'
import { isSamePosition, type Position } from './position.ts'
import { readPosition, writePosition } from './stored-position.ts'
import { TableDigests } from './table-digests.ts'

/*
 * The copy that a standby keeps: journal and database. Invariants:
 *
 * 1. A frame is acknowledged once the journal is synced (`durable`), whether or not it was applied.
 * 2. A frame is applied once it is known that the hub has committed it, by the next frame, a beat, or a promotion.
 *    Until then it can be cut off; an applied row cannot.
 * 3. The database is not synced with each transaction. What it loses in a crash, the journal has.
 * 4. It has no search index, which would keep words of messages that the hub deletes.
 * 5. Nothing here writes on the loop's account for long: applying waits for a moment, takes a few frames at a time, and
 *    checkpoints run in a thread. An acknowledgement waits for the journal alone.
 */

/** How long frames are gathered: many of them in one transaction cost a fraction. */
const gatherMs = 30
/** A transaction ends after so much work, so that frames which arrive are acknowledged meanwhile. */
const applySliceMs = 5
/** A larger journal is emptied. */
const journalBytesToRelease = 4 * 1024 * 1024

export interface ReplicaEvents {
  /** Everything up to here is on this disk. */
  durable: (end: Position) => void
  /** The database ends here. `changes` are those of the frames that were applied. */
  applied?: (end: Position, changes: readonly RowChange[]) => void
  /** The copy is of no use any more: it must be made again. */
  diverged: (error: DivergenceError) => void
  /** The disk refused a write; the connection must end, and the replica be opened again. */
  failed: (error: unknown) => void
}

export interface ReplicaOptions {
  dataDir: string
  /** The tables of the hub, in the order of its log; those of this database if it is not connected. */
  tables?: readonly LoggedTable[]
  on: ReplicaEvents
  log: FastifyBaseLogger
}

export function journalFolder(dataDir: string): string {
  return path.join(dataDir, 'continuity', 'journal')
}

export class Replica {
  readonly #connection: SqliteConnection
  readonly #applier: RowApplier
  readonly #journal: Journal
  readonly #checkpointer: Checkpointer
  readonly #digests: TableDigests
  readonly #options: ReplicaOptions
  /** Frames that are in the journal and not in the database. */
  #pending: RowFrame[]
  #applied: Position
  #durable: Position
  /** Frames up to here were committed by the hub. */
  #committed = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Applying waits: a checkpoint or a snapshot is on its way. */
  #holds = 0
  #isReleasing = false
  #isOver = false
  readonly term: { n: number }

  /**
   * Opens the database of a standby, and what its journal has beyond it.
   * @throws DivergenceError if the tables are others than the hub's, or there is no log in it
   */
  constructor(options: ReplicaOptions) {
    this.#options = options
    const file = databaseFile(options.dataDir)
    this.#connection = openWriter(file)
    const { raw } = this.#connection
    try {
      // invariant 3
      raw.pragma('synchronous = normal')
      raw.pragma('wal_autocheckpoint = 0')
      const stored = readPosition(raw)
      if (!stored.position) throw new DivergenceError('the database of this standby has no place in the log')
      this.term = { n: stored.term }
      this.#applied = stored.position
      this.#committed = stored.position.lsn
      forgetIndex(raw)
      this.#applier = new RowApplier(raw, options.tables ?? listLoggedTables(raw))
    } catch (error) {
      raw.close()
      throw error
    }
    this.#journal = new Journal(journalFolder(options.dataDir), this.#applied, {
      synced: (end) => {
        this.#durable = end
        options.on.durable(end)
      },
      failed: (error) => this.#fail(error),
    })
    this.#pending = this.#journal.open()
    this.#durable = this.#journal.end
    this.#checkpointer = new Checkpointer(file)
    this.#digests = new TableDigests(file)
  }

  /** Where the database ends. */
  get applied(): Position {
    return this.#applied
  }

  /** Where the journal ends. */
  get end(): Position {
    return this.#journal.end
  }

  /** Frames that the journal has and the database has not. */
  get unapplied(): readonly RowFrame[] {
    return this.#pending
  }

  /** Up to here everything is synced. */
  get durable(): Position {
    return this.#durable
  }

  /** Resolves when all that has arrived is synced. */
  settle(): Promise<void> {
    return this.#journal.settle()
  }

  /** True if this frame is in the journal and not applied yet, or is the last that was applied. */
  has(position: Position): boolean {
    return (
      isSamePosition(position, this.#applied) ||
      this.#pending.some((frame) => isSamePosition(frame.position, position))
    )
  }

  /**
   * Takes a frame that continues the journal. `durable` is called once it is on this disk. The frame proves that the hub
   * has committed the ones before.
   * @throws Error if it does not continue the journal, or the disk is full
   */
  append(frame: RowFrame): void {
    this.#journal.append(frame)
    this.#pending.push(frame)
    this.committed(frame.position.lsn - 1)
  }

  /** The hub has committed the frames up to here. */
  committed(lsn: number): void {
    if (lsn <= this.#committed) return
    this.#committed = lsn
    this.#applySoon()
  }

  /**
   * Cuts off the frames after this position, which the hub does not have. Durable when it resolves.
   * @throws DivergenceError if one of them was applied
   */
  async cutTo(position: Position): Promise<void> {
    if (position.lsn < this.#applied.lsn) {
      throw new DivergenceError(
        `frame ${this.#applied.lsn} was applied, but the hub's log ends at ${position.lsn}`,
      )
    }
    this.#pending = this.#pending.filter((frame) => frame.position.lsn <= position.lsn)
    await this.#journal.cutTo(position)
    if (!isSamePosition(this.#journal.end, position)) {
      throw new DivergenceError(`the journal does not contain frame ${position.lsn} of the hub`)
    }
  }

  /**
   * Applies everything: this computer is about to be the hub. The database is synced when it resolves.
   * @throws DivergenceError
   */
  async applyAll(): Promise<Position> {
    await this.#journal.settle()
    this.#committed = Math.max(this.#committed, this.#journal.end.lsn)
    while (this.#pending.length > 0) this.#applySlice()
    await this.#checkpointer.run()
    return this.#applied
  }

  /**
   * Digests all tables as they are at this position, which is the last that has arrived and is committed.
   * @throws DivergenceError if the position is another
   */
  async digest(position: Position): Promise<TablesAt> {
    this.committed(position.lsn)
    while ((this.#pending[0]?.position.lsn ?? Infinity) <= position.lsn) this.#applySlice()
    if (!isSamePosition(this.#applied, position)) {
      throw new DivergenceError(`the digest is of ${position.lsn}, the database ends at ${this.#applied.lsn}`)
    }
    await this.#hold(() => this.#digests.snapshot())
    return this.#digests.compute()
  }

  async close(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.#journal.close()
    await this.#checkpointer.close()
    await this.#digests.close()
    this.#connection.raw.close()
  }

  #applySoon(): void {
    if (this.#timer || this.#isOver || this.#holds > 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#applyCommitted()
    }, gatherMs)
  }

  #applyCommitted(): void {
    if (this.#isOver || this.#holds > 0) return
    try {
      if (this.#isDue()) this.#applySlice()
    } catch (error) {
      this.#fail(error)
      return
    }
    if (this.#isDue()) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#applyCommitted()
      }, 0)
    } else if (this.#journal.bytes > journalBytesToRelease) void this.#releaseJournal()
  }

  #isDue(): boolean {
    const [next] = this.#pending
    return next !== undefined && next.position.lsn <= this.#committed
  }

  /** Applies some committed frames in one transaction. @throws DivergenceError */
  #applySlice(): void {
    const { raw } = this.#connection
    const until = performance.now() + applySliceMs
    const changes: RowChange[] = []
    let count = 0
    let last = this.#applied
    raw.exec('begin immediate')
    try {
      for (const frame of this.#pending) {
        if (frame.position.lsn > this.#committed || (count > 0 && performance.now() > until)) break
        const made = parseBody(frame) as RowChange[]
        this.#applier.apply(made)
        changes.push(...made)
        last = frame.position
        count += 1
      }
      writePosition(raw, this.term.n, last)
      raw.exec('commit')
    } catch (error) {
      if (raw.inTransaction) raw.exec('rollback')
      throw toDivergence(error)
    }
    this.#pending.splice(0, count)
    this.#applied = last
    this.#options.on.applied?.(last, changes)
  }

  /** Moves the write-ahead log into the database, synced, and removes what the journal has of it. */
  async #releaseJournal(): Promise<void> {
    if (this.#isReleasing || this.#isOver) return
    this.#isReleasing = true
    this.#journal.rotate()
    const { lsn } = this.#applied
    try {
      await this.#hold(() => this.#checkpointer.run())
      await this.#journal.release(lsn)
    } catch (error) {
      if (!this.#isOver) this.#fail(error)
    } finally {
      this.#isReleasing = false
    }
  }

  /** Nothing is applied until `work` has resolved. */
  async #hold<T>(work: () => Promise<T>): Promise<T> {
    this.#holds += 1
    try {
      return await work()
    } finally {
      this.#holds -= 1
      if (this.#isDue()) this.#applySoon()
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#options.log.error({ err: error }, 'the copy of the hub failed')
    if (error instanceof DivergenceError) this.#options.on.diverged(error)
    else this.#options.on.failed(error)
  }
}

/** A constraint that fails means that other rows are there than at the hub. Damage is mended by a copy too. */
function toDivergence(error: unknown): unknown {
  const code = String((error as { code?: unknown }).code)
  if (isDamaged(error) || code === 'SQLITE_NOTADB')
    return new DivergenceError('the database of this standby is damaged', { cause: error })
  if (!code.startsWith('SQLITE_CONSTRAINT')) return error
  return new DivergenceError('a row of the log contradicts the database', { cause: error })
}
