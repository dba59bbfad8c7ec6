import { FairQueue } from '../../fair-queue.ts'
import type { Transaction } from '../store.ts'

const maxBatchOperations = 256
const maxBatchBytes = 1024 * 1024
const maxQueuedOperations = 5_000
const maxQueuedBytes = 32 * 1024 * 1024

export type Run<T> = (tx: Transaction) => Promise<T>

export interface QueuedOperation {
  run: Run<unknown>
  bytes: number
  derived: boolean
  user: string
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** The operations that wait for the writer: users take turns, the operations of one user keep their order. */
export class OperationQueue {
  readonly #queue = new FairQueue<QueuedOperation>()
  #bytes = 0

  get size(): number {
    return this.#queue.size
  }

  get isFull(): boolean {
    return this.#queue.size >= maxQueuedOperations || this.#bytes >= maxQueuedBytes
  }

  push(operation: QueuedOperation): void {
    this.#queue.push(operation.user, operation)
    this.#bytes += operation.bytes
  }

  takeBatch(): QueuedOperation[] {
    const batch: QueuedOperation[] = []
    let bytes = 0
    while (batch.length < maxBatchOperations && bytes < maxBatchBytes) {
      const operation = this.#queue.shift()
      if (!operation) break
      batch.push(operation)
      bytes += operation.bytes
    }
    this.#bytes -= bytes
    return batch
  }

  /** Operations of a batch that took too long run first in the next. */
  putBack(rest: readonly QueuedOperation[]): void {
    if (rest.length === 0) return
    this.#queue.unshift(rest.map((operation) => [operation.user, operation]))
    for (const { bytes } of rest) this.#bytes += bytes
  }
}
