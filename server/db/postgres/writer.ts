import { setTimeout as sleep } from 'node:timers/promises'
import type { QueryResult } from 'pg'
import { HubError } from '../../../shared/errors.ts'
import { closing, diskFull, moved, overloaded, toDamagedError } from '../errors.ts'
import { createOperationHandle, type OperationHandle, runEffects, runUndo } from '../operation-handle.ts'
import type { Locks, StoreWriter, Transaction, WriteOptions, WriterOptions } from '../store.ts'
import { runBatch, StreamWriters } from './batch.ts'
import { commit } from './commit.ts'
import { type ConnectionPool, OperationConnection, type PostgresConnection } from './connection.ts'
import {
  isConflict,
  isConnectionLost,
  isDamaged,
  isDiskFull,
  isRowConflict,
  isUnavailable,
  unavailable,
} from './errors.ts'
import { DerivedDamageError, finish, toDerivedDamage } from './finish.ts'
import { servingProcess } from './migrate.ts'
import { type CommitPlace, StreamOrder } from './order.ts'
import { supersededMark } from './terms.ts'
import { type Place, Schedule, UserWindows } from './schedule.ts'
import { TransactionPace } from './transaction-pace.ts'

/*
 * Runs operations on PostgreSQL, several transactions at once. Invariants:
 *
 * 1. An operation runs in one transaction at READ COMMITTED, whose first statement takes all its locks; only then it
 *    reads. So what it checks cannot change before it commits.
 * 2. Operations that wait for each other, or that wait while another transaction runs (transaction-pace.ts), share a
 *    transaction and its COMMIT (schedule.ts): the former one after the other, the others at once (batch.ts).
 * 3. The promise of an operation settles only after COMMIT has returned. Its effects run before that, in the order of the
 *    commits for each stream and each lock.
 * 4. The operations of one user run in their order, each after the effects of the one before, or in the same transaction.
 *    An operation waits only for those that got their place before it: one that has to look up its names gets it after the
 *    lookup, and until then the next ones of its user get none.
 * 5. An operation that fails before it has changed anything fails alone. Any other failure rolls the batch back, and its
 *    operations run again one by one. So an operation changes nothing outside its transaction while it runs.
 * 6. An operation runs again after a deadlock, or if the connection is lost before COMMIT was sent.
 * 7. If the connection is lost after COMMIT was sent, the server is asked what became of the transaction, by its number.
 *    No operation is answered while that is in doubt.
 * 8. Only the process whose name is in `store_state` writes, and only a program that is not too old for the schema: each
 *    transaction checks it after taking its locks.
 */

const maxQueued = 5_000
const maxAttempts = 5
const maxRetryDelayMs = 40

type Run<T> = (tx: Transaction) => Promise<T>

/** Another process has taken the hub over: what this one has in memory is no longer true. */
export class SupersededError extends Error {
  override name = 'Superseded'
}

type Names = 'hub' | readonly string[]

/** An operation that waits or runs. */
interface Pending {
  readonly run: Run<unknown>
  readonly user: string
  readonly derived: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  names: Names
  /** The names that it needs alone: its locks, and the order of its user. */
  order: readonly string[]
}

/** An operation of a committed transaction: its result, or the error that it failed with before it changed anything. */
type Outcome = { pending: Pending } & ({ value: unknown; handle: OperationHandle } | { error: unknown })

/** A committed transaction. */
interface Committed {
  outcomes: Outcome[]
  place: CommitPlace
}

export interface PostgresWriterOptions extends WriterOptions {
  /** The name of this process in `store_state`. */
  processName: string
  /** Transactions that run at once. */
  maxRunning: number
}

export class PostgresWriter implements StoreWriter {
  readonly #pool: ConnectionPool
  readonly #readPool: ConnectionPool
  readonly #options: PostgresWriterOptions
  readonly #schedule = new Schedule<Pending>()
  readonly #windows = new UserWindows()
  readonly #streams = new StreamOrder()
  #transactionCount = 0
  /** Operations that wait or run. */
  #count = 0
  #runningCount = 0
  readonly #pace = new TransactionPace(() => this.#runReady())
  #isAboutToRun = false
  #closed = false
  #idleWaiters: (() => void)[] = []

  constructor(pool: ConnectionPool, readPool: ConnectionPool, options: PostgresWriterOptions) {
    this.#pool = pool
    this.#readPool = readPool
    this.#options = options
  }

  write<T>(run: Run<T>, { user = '', locks = [], derived = false }: WriteOptions = {}): Promise<T> {
    if (this.#closed) return Promise.reject(closing())
    if (this.#count >= maxQueued) return Promise.reject(overloaded())
    this.#count += 1
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const pending: Pending = {
      ...{ run, user, derived, reject, names: [], order: [] },
      resolve: resolve as (value: unknown) => void,
    }
    this.#windows.enter(user, () => this.#enter(pending, locks))
    return promise.finally(() => {
      this.#count -= 1
      this.#windows.leave(user)
      if (this.#count === 0) for (const each of this.#idleWaiters.splice(0)) each()
    })
  }

  get queuedCount(): number {
    return this.#count - this.#runningCount
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#count > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  #enter(pending: Pending, locks: Locks): void {
    const { user } = pending
    const ownOrder = user === '' ? [] : [`operations of ${user}`]
    if (typeof locks !== 'function') {
      this.#addPlace(pending, locks, ownOrder)
      return
    }
    // The next operation of the user may need the same names: it would be ahead of this one there, and wait for it here.
    this.#windows.hold(user)
    // what it looks up may have been written by the operation before it
    const turn = this.#schedule.add({
      ...{ item: pending, user, alone: ownOrder },
      onReady: () => void this.#enterFound(pending, locks, () => this.#schedule.end(turn)),
    })
  }

  async #enterFound(pending: Pending, locks: Exclude<Locks, Names>, endTurn: () => void): Promise<void> {
    const settled = Promise.withResolvers<void>()
    const { resolve, reject } = pending
    try {
      const names = await this.#findLocks(locks)
      this.#addPlace(
        {
          ...pending,
          resolve: (value) => (resolve(value), settled.resolve()),
          reject: (error) => (reject(error), settled.resolve()),
        },
        names,
        [],
      )
      this.#windows.release(pending.user)
      await settled.promise
    } catch (error) {
      this.#windows.release(pending.user)
      reject(error)
    } finally {
      endTurn()
      this.#runReady()
    }
  }

  #addPlace(pending: Pending, names: Names, ownOrder: string[]): void {
    pending.names = names
    pending.order = names === 'hub' ? ownOrder : [...names, ...ownOrder]
    this.#schedule.add({
      ...{ item: pending, user: pending.user },
      ...(names === 'hub'
        ? { alone: ['hub', ...ownOrder] }
        : { alone: pending.order, shared: ['hub'], mayJoin: true }),
    })
    this.#runSoon()
  }

  /** A function finds names in committed data that does not change, so it needs no transaction. */
  async #findLocks(locks: Exclude<Locks, Names>): Promise<readonly string[]> {
    const { db, release } = await this.#acquire(this.#readPool)
    try {
      return await locks(db)
    } finally {
      release()
    }
  }

  /** Operations that came in the same turn of the loop share a transaction. */
  #runSoon(): void {
    if (this.#isAboutToRun) return
    this.#isAboutToRun = true
    setImmediate(() => {
      this.#isAboutToRun = false
      this.#runReady()
    })
  }

  #runReady(): void {
    const { maxRunning } = this.#options
    for (;;) {
      const ready = this.#schedule.readyCount
      if (ready === 0 || this.#transactionCount >= maxRunning) return
      if (!this.#pace.mayBegin(this.#transactionCount, ready)) return
      const places = this.#schedule.take()
      this.#transactionCount += 1
      this.#runningCount += places.length
      void this.#runTaken(places)
    }
  }

  /** Runs operations together, or one by one if that fails. Never rejects. */
  async #runTaken(places: Place<Pending>[]): Promise<void> {
    let isFree = false
    const free = (): void => {
      if (isFree) return
      isFree = true
      this.#transactionCount -= 1
      this.#runReady()
    }
    const together = places.length === 1 ? undefined : await this.#tryTogether(places)
    if (together) {
      free()
      await this.#settle(together, places)
      return
    }
    for (const [index, place] of places.entries()) {
      try {
        const committed = await this.#runUntilCommitted(place.item)
        if (index === places.length - 1) free()
        await this.#settle(committed, [place])
      } catch (error) {
        place.item.reject(error)
        this.#end([place])
      }
    }
    free()
  }

  async #tryTogether(places: readonly Place<Pending>[]): Promise<Committed | undefined> {
    try {
      const attempt = await this.#attempt(
        places.map(({ item }) => item),
        { withDerived: true, sawRowConflict: false },
      )
      return 'retry' in attempt ? undefined : attempt
    } catch {
      // each meets the error again, and only its own
      return undefined
    }
  }

  /** Runs the effects of a transaction when it is its turn, then settles its operations. */
  async #settle({ outcomes, place }: Committed, places: readonly Place<Pending>[]): Promise<void> {
    await place.reached()
    try {
      for (const outcome of outcomes)
        if ('handle' in outcome) runEffects(outcome.handle.effects, this.#options.applyFacts)
      this.#options.onBatch()
      for (const outcome of outcomes) {
        if ('error' in outcome) outcome.pending.reject(outcome.error)
        else outcome.pending.resolve(outcome.value)
      }
    } catch (error) {
      for (const { pending } of outcomes) pending.reject(error)
    } finally {
      place.settle()
      this.#end(places)
    }
  }

  #end(places: readonly Place<Pending>[]): void {
    this.#runningCount -= places.length
    for (const place of places) this.#schedule.end(place)
    this.#runReady()
  }

  async #runUntilCommitted(pending: Pending): Promise<Committed> {
    const progress: Progress = { withDerived: true, sawRowConflict: false }
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt([pending], progress)
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
      if (isOver || !mayRunAgain(reason)) throw this.#toReason(reason, pending.derived)
      progress.sawRowConflict ||= isRowConflict(reason)
      await sleep(Math.random() * maxRetryDelayMs)
    }
  }

  async #acquire(pool: ConnectionPool): Promise<Awaited<ReturnType<ConnectionPool['acquire']>>> {
    try {
      return await pool.acquire()
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }

  /** Runs operations once, in one transaction. Throws the error of an operation that has failed by itself. */
  async #attempt(
    operations: readonly Pending[],
    progress: Progress,
  ): Promise<Committed | { retry: unknown }> {
    const { connection, db, release } = await this.#acquire(this.#pool)
    const place = this.#streams.begin()
    const begunAt = performance.now()
    const handles: OperationHandle[] = []
    let isBroken = false
    let isCommitted = false
    const begun = this.#begin(connection, operations)
    try {
      const writers = new StreamWriters()
      // in the order in which they end
      const outcomes: Outcome[] = []
      await runBatch(operations, async (pending) => {
        const own = new OperationConnection(connection)
        const handle = createOperationHandle(own, db, this.#options.clock(), (fact) => {
          if (fact.f !== 'entry') return
          writers.note(pending, fact.entry.stream, fact.entry.seq)
          place.note(fact.entry.stream)
        })
        handles.push(handle)
        outcomes.push(await this.#runOne(pending, own, handle))
        writers.end(pending)
      })
      const transaction = await begun
      const done = outcomes.flatMap((outcome) => ('handle' in outcome ? [outcome.handle] : []))
      await finish(done, connection, db, progress.withDerived)
      isCommitted = await commit(connection, transaction, { pool: this.#pool, isClosed: () => this.#closed })
      if (!isCommitted) {
        isBroken = true
        return { retry: new Error('connection terminated before the commit') }
      }
      const tookMs = performance.now() - begunAt
      this.#pace.noteCommit(tookMs)
      this.#options.onCommit?.(operations.length, tookMs)
      return { outcomes, place }
    } catch (caught) {
      const error = await begun.then(
        () => (connection.failedDerived ? toDerivedDamage(caught) : caught),
        (reason: unknown) => reason,
      )
      isBroken = isConnectionLost(error)
      if (!isBroken) await connection.client.query('rollback').catch(() => (isBroken = true))
      if (error instanceof DerivedDamageError) {
        progress.withDerived = false
        progress.derivedDamage = error.cause
      }
      if (error instanceof SupersededError || mayRunAgain(error)) return { retry: error }
      throw this.#toReason(error, false)
    } finally {
      connection.endWriting()
      if (!isCommitted) {
        place.settle()
        runUndo(handles)
      }
      release(isBroken)
    }
  }

  /** Takes all locks. What is read next leaves together with this. Returns the number of the transaction. */
  #begin(connection: PostgresConnection, operations: readonly Pending[]): Promise<string> {
    return connection.beginWriting(() => this.#takeLocks(connection, operations))
  }

  async #takeLocks(connection: PostgresConnection, operations: readonly Pending[]): Promise<string> {
    const isAlone = operations.some(({ names }) => names === 'hub')
    const locks = isAlone ? 'hub' : operations.flatMap(({ names }) => (names === 'hub' ? [] : names))
    const results = (await connection.client.query(
      `begin isolation level read committed; ${connection.keys.statementFor(locks)};
        select pg_current_xact_id()::text as id, ${servingProcess} as process`,
    )) as unknown as QueryResult<{ id: string; process: string | null }>[]
    const found = results.at(-1)?.rows[0]
    if (!found) throw new Error('a transaction without a number')
    // the guard of the process notices it within a second, and says so
    if (found.process === supersededMark) throw moved()
    if (found.process !== this.#options.processName)
      throw new SupersededError(
        'another process serves this hub now, or a newer Hubbub has changed its database',
      )
    return found.id
  }

  /** Runs one operation of a transaction. Throws if the transaction cannot go on. */
  async #runOne(pending: Pending, own: OperationConnection, handle: OperationHandle): Promise<Outcome> {
    try {
      return { pending, value: await pending.run(handle.tx), handle }
    } catch (error) {
      if (!(error instanceof HubError) || !own.isUnchanged) throw error
      runUndo([handle])
      return { pending, error }
    } finally {
      handle.close()
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

function mayRunAgain(error: unknown): boolean {
  return (
    isConflict(error) ||
    isRowConflict(error) ||
    isConnectionLost(error) ||
    error instanceof DerivedDamageError
  )
}
