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
  /** Roughly what the operation writes, so that a batch stays small. */
  bytes?: number
  locks?: Locks
}

/** An operation of the store. It is dead once the operation has returned. */
export interface Transaction {
  readonly db: Db
  /** The hub's wall time in ms for this operation; it never goes back. For display only. */
  readonly now: number
  /**
   * Runs just before COMMIT, after all operations of the batch, in their order: for work that is much cheaper once for
   * all than between savepoints (the search index, the audit chain). Synchronous; if it throws, the whole batch fails.
   */
  beforeCommit(work: (db: Db) => void): void
  /** Tells the memory of the hub what has changed: applied after COMMIT, in commit order. */
  tell(fact: Fact): void
  /**
   * Runs after COMMIT, in commit order, for what stays in this process: cookies, timers, files. It must not throw and
   * must not wait.
   */
  after(effect: () => void): void
}

export interface StoreWriter {
  /**
   * Runs an operation. Settles after its commit is on disk.
   * @throws HubError busy if too much waits, disk_full if the disk is full; or what the operation throws
   */
  write<T>(run: (tx: Transaction) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Waits for the queued operations, then refuses further writes. */
  close(): Promise<void>
}

export interface Store {
  readonly writer: StoreWriter
  /** Reads what is committed, from one snapshot. */
  read<T>(run: (db: Db) => Promise<T>): Promise<T>
  /** Erases deleted content from the files beside the database too. An open reader only delays it. */
  eraseDeleted(): void
}
