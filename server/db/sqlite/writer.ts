import { channel } from 'node:diagnostics_channel'
import { Kysely, type Driver } from 'kysely'
import type Database from 'better-sqlite3'
import { HubError } from '../../../shared/errors.ts'
import type { Fact } from '../../facts.ts'
import type { Db, Tables } from '../schema.ts'
import type { StoreWriter, Transaction, WriteOptions } from '../store.ts'
import { assertDurable, createKysely, setConnection, type SqliteConnection } from './connection.ts'

/*
 * The one writer, with group commit. Its invariants:
 *
 * 1. Every durable change is an operation. What waits at the end of the loop's turn runs in one transaction, a savepoint
 *    each, strictly one after the other, and is committed (and synced) once. No timer: load makes the batches.
 * 2. An operation's promise settles only after COMMIT has returned. Its effects (memory, entries to sockets) run after
 *    COMMIT too, in commit order, before any promise of the batch settles. Nobody sees what can still vanish.
 * 3. An operation that throws takes only its own savepoint with it.
 * 4. An operation awaits nothing but its own queries. Since those are synchronous underneath, a batch runs within one
 *    turn of the loop. Its handle is dead once it has returned.
 * 5. When SQLite has rolled back by itself (full disk), the whole batch fails and nothing of it happened.
 * 6. When a write or sync fails in a way that leaves the file in doubt, nobody is answered: the hub stops, and the
 *    restart finds what is on disk. Each sender asks again with its cid.
 */

/** Pages in the log at which it is written back once nobody waits, and at which it is in any case. */
const checkpointPages = { idle: 1_000, busy: 4_000 }
/** Looking how many there are costs something too. */
const commitsPerWalCheck = 16

const maxBatchOperations = 256
const maxBatchBytes = 1024 * 1024
const maxQueuedOperations = 5_000
const maxQueuedBytes = 32 * 1024 * 1024

type Run<T> = (tx: Transaction) => Promise<T>

/** A fact for the memory of the hub, or work of this process. */
type Effect = Fact | (() => void)

interface QueuedOperation {
  run: Run<unknown>
  bytes: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** Each COMMIT, with the number of its operations: for the benchmark's messages per sync. */
const commitChannel = channel('hubbub:commit')

type OperationOutcome = { work: ((db: Db) => void)[]; effects: Effect[]; settle: () => void }

export interface WriterOptions {
  clock: () => number
  /** Applies facts of committed operations, in commit order. */
  applyFacts: (facts: readonly Fact[]) => void
  /** After the effects of a batch, before any promise of it settles. */
  onBatch: () => void
  /** The file is in doubt; the process must end without answering. */
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

  /** Runs an operation in the next batch. Its locks are those of the one connection. */
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

  /** Waits for what is queued, then refuses further writes. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#queue.length > 0 || this.#draining) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
    }
  }

  /** What was overwritten in the file is gone from the log beside it too. A reader in the way only puts it off. */
  truncateWal(): void {
    if (!this.#raw.inTransaction && this.#raw.open) this.#raw.pragma('wal_checkpoint(truncate)')
  }

  /**
   * The log is written back into the file between batches, after the answers have left: SQLite would do it within the
   * commit that fills it, and everybody would wait for that. On a full disk it stays in the log, and nothing is lost.
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
      // the setting can change silently with the first write of a connection
      assertDurable(this.#raw)
      this.#committedOnce = true
    }
    this.#runEffects(outcomes.flatMap(({ effects }) => effects))
    this.#options.onBatch()
    for (const { settle } of outcomes) settle()
  }

  /** In the order given, so that a fact and local work of one operation keep theirs. */
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
      const answer = isDiskFull(error) ? diskFull(error) : error
      return { work: [], effects: [], settle: () => operation.reject(answer) }
    }
  }

  /** Nothing of the batch happened, or nobody knows. */
  #failBatch(batch: QueuedOperation[], error: unknown): void {
    if (isInDoubt(error)) {
      this.#closed = true
      this.#options.onFatal(error)
      return
    }
    if (this.#raw.inTransaction) this.#raw.exec('rollback')
    const answer = isDiskFull(error) || error instanceof RolledBackError ? diskFull(error) : error
    for (const operation of batch) operation.reject(answer)
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

// Kysely asks for these to make a handle over a given executor; an operation needs none of them.
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
