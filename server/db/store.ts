import type { Fact } from '../facts.ts'
import type { Db } from './schema.ts'

/*
 * The seam between the rules and the database. `sqlite/` implements it: one file, one process. A second implementation
 * (PostgreSQL) changes nothing above this file.
 */

/**
 * The names an operation locks before its first read: `hub` for all, or names such as `chat:<id>`. SQLite runs one
 * operation at a time and ignores them; a store that runs several at once needs them.
 */
export type Locks = 'hub' | readonly string[] | ((db: Db) => Promise<readonly string[]>)

export interface WriteOptions {
  /** Approximate number of bytes that the operation writes; limits the size of a batch. */
  bytes?: number
  locks?: Locks
  /** The operation touches derived data only: damage of it is not damage of the hub's data. */
  derived?: boolean
  /** Operations of one user run in their order; those of different users take turns. */
  user?: string
}

/** The handle of an operation. Unusable after the operation has returned. */
export interface Transaction {
  readonly db: Db
  /** The hub's wall time in ms for this operation (HubClock.now). For display and expiry, never for order. */
  readonly now: number
  /**
   * Runs `work` just before COMMIT, after all operations of the batch, in their order. For work that is much
   * cheaper once per batch than between savepoints (the audit chain). Awaits only its queries; if it throws,
   * the whole batch fails.
   */
  beforeCommit(work: (db: Db) => Promise<void>): void
  /**
   * Runs `work` just before COMMIT too, for data that can be rebuilt from the rest (the search index). If it fails, the
   * batch is committed without any of its derived changes, and the damage is reported.
   * @param characters length of the text that it takes apart: a batch contains a limited number for each user
   */
  updateDerived(work: (db: Db) => Promise<void>, characters?: number): void
  /** Reports a fact to the memory of the hub: applied after COMMIT, in commit order. */
  tell(fact: Fact): void
  /**
   * Runs `effect` after COMMIT, in commit order, for the state of this process: cookies, timers, files. It must not
   * throw and must not wait.
   */
  after(effect: () => void): void
  /** Runs `undo` if what the operation did so far is not committed, for the state of this process. It must not throw. */
  ifRolledBack(undo: () => void): void
  /** Approximate bytes of the rows that this operation has inserted or changed so far. */
  written(): number
  /** Takes bytes off `written`: what was written replaces as many of the same kind. */
  replace(bytes: number): void
}

export interface WriterOptions {
  /** Wall time in ms; it does not decrease while operations run. */
  clock: () => number
  /** Applies facts of committed operations, in commit order. */
  applyFacts: (facts: readonly Fact[]) => void
  /** Called after the effects of a batch, before any promise of the batch settles. */
  onBatch: () => void
  /** Called after each COMMIT: the number of operations, and the time since the batch began, in ms. */
  onCommit?: (operations: number, ms: number) => void
  /** The database is in doubt: the process must end without a response to any waiting request. */
  onFatal: (error: unknown) => void
  /** A page of the database, or of its derived data, is damaged. The hub goes on. */
  onDamage?: (error: unknown, kind: 'data' | 'derived') => void
}

export interface StoreWriter {
  /**
   * Runs an operation. Resolves with its result after its commit is on disk. `run` may be called again if its batch is
   * rolled back, so all it changes is in its transaction.
   * @throws HubError `busy` if too much waits, `disk_full` if the disk is full; or the error of the operation
   */
  write<T>(run: (tx: Transaction) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Waits for the queued operations, then refuses further writes. */
  close(): Promise<void>
  /** Operations that wait, if the store has a queue of its own. */
  readonly queuedCount?: number
}

export interface Store {
  readonly writer: StoreWriter
  /** Reads committed data from one snapshot. Resolves with the result of `run`. */
  read<T>(run: (db: Db) => T | Promise<T>): Promise<T>
  /** Bytes of the database, and of the log next to it. */
  measure(): Promise<{ database: number; journal: number }>
  /** Wall time in ms of the computer of the database, if that can be another one. */
  readTime?(): Promise<number>
  /** Erases deleted content from the files next to the database too. An open reader only delays it. */
  eraseDeleted(): void
  /**
   * Rewrites the database without unused pages, at once if it is small, else at the next start: everybody waits for
   * it.
   */
  compact(): void
  close(): Promise<void> | void
}
