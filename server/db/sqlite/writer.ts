import { channel } from 'node:diagnostics_channel'
import { Kysely, type Driver } from 'kysely'
import type Database from 'better-sqlite3'
import { HubError } from '../../../shared/errors.ts'
import type { Fact } from '../../facts.ts'
import type { Db, Tables } from '../schema.ts'
import type { StoreWriter, Transaction, WriteOptions } from '../store.ts'
import { assertDurable, createKysely, setConnection, type SqliteConnection } from './connection.ts'

/*
 * The only writer of the database, with group commit. Invariants:
 *
 * 1. Every durable change is an operation. Operations that are queued at the end of an event loop turn run in one
 *    transaction, strictly one after the other, each in its own savepoint. The batch is committed and synced once.
 *    No timer: load forms the batches.
 * 2. The promise of an operation settles only after COMMIT has returned. Its effects (memory, entries to sockets)
 *    also run after COMMIT, in commit order, before any promise of the batch settles. No client sees a change that
 *    can still be lost.
 * 3. An operation that throws rolls back only its own savepoint.
 * 4. An operation awaits only its own queries. Queries are synchronous underneath, so a batch runs within one turn
 *    of the loop. The handle of an operation is unusable after the operation has returned.
 * 5. If SQLite rolls back by itself (full disk), the whole batch fails and none of its changes exist.
 * 6. If a write or sync fails in a way that leaves the file in doubt, the hub stops without settling any promise of
 *    the batch. The restart reads what is on disk, and clients repeat their requests with the same cid.
 */

/**
 * Size of the write-ahead log, in pages, from which it is checkpointed: while no operation waits, and in any case.
 */
const checkpointPages = { idle: 1_000, busy: 4_000 }
/** Reading the size of the log has a cost too. */
const commitsPerWalCheck = 16

const maxBatchOperations = 256
const maxBatchBytes = 1024 * 1024
const maxQueuedOperations = 5_000
const maxQueuedBytes = 32 * 1024 * 1024

type Run<T> = (tx: Transaction) => Promise<T>

/** A fact for the memory of the hub, or a function that runs in this process. */
type Effect = Fact | (() => void)

interface QueuedOperation {
  run: Run<unknown>
  bytes: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** Publishes each COMMIT with its number of operations: the benchmark computes messages per sync from it. */
const commitChannel = channel('hubbub:commit')

type OperationOutcome = { work: ((db: Db) => void)[]; effects: Effect[]; settle: () => void }

export interface WriterOptions {
  clock: () => number
  /** Applies facts of committed operations, in commit order. */
  applyFacts: (facts: readonly Fact[]) => void
  /** Called after the effects of a batch, before any promise of the batch settles. */
  onBatch: () => void
  /** The file is in doubt: the process must end without a response to any waiting request. */
  onFatal: (error: unknown) => void
}

export class Writer implements StoreWriter {
  readonly #connection: SqliteConnection
  readonly #raw: Database.Database
  readonly #db: Db
  readonly #options: WriterOptions
  #queue: QueuedOperation[] = []
  #queuedBytes = 0
  #scheduled = false
  #draining = false
  #closed = false
  #idleWaiters: (() => void)[] = []
  #lastNow = 0
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
  write<T>(run: Run<T>, { bytes = 256 }: WriteOptions = {}): Promise<T> {
    if (this.#closed)
      return Promise.reject(new HubError('busy', 'The hub is closing. Try again shortly.', { retryAfter: 2 }))
    if (this.#queue.length >= maxQueuedOperations || this.#queuedBytes >= maxQueuedBytes) {
      return Promise.reject(
        new HubError('busy', 'The hub is overloaded. Try again shortly.', { retryAfter: 1 }),
      )
    }
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run, bytes, resolve: resolve as (value: unknown) => void, reject })
      this.#queuedBytes += bytes
      this.#schedule()
    })
  }

  /** Refuses further writes. Resolves once the queued operations are done. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#queue.length > 0 || this.#draining) {
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

  /**
   * Checkpoints the log between batches, after the responses are sent. SQLite would do it within the commit that
   * fills the log, and every user would wait for it. If the disk is full, the changes stay in the log and nothing
   * is lost.
   */
  #checkpointWal(): void {
    if (this.#draining || this.#closed || !this.#raw.open) return
    try {
      const [state] = this.#raw.pragma('wal_checkpoint(noop)') as { log: number }[]
      const pages = this.#queue.length > 0 ? checkpointPages.busy : checkpointPages.idle
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
    await this.#commit(this.#takeBatch())
    this.#draining = false
    this.#commitCount += 1
    if (this.#commitCount % commitsPerWalCheck === 0) setImmediate(() => this.#checkpointWal())
    if (this.#queue.length > 0) this.#schedule()
    else for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  #takeBatch(): QueuedOperation[] {
    let bytes = 0
    let count = 0
    while (
      count < this.#queue.length &&
      count < maxBatchOperations &&
      (count === 0 || bytes < maxBatchBytes)
    ) {
      bytes += this.#queue[count]?.bytes ?? 0
      count += 1
    }
    this.#queuedBytes -= bytes
    if (count === this.#queue.length) {
      const all = this.#queue
      this.#queue = []
      return all
    }
    return this.#queue.splice(0, count)
  }

  async #commit(batch: QueuedOperation[]): Promise<void> {
    const outcomes: OperationOutcome[] = []
    try {
      this.#raw.exec('begin immediate')
      for (const operation of batch) {
        outcomes.push(await this.#runOperation(operation))
        if (!this.#raw.inTransaction) throw new RolledBackError()
      }
      for (const { work } of outcomes) for (const run of work) run(this.#db)
      if (!this.#raw.inTransaction) throw new RolledBackError()
      this.#raw.exec('commit')
    } catch (error) {
      this.#failBatch(batch, error)
      return
    }
    if (commitChannel.hasSubscribers) commitChannel.publish(batch.length)
    if (!this.#committedOnce) {
      // SQLite can change the setting silently with the first write of a connection
      assertDurable(this.#raw)
      this.#committedOnce = true
    }
    this.#runEffects(outcomes.flatMap(({ effects }) => effects))
    this.#options.onBatch()
    for (const { settle } of outcomes) settle()
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
      const { work, effects } = handle
      return { work, effects, settle: () => operation.resolve(value) }
    } catch (error) {
      handle.close()
      if (!this.#raw.inTransaction) throw error
      if (isInDoubt(error)) throw error
      this.#raw.exec('rollback to operation')
      this.#raw.exec('release operation')
      const reason = isDiskFull(error) ? diskFull(error) : error
      return { work: [], effects: [], settle: () => operation.reject(reason) }
    }
  }

  /**
   * Rejects the batch, none of whose changes exist. If the file is in doubt, settles nothing and reports a fatal
   * error.
   */
  #failBatch(batch: QueuedOperation[], error: unknown): void {
    if (isInDoubt(error)) {
      this.#closed = true
      this.#options.onFatal(error)
      return
    }
    if (this.#raw.inTransaction) this.#raw.exec('rollback')
    const reason = isDiskFull(error) || error instanceof RolledBackError ? diskFull(error) : error
    for (const operation of batch) operation.reject(reason)
  }

  #createTx(): {
    tx: Transaction
    work: OperationOutcome['work']
    effects: OperationOutcome['effects']
    close: () => void
  } {
    let alive = true
    const work: OperationOutcome['work'] = []
    const effects: Effect[] = []
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
    this.#lastNow = Math.max(this.#lastNow, this.#options.clock())
    const tx: Transaction = {
      db,
      now: this.#lastNow,
      beforeCommit: (run) => {
        if (!alive) throw new Error('this operation has ended')
        work.push(run)
      },
      tell: (fact) => {
        if (!alive) throw new Error('this operation has ended')
        effects.push(fact)
      },
      after: (effect) => {
        if (!alive) throw new Error('this operation has ended')
        effects.push(effect)
      },
    }
    const close = (): void => {
      alive = false
    }
    return { tx, work, effects, close }
  }
}

class RolledBackError extends Error {
  override name = 'RolledBack'
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : ''
}

function isDiskFull(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_FULL'
}

function isInDoubt(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
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
