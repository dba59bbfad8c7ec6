import type { OperationHandle } from '../operation-handle.ts'
import type { QueuedOperation } from './operation-queue.ts'

/** What an operation leaves for the rest of its batch. */
export interface OperationOutcome extends Pick<
  OperationHandle,
  'work' | 'derived' | 'derivedCharacters' | 'effects' | 'undo'
> {
  settle: () => void
}

export interface BatchMode {
  withDerived: boolean
  withSavepoints: boolean
}

/** How far a batch has come. */
export interface BatchRun {
  readonly outcomes: OperationOutcome[]
  /** The operation that runs, or whose later work does. */
  culprit: QueuedOperation | undefined
  /** Derived data is being written. */
  isDerived: boolean
}

/** A batch was rolled back, and runs again in this way. */
export type Rerun =
  /** `one by one`: the batch is too large for the row log. */
  | { again: 'with savepoints' | 'one by one' }
  | { again: 'without the culprit'; culprit: QueuedOperation; error: unknown }
  | { again: 'without derived data'; error: unknown }

/** An operation failed after it had written, without a savepoint to undo it by. */
export class NeedsSavepointError extends Error {
  override name = 'NeedsSavepoint'
}

/** SQLite has rolled the transaction back by itself. */
export class RolledBackError extends Error {
  override name = 'RolledBack'
}
