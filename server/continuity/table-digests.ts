import { WorkerQueue } from '../workers/worker-queue.ts'
import { workerModule } from '../program-files.ts'
import type { TablesAt } from './digest-tables.ts'
import type { DigestAnswer, DigestTask } from './table-digest-worker.ts'

/*
 * Digests of all replicated tables of a database at one position: a hub and its standby compare them. The worker takes
 * a snapshot, for which writing must pause a moment, and digests it while writing goes on.
 */

const idleTimeoutMs = 10_000
const maxHeapMegabytes = 64

export class TableDigests {
  readonly #queue: WorkerQueue<DigestTask, DigestAnswer>

  constructor(file: string) {
    this.#queue = new WorkerQueue({
      module: workerModule('continuity/table-digest-worker'),
      workerData: { file },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
      idleTimeoutMs,
    })
  }

  /** Starts the thread, so that a snapshot takes no longer than a query. */
  async prepare(): Promise<void> {
    await this.#queue.run({ t: 'prepare' })
  }

  /** Nothing may be written until it resolves. */
  async snapshot(): Promise<void> {
    await this.#queue.run({ t: 'snapshot' })
  }

  /** @throws Error without a snapshot */
  async compute(): Promise<TablesAt> {
    const answer = await this.#queue.run({ t: 'digest' })
    if (!answer) throw new Error('the digest worker has no snapshot')
    return answer
  }

  close(): Promise<void> {
    return this.#queue.close()
  }
}

/** Returns the tables that differ. */
export function differingTables(a: TablesAt, b: TablesAt): string[] {
  const names = new Set([...Object.keys(a.tables), ...Object.keys(b.tables)])
  return [...names].filter((name) => a.tables[name] !== b.tables[name]).sort()
}
