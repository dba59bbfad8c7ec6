import { setTimeout as sleep } from 'node:timers/promises'
import type { QueryResult } from 'pg'
import { FairQueue } from '../../fair-queue.ts'
import { closing, diskFull, overloaded, toDamagedError } from '../errors.ts'
import { createOperationHandle, type OperationHandle, runEffects } from '../operation-handle.ts'
import type { Locks, StoreWriter, Transaction, WriteOptions, WriterOptions } from '../store.ts'
import type { ConnectionPool, PostgresConnection } from './connection.ts'
import {
  isConflict,
  isConnectionLost,
  isDamaged,
  isDiskFull,
  isRowConflict,
  isUnavailable,
  unavailable,
} from './errors.ts'
import { type CommitPlace, NameLocks, StreamOrder } from './order.ts'

/*
 * Runs operations on PostgreSQL, several at once. Invariants:
 *
 * 1. An operation is one transaction at READ COMMITTED. Its first statement takes all its locks; only then it reads. So
 *    what it checks cannot change before it commits.
 * 2. The promise of an operation settles only after COMMIT has returned. Its effects run before that, in the order of the
 *    commits for each stream and each lock.
 * 3. The operations of one user run in their order, each after the effects of the one before.
 * 4. An operation may run again: after a deadlock, or if the connection is lost before COMMIT was sent. It changes nothing
 *    outside its transaction while it runs.
 * 5. If the connection is lost after COMMIT was sent, the server is asked what became of the transaction, by its number.
 *    No operation is answered while that is in doubt.
 * 6. Only the process whose name is in `store_state` writes: each transaction checks it after taking its locks.
 */

const maxQueued = 5_000
const maxAttempts = 5
const maxRetryDelayMs = 40
const doubtLookupIntervalMs = 200

type Run<T> = (tx: Transaction) => Promise<T>

/** Another process has taken the hub over: what this one has in memory is no longer true. */
export class SupersededError extends Error {
  override name = 'Superseded'
}

type Attempt<T> = { value: T; handle: OperationHandle; place: CommitPlace } | { retry: unknown }

export interface PostgresWriterOptions extends WriterOptions {
  /** The name of this process in `store_state`. */
  processName: string
  /** Operations that run at once. */
  maxRunning: number
}

export class PostgresWriter implements StoreWriter {
  readonly #pool: ConnectionPool
  readonly #readPool: ConnectionPool
  readonly #options: PostgresWriterOptions
  readonly #locks = new NameLocks()
  readonly #streams = new StreamOrder()
  readonly #slots: Slots
  #count = 0
  #closed = false
  #idleWaiters: (() => void)[] = []

  constructor(pool: ConnectionPool, readPool: ConnectionPool, options: PostgresWriterOptions) {
    this.#pool = pool
    this.#readPool = readPool
    this.#options = options
    this.#slots = new Slots(options.maxRunning)
  }

  async write<T>(run: Run<T>, options: WriteOptions = {}): Promise<T> {
    if (this.#closed) throw closing()
    if (this.#count >= maxQueued) throw overloaded()
    this.#count += 1
    const { user = '', locks = [] } = options
    const turn = this.#locks.enter(user === '' ? [] : [`operations of ${user}`])
    try {
      await turn.ready
      const names = await this.#resolveLocks(locks)
      const held = names === 'hub' ? this.#locks.enter(['hub']) : this.#locks.enter(names, ['hub'])
      try {
        await held.ready
        return await this.#runWithSlot(run, names, options)
      } finally {
        held.end()
      }
    } finally {
      turn.end()
      this.#count -= 1
      if (this.#count === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve()
    }
  }

  get queuedCount(): number {
    return this.#count - this.#slots.takenCount
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#count > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  /** A function finds names in committed data that does not change, so it needs no transaction. */
  async #resolveLocks(locks: Locks): Promise<'hub' | readonly string[]> {
    if (typeof locks !== 'function') return locks
    const { db, release } = await this.#acquire(this.#readPool)
    try {
      return await locks(db)
    } finally {
      release()
    }
  }

  async #runWithSlot<T>(
    run: Run<T>,
    names: 'hub' | readonly string[],
    { user = '', derived = false }: WriteOptions,
  ): Promise<T> {
    await this.#slots.take(user)
    let isFree = false
    const free = (): void => {
      if (!isFree) this.#slots.free()
      isFree = true
    }
    try {
      const { value, handle, place } = await this.#runUntilCommitted(run, names, derived)
      free()
      await place.reached()
      try {
        runEffects(handle.effects, this.#options.applyFacts)
        this.#options.onBatch()
      } finally {
        place.settle()
      }
      return value
    } finally {
      free()
    }
  }

  async #runUntilCommitted<T>(
    run: Run<T>,
    names: 'hub' | readonly string[],
    isDerived: boolean,
  ): Promise<{ value: T; handle: OperationHandle; place: CommitPlace }> {
    const progress: Progress = { withDerived: true, sawRowConflict: false }
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(run, names, progress)
      if (!('retry' in outcome)) {
        if (progress.derivedDamage !== undefined) this.#options.onDamage?.(progress.derivedDamage, 'derived')
        return outcome
      }
      const reason = outcome.retry
      if (reason instanceof SupersededError) {
        this.#closed = true
        this.#options.onFatal(reason)
        throw closing()
      }
      const isOver = attempt >= maxAttempts || (isRowConflict(reason) && progress.sawRowConflict)
      if (isOver || !this.#mayRunAgain(reason)) throw this.#toReason(reason, isDerived)
      progress.sawRowConflict ||= isRowConflict(reason)
      await sleep(Math.random() * maxRetryDelayMs)
    }
  }

  #mayRunAgain(error: unknown): boolean {
    return (
      isConflict(error) ||
      isRowConflict(error) ||
      isConnectionLost(error) ||
      error instanceof DerivedDamageError
    )
  }

  async #acquire(pool: ConnectionPool): Promise<Awaited<ReturnType<ConnectionPool['acquire']>>> {
    try {
      return await pool.acquire()
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }

  /** Runs the operation once. Throws its error if it has failed by itself. */
  async #attempt<T>(run: Run<T>, names: 'hub' | readonly string[], progress: Progress): Promise<Attempt<T>> {
    const { connection, db, release } = await this.#acquire(this.#pool)
    const place = this.#streams.begin()
    const begun = performance.now()
    let isBroken = false
    let isCommitted = false
    try {
      const transaction = await this.#begin(connection, names)
      const handle = createOperationHandle(connection, db, this.#options.clock(), (fact) => {
        if (fact.f === 'entry') place.note(fact.entry.stream)
      })
      let value: T
      try {
        value = await run(handle.tx)
      } finally {
        handle.close()
      }
      await this.#finish(handle, connection, db, progress)
      isCommitted = await this.#commit(connection, transaction)
      if (!isCommitted) {
        this.#options.onRollback?.()
        isBroken = true
        return { retry: new Error('connection terminated before the commit') }
      }
      this.#options.onCommit?.(1, performance.now() - begun)
      return { value, handle, place }
    } catch (error) {
      isBroken = isConnectionLost(error)
      this.#options.onRollback?.()
      if (!isBroken) await connection.client.query('rollback').catch(() => (isBroken = true))
      if (error instanceof DerivedDamageError) {
        progress.withDerived = false
        progress.derivedDamage = error.cause
      }
      if (error instanceof SupersededError || this.#mayRunAgain(error)) return { retry: error }
      throw this.#toReason(error, false)
    } finally {
      if (!isCommitted) place.settle()
      release(isBroken)
    }
  }

  /** Takes all locks, in one round trip. Returns the number of the transaction. */
  async #begin(connection: PostgresConnection, names: 'hub' | readonly string[]): Promise<string> {
    const results = (await connection.client.query(
      `begin isolation level read committed; ${connection.keys.statementFor(names)};
        select pg_current_xact_id()::text as id, (select process from store_state) as process`,
    )) as unknown as QueryResult<{ id: string; process: string }>[]
    const found = results.at(-1)?.rows[0]
    if (!found) throw new Error('a transaction without a number')
    if (found.process !== this.#options.processName)
      throw new SupersededError('another process serves this hub now')
    return found.id
  }

  /** Runs what belongs to the end of the transaction: the audit log, then derived data. */
  async #finish(
    { work, derived }: OperationHandle,
    connection: PostgresConnection,
    db: Parameters<OperationHandle['work'][number]>[0],
    { withDerived }: Progress,
  ): Promise<void> {
    if (work.length > 0) {
      // each row of the log needs the one before it
      await connection.all(`select pg_advisory_xact_lock(${connection.keys.audit})`, [])
      for (const run of work) await run(db)
    }
    if (!withDerived) return
    try {
      for (const run of derived) await run(db)
    } catch (error) {
      if (isConflict(error) || isConnectionLost(error) || isDiskFull(error)) throw error
      throw new DerivedDamageError('derived data is damaged', { cause: error })
    }
  }

  /** Returns true if the transaction is committed, false if it was rolled back because the connection was lost. */
  async #commit({ client }: PostgresConnection, transaction: string): Promise<boolean> {
    try {
      const { command } = await client.query('commit')
      // COMMIT of a failed transaction is a rollback without an error
      if (command !== 'COMMIT') throw new Error('the transaction had failed before its commit')
      return true
    } catch (error) {
      if (!isConnectionLost(error)) throw error
      return this.#isCommitted(transaction)
    }
  }

  /** Asks the server what became of a transaction whose connection was lost during COMMIT. */
  async #isCommitted(transaction: string): Promise<boolean> {
    for (;;) {
      const status = await this.#lookUp(transaction).catch((error: unknown) => {
        if (isUnavailable(error)) return undefined
        throw error
      })
      if (status === 'committed') return true
      if (status === 'aborted') return false
      if (this.#closed) throw closing()
      await sleep(doubtLookupIntervalMs)
    }
  }

  async #lookUp(transaction: string): Promise<string | undefined> {
    const { connection, release } = await this.#pool.acquire()
    try {
      const [row] = await connection.all<{ status: string | null }>(
        'select pg_xact_status($1::xid8) as status',
        [transaction],
      )
      return row?.status ?? undefined
    } finally {
      release()
    }
  }

  /** Returns the error that the operation is rejected with. */
  #toReason(error: unknown, isDerived: boolean): unknown {
    if (isDiskFull(error)) return diskFull(error)
    if (isUnavailable(error)) return unavailable(error)
    if (!isDamaged(error) || isDerived) return error
    this.#options.onDamage?.(error, 'data')
    return toDamagedError(error)
  }
}

/** What the attempts of an operation have met. */
interface Progress {
  withDerived: boolean
  derivedDamage?: unknown
  sawRowConflict: boolean
}

class DerivedDamageError extends Error {
  override name = 'DerivedDamage'
}

/** Limits the operations that run at once; users take turns. */
class Slots {
  readonly #count: number
  #free: number
  readonly #waiting = new FairQueue<() => void>()

  constructor(count: number) {
    this.#count = count
    this.#free = count
  }

  get takenCount(): number {
    return this.#count - this.#free
  }

  take(user: string): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.push(user, resolve))
  }

  free(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free += 1
  }
}
