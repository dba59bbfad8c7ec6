import { channel } from 'node:diagnostics_channel'

/*
 * Counts what a hub does, for Health, the metrics and the log of slow operations. Its parts call it for each batch of the
 * writer and for each request, so it only adds and compares numbers. Nothing here names a user or holds content.
 */

/** What takes longer is logged: see ops/slow-log.ts. */
export const slowMs = { request: 2_000, commit: 500, loop: 500 }

/** Publishes each COMMIT with its number of operations: the benchmark computes messages per sync from it. */
const commitChannel = channel('hubbub:commit')

export type MeasuredKind = keyof typeof slowMs

/** Called for what took longer than its limit. `name`: the request, or an empty text. */
export type SlowListener = (kind: MeasuredKind, name: string, ms: number) => void

export class Measurements {
  /** Batches that were committed, and the operations in them. */
  commits = 0
  operations = 0
  /** Requests over both transports that ended, and those that ended with an error of the hub itself. */
  requests = 0
  failures = 0
  /** The longest time of each kind since it was last taken. */
  readonly #longestMs: Record<MeasuredKind, number> = { request: 0, commit: 0, loop: 0 }
  onSlow: SlowListener | undefined
  /** For the histograms of the metrics; absent while nobody collects them. */
  onCommit: ((operations: number, ms: number) => void) | undefined
  onRequest: ((name: string, ms: number) => void) | undefined

  /** @param ms from the start of the batch to the end of its COMMIT */
  noteCommit(operations: number, ms: number): void {
    if (commitChannel.hasSubscribers) commitChannel.publish(operations)
    this.commits += 1
    this.operations += operations
    this.onCommit?.(operations, ms)
    this.noteTime('commit', '', ms)
  }

  /** @param ms from the arrival of the request to its result, waiting included */
  noteRequest(name: string, ms: number): void {
    this.requests += 1
    this.onRequest?.(name, ms)
    this.noteTime('request', name, ms)
  }

  noteTime(kind: MeasuredKind, name: string, ms: number): void {
    if (ms > this.#longestMs[kind]) this.#longestMs[kind] = ms
    if (ms >= slowMs[kind]) this.onSlow?.(kind, name, ms)
  }

  /** Returns the longest time since the last call, in ms. */
  takeLongestMs(kind: MeasuredKind): number {
    const ms = this.#longestMs[kind]
    this.#longestMs[kind] = 0
    return ms
  }
}
