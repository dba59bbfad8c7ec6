import { HubError } from '../../../shared/errors.ts'

/*
 * What the writer knows of the row log (server/continuity/row-log.ts). Without a standby the log is off, and none of
 * this is called for a batch.
 */

export interface BatchLog {
  readonly isOn: boolean
  /** A transaction has begun: nothing of an earlier one counts. */
  beginBatch(): void
  /** Encodes the changes of the batch and writes its place into the database. Nothing if it changed no row of the log. */
  sealBatch(): LoggedBatch | undefined
}

/** The changes of a batch are more than one frame may have. */
export class FrameTooLargeError extends HubError {
  constructor() {
    super(
      'too_large',
      'This changes too much at once for a hub with a standby computer. Do it in smaller steps.',
    )
  }
}

/** A batch that is ready to be committed. */
export interface LoggedBatch {
  /** Resolves when the batch may be committed, at once if nothing is returned. Rejects if it must be rolled back. */
  ship(): Promise<void> | undefined
  /** Called after COMMIT, before the effects of the batch. */
  committed(): void
  /** The batch was rolled back after `ship`. Resolves when nobody keeps its frame. */
  dropped(): Promise<void>
}

/** Changes of rows that are noted while operations run: see server/continuity/capture.ts. */
export interface ChangeCapture {
  mark(): number
  /** What was noted since the mark was undone. */
  cutTo(mark: number): void
}
