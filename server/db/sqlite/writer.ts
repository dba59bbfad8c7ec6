import type Database from 'better-sqlite3'
import { createOperationHandle, runEffects, runUndo } from '../operation-handle.ts'
import type { Db } from '../schema.ts'
import type { StoreWriter, WriteOptions, WriterOptions } from '../store.ts'
import { closing, diskFull, overloaded, toDamagedError } from '../errors.ts'
import { isDamaged, isDiskFull, isInDoubt } from './errors.ts'
import { type BatchLog, FrameTooLargeError, type LoggedBatch } from './batch-log.ts'
import {
  type BatchMode,
  type BatchRun,
  NeedsSavepointError,
  type OperationOutcome,
  type Rerun,
  RolledBackError,
} from './batch-run.ts'
import { BatchTimes } from './batch-times.ts'
import { OperationQueue, type QueuedOperation, type Run } from './operation-queue.ts'
import { assertDurable, createKysely, type SqliteConnection } from './connection.ts'
import { LimitedWait } from './limited-wait.ts'

/*
 * The only writer of the database, with group commit. Invariants:
 *
 * 1. Every durable change is an operation. Operations that are queued at the end of an event loop turn run in one
 *    transaction, strictly one after the other. The batch is committed and synced once.
 *    No timer: load forms the batches. Those of one user keep their order; users take turns.
 * 2. The promise of an operation settles only after COMMIT has returned. Its effects (memory, entries to sockets)
 *    also run after COMMIT, in commit order, before any promise of the batch settles. No client sees a change that
 *    can still be lost.
 * 3. An operation that throws leaves nothing behind, and fails no other. Savepoints cost as much as the changes of a
 *    message, so a batch runs without them first. If an operation throws after it has written, the batch is rolled back
 *    and runs again with a savepoint for each operation; so do the next batches, in case a client does this all the time.
 * 4. An operation awaits only its own queries. Queries are synchronous underneath, so the operations of a batch run
 *    within one turn of the loop. The handle of an operation is unusable after the operation has returned.
 * 5. If SQLite rolls back by itself (full disk), the whole batch fails and none of its changes exist.
 * 6. A damaged page fails the operation that meets it, with words for its user. Derived data (the search index) is
 *    written last, and its damage fails no operation: the batch is rolled back and run again without it. So an
 *    operation may run twice, and changes nothing outside its transaction while it runs.
 * 7. If a write or sync fails in a way that leaves the file in doubt, the hub stops without settling any promise of
 *    the batch. The restart reads what is on disk, and clients repeat their requests with the same cid.
 *    A batch that is too large for the log runs again, one operation at a time, so that one that changes too much fails
 *    alone.
 * 8. With a standby, a batch waits before its COMMIT until the row log lets it go. The loop is free meanwhile: readers
 *    see the state before, and new operations wait for the next batch. What must not happen within a transaction waits
 *    for its end.
 */

/**
 * Size of the write-ahead log, in pages, from which it is checkpointed: while no operation waits, and in any case.
 */
const checkpointPages = { idle: 1_000, busy: 4_000 }
/** Reading the size of the log has a cost too. */
const commitsPerWalCheck = 16

/** The batches that use savepoints from the start, after one that had to be run again for lack of them. */
const batchesWithSavepoints = 64

/** How long a closing hub waits for its standby. Then nobody knows what became of the batch, and clients try again. */
const closeWaitMs = 2_000

export interface FileWriterOptions extends WriterOptions {
  /** The log that a standby follows. */
  log?: BatchLog
  /** Tests: see closeWaitMs. */
  closeWaitMs?: number
}

export class Writer implements StoreWriter {
  readonly #connection: SqliteConnection
  readonly #raw: Database.Database
  readonly #db: Db
  readonly #options: FileWriterOptions
  /** In rotation by user: the operations of one user run in their order, and delay no other user. */
  readonly #queue = new OperationQueue()
  #scheduled = false
  #draining = false
  #closed = false
  #idleWaiters: (() => void)[] = []
  #committedOnce = false
  #commitCount = 0
  #batchesWithSavepointsLeft = 0
  /** Work for the time between two batches. */
  readonly #pauses: (() => Promise<void>)[] = []
  readonly #standbyWait = new LimitedWait()

  constructor(connection: SqliteConnection, options: FileWriterOptions) {
    this.#connection = connection
    this.#raw = connection.raw
    this.#db = createKysely(connection)
    this.#options = options
  }

  /**
   * Runs an operation in the next batch. Ignores its locks: this connection runs operations one after the other.
   * @throws HubError `busy` if the writer is closed or the queue is full, `disk_full` if the disk is full; or the
   * error of the operation
   */
  write<T>(run: Run<T>, { bytes = 256, derived = false, user = '' }: WriteOptions = {}): Promise<T> {
    if (this.#closed) return Promise.reject(closing())
    if (this.#queue.isFull) return Promise.reject(overloaded())
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        run,
        bytes,
        derived,
        user,
        resolve: resolve as (value: unknown) => void,
        reject,
      })
      this.#schedule()
    })
  }

  /**
   * Refuses further writes. Resolves once the queued operations are done. Those that wait for an absent standby are
   * rejected after a while.
   */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#queue.size === 0 && this.#pauses.length === 0 && !this.#draining) return
    const timer = setTimeout(() => this.#standbyWait.end(), this.#options.closeWaitMs ?? closeWaitMs)
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
    clearTimeout(timer)
  }

  get queuedCount(): number {
    return this.#queue.size
  }

  /** Runs `work` between two batches, while nothing is written. Resolves or rejects with its result. */
  pause<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pauses.push(() => Promise.try(work).then(resolve, reject))
      this.#schedule()
    })
  }

  /**
   * Empties the write-ahead log, so that content overwritten in the database is erased from the log too. An open
   * reader only delays it.
   */
  truncateWal(): void {
    this.#runBetweenBatches(() => void this.#raw.pragma('wal_checkpoint(truncate)'))
  }

  /** Rewrites the file without unused pages. */
  vacuum(): void {
    this.#runBetweenBatches(() => void this.#raw.exec('vacuum'))
  }

  /** Runs at once, or after the batch that waits for the standby; then an error only costs space. */
  #runBetweenBatches(work: () => void): void {
    if (!this.#raw.open) return
    if (!this.#raw.inTransaction) {
      work()
      return
    }
    this.#pauses.push(async () => {
      try {
        if (this.#raw.open) work()
      } catch (error) {
        if (isInDoubt(error)) this.#stopHub(error)
      }
    })
  }

  #stopHub(error: unknown): void {
    this.#closed = true
    this.#options.onFatal(error)
  }

  /**
   * Checkpoints the log between batches, after the responses are sent. SQLite would do it within the commit that
   * fills the log, and every user would wait for it. If the disk is full, the changes stay in the log and nothing
   * is lost.
   */
  #checkpointWal(): void {
    if (this.#draining || this.#closed || !this.#raw.open) return
    try {
      const [state] = this.#raw.pragma('wal_checkpoint(noop)') as { log: number }[]
      const pages = this.#queue.size > 0 ? checkpointPages.busy : checkpointPages.idle
      if (state && state.log >= pages) this.#raw.pragma('wal_checkpoint(passive)')
    } catch (error) {
      if (isDiskFull(error)) return
      this.#stopHub(error)
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#draining) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#drain().catch((error: unknown) => this.#options.onFatal(error))
    })
  }

  async #drain(): Promise<void> {
    this.#draining = true
    if (this.#pauses.length > 0) await this.#runPauses()
    await this.#commit(this.#queue.takeBatch())
    if (this.#pauses.length > 0) await this.#runPauses()
    this.#draining = false
    this.#commitCount += 1
    if (this.#commitCount % commitsPerWalCheck === 0) setImmediate(() => this.#checkpointWal())
    if (this.#queue.size > 0 || this.#pauses.length > 0) this.#schedule()
    else for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  async #runPauses(): Promise<void> {
    for (const run of this.#pauses.splice(0)) await run()
  }

  /**
   * Commits a batch. If an operation meets damage, or derived data is damaged, the batch is rolled back and run again
   * without it: SQLite refuses everything else in a transaction that met damage.
   */
  async #commit(batch: QueuedOperation[]): Promise<void> {
    let operations = batch
    const mode = { withDerived: true, withSavepoints: this.#startsWithSavepoints(batch) }
    let derivedDamage: unknown
    while (operations.length > 0) {
      const result = await this.#runBatch(operations, mode)
      if (!result) return
      if (Array.isArray(result)) {
        this.#settleBatch(result)
        break
      }
      switch (result.again) {
        case 'with savepoints':
          mode.withSavepoints = true
          this.#batchesWithSavepointsLeft = batchesWithSavepoints
          break
        case 'without the culprit': {
          const { culprit, error } = result
          operations = operations.filter((operation) => operation !== culprit)
          culprit.reject(this.#toReason(error, culprit.derived ? 'derived' : 'data'))
          break
        }
        case 'without derived data':
          mode.withDerived = false
          derivedDamage = result.error
          break
        case 'one by one':
          for (const operation of operations) await this.#commit([operation])
          operations = []
      }
    }
    if (derivedDamage !== undefined) this.#options.onDamage?.(derivedDamage, 'derived')
  }

  /** An operation that is alone would only run twice without one. */
  #startsWithSavepoints(batch: readonly QueuedOperation[]): boolean {
    if (this.#batchesWithSavepointsLeft === 0) return batch.length === 1
    this.#batchesWithSavepointsLeft -= 1
    return true
  }

  /** Runs and commits operations. Returns undefined if they failed and were answered; otherwise nothing is in doubt. */
  async #runBatch(
    batch: QueuedOperation[],
    mode: BatchMode,
  ): Promise<OperationOutcome[] | Rerun | undefined> {
    const beganAt = performance.now()
    const run: BatchRun = { outcomes: [], culprit: undefined, isDerived: false }
    const { outcomes } = run
    let logged: LoggedBatch | undefined
    try {
      logged = await this.#runOperations(batch, mode, run)
    } catch (error) {
      return this.#undoBatch(batch, run, error)
    }
    if (logged && !(await this.#ship(batch, logged, outcomes))) return undefined
    try {
      this.#raw.exec('commit')
    } catch (error) {
      const isFatal = isInDoubt(error) || isDamaged(error)
      runUndo(outcomes)
      if (logged && !isFatal) await this.#drop(logged)
      this.#failBatch(batch, error, isFatal)
      return undefined
    }
    logged?.committed()
    this.#options.onCommit?.(outcomes.length, performance.now() - beganAt)
    return outcomes
  }

  /**
   * Begins the transaction and runs all of the batch but its COMMIT. Operations beyond the time of their user return to the
   * queue, and leave `batch`. `run` says how far it has come, also if it throws.
   */
  async #runOperations(
    batch: QueuedOperation[],
    { withDerived, withSavepoints }: BatchMode,
    run: BatchRun,
  ): Promise<LoggedBatch | undefined> {
    this.#raw.exec('begin immediate')
    const log = this.#options.log?.isOn ? this.#options.log : undefined
    log?.beginBatch()
    const times = new BatchTimes()
    const putBack: QueuedOperation[] = []
    const ran: QueuedOperation[] = []
    for (const operation of batch) {
      if (times.isOver(operation.user)) {
        putBack.push(operation)
        continue
      }
      run.culprit = operation
      const outcome = await this.#runOperation(operation, withSavepoints)
      run.outcomes.push(outcome)
      ran.push(operation)
      times.add(operation.user, outcome.derivedCharacters)
      if (!this.#raw.inTransaction) throw new RolledBackError()
    }
    batch.splice(0, batch.length, ...ran)
    this.#queue.putBack(putBack)
    for (const [at, { work }] of run.outcomes.entries()) {
      run.culprit = batch[at]
      for (const each of work) await each(this.#db)
    }
    run.culprit = undefined
    run.isDerived = withDerived
    if (withDerived) await this.#updateDerived(run.outcomes)
    run.isDerived = false
    if (!this.#raw.inTransaction) throw new RolledBackError()
    return log?.sealBatch()
  }

  /** Rolls a batch back. Returns how it runs again; undefined if its operations were answered with the error. */
  #undoBatch(batch: QueuedOperation[], run: BatchRun, error: unknown): Rerun | undefined {
    runUndo(run.outcomes)
    const rerun = this.#findRerun(batch, run, error)
    if (rerun) this.#raw.exec('rollback')
    else this.#failBatch(batch, error, isInDoubt(error))
    return rerun
  }

  #findRerun(
    batch: readonly QueuedOperation[],
    { culprit, isDerived }: BatchRun,
    error: unknown,
  ): Rerun | undefined {
    if (error instanceof NeedsSavepointError) return { again: 'with savepoints' }
    if (error instanceof FrameTooLargeError && batch.length > 1) return { again: 'one by one' }
    if (isInDoubt(error) || isDiskFull(error) || !this.#raw.inTransaction) return undefined
    if (isDerived) return { again: 'without derived data', error }
    return culprit && isDamaged(error) ? { again: 'without the culprit', culprit, error } : undefined
  }

  /** Waits until the batch may be committed. Returns false if it was rolled back and its operations were answered. */
  async #ship(batch: QueuedOperation[], logged: LoggedBatch, outcomes: OperationOutcome[]): Promise<boolean> {
    try {
      const shipped = logged.ship()
      if (shipped) await this.#standbyWait.until(shipped)
      return true
    } catch (error) {
      runUndo(outcomes)
      this.#failBatch(batch, error, false)
      void logged.dropped()
      return false
    }
  }

  /** A batch that was shipped cannot be committed: its operations are answered once the standby does not have it either. */
  async #drop(logged: LoggedBatch): Promise<void> {
    if (this.#raw.inTransaction) this.#raw.exec('rollback')
    await this.#standbyWait.until(logged.dropped()).catch(() => undefined)
  }

  #settleBatch(outcomes: readonly OperationOutcome[]): void {
    if (!this.#committedOnce) {
      // SQLite can change the setting silently with the first write of a connection
      assertDurable(this.#raw)
      this.#committedOnce = true
    }
    runEffects(
      outcomes.flatMap(({ effects }) => effects),
      this.#options.applyFacts,
    )
    this.#options.onBatch()
    for (const { settle } of outcomes) settle()
  }

  async #updateDerived(outcomes: readonly OperationOutcome[]): Promise<void> {
    const work = outcomes.flatMap(({ derived }) => derived)
    if (work.length === 0) return
    for (const run of work) await run(this.#db)
    // a savepoint makes FTS5 write its terms out: at COMMIT an error would be in doubt
    this.#raw.exec('savepoint flushed; release flushed')
  }

  /** @throws NeedsSavepointError if it failed after it has written, without a savepoint */
  async #runOperation(operation: QueuedOperation, withSavepoint: boolean): Promise<OperationOutcome> {
    const handle = createOperationHandle(this.#connection, this.#db, this.#options.clock())
    const { capture, writeCount } = this.#connection
    const mark = capture?.mark() ?? 0
    if (withSavepoint) this.#raw.exec('savepoint operation')
    try {
      const value = await operation.run(handle.tx)
      handle.close()
      if (!this.#raw.inTransaction) throw new RolledBackError()
      if (withSavepoint) this.#raw.exec('release operation')
      const { work, derived, derivedCharacters, effects, undo } = handle
      return { work, derived, derivedCharacters, effects, undo, settle: () => operation.resolve(value) }
    } catch (error) {
      handle.close()
      runUndo([handle])
      if (!this.#raw.inTransaction) throw error
      if (isInDoubt(error) || isDamaged(error)) throw error
      if (withSavepoint) {
        this.#raw.exec('rollback to operation')
        capture?.cutTo(mark)
        this.#raw.exec('release operation')
      } else if (this.#connection.writeCount > writeCount) throw new NeedsSavepointError()
      const reason = isDiskFull(error) ? diskFull(error) : error
      const settle = (): void => operation.reject(reason)
      return { work: [], derived: [], derivedCharacters: 0, effects: [], undo: [], settle }
    }
  }

  /** Returns the error that the operation is rejected with. */
  #toReason(error: unknown, kind: 'data' | 'derived'): unknown {
    if (isDiskFull(error) || error instanceof RolledBackError) return diskFull(error)
    if (!isDamaged(error) || kind === 'derived') return error
    this.#options.onDamage?.(error, kind)
    return toDamagedError(error)
  }

  /**
   * Rejects the batch, none of whose changes exist. If the file is in doubt, settles nothing and reports a fatal
   * error.
   */
  #failBatch(batch: QueuedOperation[], error: unknown, isFatal: boolean): void {
    if (isFatal) {
      this.#stopHub(error)
      return
    }
    if (this.#raw.inTransaction) this.#raw.exec('rollback')
    const reason = this.#toReason(error, 'data')
    for (const operation of batch) operation.reject(reason)
  }
}
