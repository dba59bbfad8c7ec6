/*
 * Runs the operations of one transaction. Those without a common name run at once: their statements leave together, and a
 * round trip serves all of them. Invariants:
 *
 * 1. An operation begins after all operations ahead of it that have a name in common with it have ended.
 * 2. Two operations that run at once write to no stream in common: which is first could differ between two streams, and
 *    no order of their effects would be right.
 * 3. No operation runs any more when `runBatch` settles, so none sends a statement after the rollback.
 */

export interface Runnable {
  /** The names that it needs alone. */
  readonly order: readonly string[]
}

/** Throws the error of the first operation that failed, once all have ended. */
export async function runBatch<O extends Runnable>(
  operations: readonly O[],
  run: (operation: O) => Promise<void>,
): Promise<void> {
  const last = new Map<string, Promise<void>>()
  const runOne = async (operation: O, ahead: readonly Promise<void>[]): Promise<void> => {
    if (ahead.length > 0) await Promise.all(ahead)
    await run(operation)
  }
  const running = operations.map((operation) => {
    const ahead = operation.order.flatMap((name) => last.get(name) ?? [])
    const ended = runOne(operation, ahead)
    for (const name of operation.order) last.set(name, ended)
    return ended
  })
  for (const each of await Promise.allSettled(running)) if (each.status === 'rejected') throw each.reason
}

/** Two operations of a batch have written to one stream at once. */
class StreamConflictError extends Error {
  override name = 'StreamConflict'
}

/** Finds operations of a transaction that write to one stream at once. */
export class StreamWriters {
  readonly #last = new Map<string, { writer: object; seq: number }>()
  readonly #ended = new Set<object>()

  /** @throws StreamConflictError */
  note(writer: object, stream: string, seq: number): void {
    const last = this.#last.get(stream)
    if (last && last.writer !== writer && (!this.#ended.has(last.writer) || last.seq > seq))
      throw new StreamConflictError(`two operations wrote to ${stream} at once`)
    this.#last.set(stream, { writer, seq })
  }

  end(writer: object): void {
    this.#ended.add(writer)
  }
}
