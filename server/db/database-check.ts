import { WorkerQueue } from '../workers/worker-queue.ts'
import { workerModule } from '../program-files.ts'
import type { CheckTask } from './check-worker.ts'

/*
 * Looks for damaged pages before a user meets them: SQLite's quick_check of one table after the other, in a worker with
 * the lowest priority. Between two tables the check can be ended.
 */

const idleTimeoutMs = 1_000
const maxHeapMegabytes = 32

export interface TableProblem {
  table: string
  problem: string
}

export class DatabaseCheck {
  readonly #queue: WorkerQueue<CheckTask, string[]>
  #closed = false

  constructor(file: string) {
    this.#queue = new WorkerQueue({
      module: workerModule('db/check-worker'),
      workerData: { file },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
      idleTimeoutMs,
    })
  }

  /** Returns the first problem of each damaged table. @throws WorkerQueueError if it is closed meanwhile */
  async findProblems(): Promise<TableProblem[]> {
    const missing = await this.#queue.run({ schema: true })
    const found: TableProblem[] = missing.map((problem) => ({ table: 'schema', problem }))
    for (const table of await this.#queue.run({})) {
      if (this.#closed) break
      const [problem] = await this.#queue.run({ table })
      if (problem !== undefined) found.push({ table, problem })
    }
    return found
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#queue.close()
  }
}
