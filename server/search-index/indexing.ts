import type { Transaction } from '../db/store.ts'
import type { IndexedMessage, MessageIndex } from './message-index.ts'

/** How changes come into the search index: a moment later (index-queue.ts), or with the operation itself. */
export interface Indexing {
  /** Called in the operation that sent a message. */
  messageSent(tx: Transaction, message: IndexedMessage): void
  /** Called in an operation that changed the index. */
  indexChanged(tx: Transaction): void
  /** Called in an operation that deleted rows of messages. */
  rowsDeleted(tx: Transaction): void
  /** Adds what is missing, soon. */
  schedule(): void
  /** Resolves when everything that was sent until now is in the index, or indexing has failed. */
  drain(): Promise<void>
  /** This many of the newest messages may be missing after a start; more were written by another program. */
  readonly maxBacklogMessages: number
}

/**
 * Adds a message in the operation that sends it. For a database whose operations run at the same time: the numbers of
 * messages become visible out of order there, so no number says how far an index has come.
 */
export class DirectIndexing implements Indexing {
  readonly maxBacklogMessages = Number.POSITIVE_INFINITY
  readonly #index: MessageIndex

  constructor(index: MessageIndex) {
    this.#index = index
  }

  messageSent(tx: Transaction, message: IndexedMessage): void {
    this.#index.addMessage(tx, message)
  }

  indexChanged(): void {}
  rowsDeleted(): void {}
  schedule(): void {}
  drain(): Promise<void> {
    return Promise.resolve()
  }
}
