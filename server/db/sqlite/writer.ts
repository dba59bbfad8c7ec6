import { channel } from 'node:diagnostics_channel'
import { Kysely, type Driver } from 'kysely'
import type Database from 'better-sqlite3'
import { HubError } from '../../../shared/errors.ts'
import type { Fact } from '../../facts.ts'
import type { Db, Tables } from '../schema.ts'
import type { StoreWriter, Transaction, WriteOptions } from '../store.ts'
import { isDamaged, isDiskFull, isInDoubt, toDamagedError } from './errors.ts'
import { BatchTimes } from './batch-times.ts'
import { OperationQueue, type QueuedOperation, type Run } from './operation-queue.ts'
import { assertDurable, createKysely, setConnection, type SqliteConnection } from './connection.ts'

/*
 * The only writer of the database, with group commit. Invariants:
 *
 * 1. Every durable change is an operation. Operations that are queued at the end of an event loop turn run in one
 *    transaction, strictly one after the other, each in its own savepoint. The batch is committed and synced once.
 *    No timer: load forms the batches. Those of one user keep their order; users take turns.
 * 2. The promise of an operation settles only after COMMIT has returned. Its effects (memory, entries to sockets)
 *    also run after COMMIT, in commit order, before any promise of the batch settles. No client sees a change that
 *    can still be lost.
 * 3. An operation that throws rolls back only its own savepoint.
 * 4. An operation awaits only its own queries. Queries are synchronous underneath, so a batch runs within one turn
 *    of the loop. The handle of an operation is unusable after the operation has returned.
 * 5. If SQLite rolls back by itself (full disk), the whole batch fails and none of its changes exist.
 * 6. A damaged page fails the operation that meets it, with words for its user. Derived data (the search index) is
 *    written last, and its damage fails no operation: the batch is rolled back and run again without it. So an
 *    operation may run twice, and changes nothing outside its transaction while it runs.
 * 7. If a write or sync fails in a way that leaves the file in doubt, the hub stops without settling any promise of
 *    the batch. The restart reads what is on disk, and clients repeat their requests with the same cid.
 */

/**
 * Size of the write-ahead log, in pages, from which it is checkpointed: while no operation waits, and in any case.
 */
const checkpointPages = { idle: 1_000, busy: 4_000 }
/** Reading the size of the log has a cost too. */
const commitsPerWalCheck = 16

/** A fact for the memory of the hub, or a function that runs in this process. */
type Effect = Fact | (() => void)

/** Publishes each COMMIT with its number of operations: the benchmark computes messages per sync from it. */
const commitChannel = channel('hubbub:commit')

interface OperationOutcome {
  work: ((db: Db) => void)[]
  derived: ((db: Db) => void)[]
  /** The length of the texts that `derived` works on. */
  derivedCharacters: number
  effects: Effect[]
  settle: () => void
}

export interface WriterOptions {
  /** Wall time in ms; it does not decrease while operations run. */
  clock: () => number
  /** Applies facts of committed operations, in commit order. */
  applyFacts: (facts: readonly Fact[]) => void
  /** Called after the effects of a batch, before any promise of the batch settles. */
  onBatch: () => void
  /** A batch was rolled back: none of its effects will run. It may run again. */
  onRollback?: () => void
  /** The file is in doubt: the process must end without a response to any waiting request. */
  onFatal: (error: unknown) => void
  /** A page of the database, or of its derived data, is damaged. The hub goes on. */
  onDamage?: (error: unknown, kind: 'data' | 'derived') => void
}

export class Writer implements StoreWriter {
  readonly #connection: SqliteConnection
  readonly #raw: Database.Database
  readonly #db: Db
  readonly #options: WriterOptions
  /** In rotation by user: the operations of one user run in their order, and delay no other user. */
  readonly #queue = new OperationQueue()
  #scheduled = false
  #draining = false
  #closed = false
  #idleWaiters: (() => void)[] = []
  #committedOnce = false
  #commitCount = 0

  constructor(connection: SqliteConnection, options: WriterOptions) {
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
    if (this.#closed)
      return Promise.reject(new HubError('busy', 'The hub is closing. Try again shortly.', { retryAfter: 2 }))
    if (this.#queue.isFull) {
      return Promise.reject(
        new HubError('busy', 'The hub is overloaded. Try again shortly.', { retryAfter: 1 }),
      )
    }
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

  /** Refuses further writes. Resolves once the queued operations are done. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#queue.size > 0 || this.#draining) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
    }
  }

  /**
   * Empties the write-ahead log, so that content overwritten in the database is erased from the log too. An open
   * reader only delays it.
   */
  truncateWal(): void {
    if (!this.#raw.inTransaction && this.#raw.open) this.#raw.pragma('wal_checkpoint(truncate)')
  }

  /** Rewrites the file without unused pages. */
  vacuum(): void {
    if (!this.#raw.inTransaction && this.#raw.open) this.#raw.exec('vacuum')
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
      this.#closed = true
      this.#options.onFatal(error)
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
    await this.#commit(this.#queue.takeBatch())
    this.#draining = false
    this.#commitCount += 1
    if (this.#commitCount % commitsPerWalCheck === 0) setImmediate(() => this.#checkpointWal())
    if (this.#queue.size > 0) this.#schedule()
    else for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  /**
   * Commits a batch. If an operation meets damage, or derived data is damaged, the batch is rolled back and run again
   * without it: SQLite refuses everything else in a transaction that met damage.
   */
  async #commit(batch: QueuedOperation[]): Promise<void> {
    let operations = batch
    let withDerived = true
    let derivedDamage: unknown
    while (operations.length > 0) {
      const outcomes = await this.#runBatch(operations, withDerived)
      if (!outcomes) return
      if ('culprit' in outcomes) {
        const { culprit, error } = outcomes
        operations = operations.filter((operation) => operation !== culprit)
        culprit.reject(this.#toReason(error, culprit.derived ? 'derived' : 'data'))
        continue
      }
      if ('derivedDamage' in outcomes) {
        withDerived = false
        derivedDamage = outcomes.derivedDamage
        continue
      }
      this.#settleBatch(outcomes)
      break
    }
    if (derivedDamage !== undefined) this.#options.onDamage?.(derivedDamage, 'derived')
  }

  /** Runs and commits operations. Returns undefined if they failed and were answered; otherwise nothing is in doubt. */
  async #runBatch(
    batch: QueuedOperation[],
    withDerived: boolean,
  ): Promise<
    OperationOutcome[] | { culprit: QueuedOperation; error: unknown } | { derivedDamage: unknown } | undefined
  > {
    const outcomes: OperationOutcome[] = []
    let culprit: QueuedOperation | undefined
    let isDerived = false
    try {
      this.#raw.exec('begin immediate')
      const times = new BatchTimes()
      const putBack: QueuedOperation[] = []
      const ran: QueuedOperation[] = []
      for (const operation of batch) {
        if (times.isOver(operation.user)) {
          putBack.push(operation)
          continue
        }
        culprit = operation
        const outcome = await this.#runOperation(operation)
        outcomes.push(outcome)
        ran.push(operation)
        times.add(operation.user, outcome.derivedCharacters)
        if (!this.#raw.inTransaction) throw new RolledBackError()
      }
      batch.splice(0, batch.length, ...ran)
      this.#queue.putBack(putBack)
      for (const [at, { work }] of outcomes.entries()) {
        culprit = batch[at]
        for (const run of work) run(this.#db)
      }
      culprit = undefined
      isDerived = withDerived
      if (withDerived) this.#updateDerived(outcomes)
      isDerived = false
      if (!this.#raw.inTransaction) throw new RolledBackError()
    } catch (error) {
      this.#options.onRollback?.()
      const goesOn = !isInDoubt(error) && !isDiskFull(error) && this.#raw.inTransaction
      if (!goesOn || !(isDerived || (culprit && isDamaged(error)))) {
        this.#failBatch(batch, error, isInDoubt(error))
        return undefined
      }
      this.#raw.exec('rollback')
      return isDerived || !culprit ? { derivedDamage: error } : { culprit, error }
    }
    try {
      this.#raw.exec('commit')
    } catch (error) {
      this.#options.onRollback?.()
      this.#failBatch(batch, error, isInDoubt(error) || isDamaged(error))
      return undefined
    }
    return outcomes
  }

  #settleBatch(outcomes: readonly OperationOutcome[]): void {
    if (commitChannel.hasSubscribers) commitChannel.publish(outcomes.length)
    if (!this.#committedOnce) {
      // SQLite can change the setting silently with the first write of a connection
      assertDurable(this.#raw)
      this.#committedOnce = true
    }
    this.#runEffects(outcomes.flatMap(({ effects }) => effects))
    this.#options.onBatch()
    for (const { settle } of outcomes) settle()
  }

  #updateDerived(outcomes: readonly OperationOutcome[]): void {
    const work = outcomes.flatMap(({ derived }) => derived)
    if (work.length === 0) return
    for (const run of work) run(this.#db)
    // a savepoint makes FTS5 write its terms out: at COMMIT an error would be in doubt
    this.#raw.exec('savepoint flushed; release flushed')
  }

  /** Runs effects in the given order, so that facts and local functions of one operation stay in sequence. */
  #runEffects(effects: readonly Effect[]): void {
    let facts: Fact[] = []
    for (const effect of effects) {
      if (typeof effect !== 'function') {
        facts.push(effect)
        continue
      }
      this.#options.applyFacts(facts)
      facts = []
      effect()
    }
    this.#options.applyFacts(facts)
  }

  async #runOperation(operation: QueuedOperation): Promise<OperationOutcome> {
    const handle = this.#createTx()
    this.#raw.exec('savepoint operation')
    try {
      const value = await operation.run(handle.tx)
      handle.close()
      if (!this.#raw.inTransaction) throw new RolledBackError()
      this.#raw.exec('release operation')
      const { work, derived, effects } = handle
      return {
        work,
        derived,
        derivedCharacters: handle.derivedCharacters(),
        effects,
        settle: () => operation.resolve(value),
      }
    } catch (error) {
      handle.close()
      if (!this.#raw.inTransaction) throw error
      if (isInDoubt(error) || isDamaged(error)) throw error
      this.#raw.exec('rollback to operation')
      this.#raw.exec('release operation')
      const reason = isDiskFull(error) ? diskFull(error) : error
      const settle = (): void => operation.reject(reason)
      return { work: [], derived: [], derivedCharacters: 0, effects: [], settle }
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
      this.#closed = true
      this.#options.onFatal(error)
      return
    }
    if (this.#raw.inTransaction) this.#raw.exec('rollback')
    const reason = this.#toReason(error, 'data')
    for (const operation of batch) operation.reject(reason)
  }

  #createTx(): {
    tx: Transaction
    work: OperationOutcome['work']
    derived: OperationOutcome['derived']
    derivedCharacters: () => number
    effects: OperationOutcome['effects']
    close: () => void
  } {
    let alive = true
    const work: OperationOutcome['work'] = []
    const derived: OperationOutcome['derived'] = []
    let derivedCharacters = 0
    const effects: Effect[] = []
    let bytesBefore = this.#connection.writtenBytes
    const connection = (): SqliteConnection => {
      if (!alive)
        throw new Error('this operation has ended: its handle must not be used after it has returned')
      return this.#connection
    }
    const executor = this.#db.getExecutor().withConnectionProvider({
      provideConnection: (consumer) => consumer(connection()),
    })
    const db = new Kysely<Tables>({ config: noConfig, dialect: noDialect, driver: noDriver, executor })
    setConnection(db, connection)
    const tx: Transaction = {
      db,
      now: this.#options.clock(),
      beforeCommit: (run) => {
        if (!alive) throw new Error('this operation has ended')
        work.push(run)
      },
      updateDerived: (run, characters = 0) => {
        if (!alive) throw new Error('this operation has ended')
        derived.push(run)
        derivedCharacters += characters
      },
      tell: (fact) => {
        if (!alive) throw new Error('this operation has ended')
        effects.push(fact)
      },
      after: (effect) => {
        if (!alive) throw new Error('this operation has ended')
        effects.push(effect)
      },
      written: () => this.#connection.writtenBytes - bytesBefore,
      replace: (bytes) => {
        bytesBefore += bytes
      },
    }
    const close = (): void => {
      alive = false
    }
    return { tx, work, derived, derivedCharacters: () => derivedCharacters, effects, close }
  }
}

class RolledBackError extends Error {
  override name = 'RolledBack'
}

function diskFull(cause: unknown): HubError {
  return new HubError(
    'disk_full',
    'The hub’s disk is full. Nothing was lost. Try again when there is space.',
    {
      retryAfter: 30,
      cause,
    },
  )
}

// Kysely requires these to make a handle over a given executor; an operation uses none of them.
const throwUnsupported = (): never => {
  throw new Error('an operation is a transaction already')
}
const noDriver = {
  init: throwUnsupported,
  acquireConnection: throwUnsupported,
  beginTransaction: throwUnsupported,
  commitTransaction: throwUnsupported,
  rollbackTransaction: throwUnsupported,
  releaseConnection: throwUnsupported,
  destroy: throwUnsupported,
} satisfies Driver
const noDialect = {
  createAdapter: throwUnsupported,
  createDriver: throwUnsupported,
  createIntrospector: throwUnsupported,
  createQueryCompiler: throwUnsupported,
}
const noConfig = { dialect: noDialect }
