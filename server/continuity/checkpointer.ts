import { WorkerQueue } from '../workers/worker-queue.ts'
import { workerModule } from '../program-files.ts'
import type { CheckpointTask } from './checkpoint-worker.ts'

/** Syncs the database of a standby in a thread, so that no acknowledgement waits for it. */
export class Checkpointer {
  readonly #queue: WorkerQueue<CheckpointTask, void>

  constructor(file: string) {
    this.#queue = new WorkerQueue({
      module: workerModule('continuity/checkpoint-worker'),
      workerData: { file },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
      idleTimeoutMs,
    })
  }

  /** Everything that is committed when it is called is in the synced database when it resolves. */
  run(): Promise<void> {
    return this.#queue.run({})
  }

  close(): Promise<void> {
    return this.#queue.close()
  }
}

const idleTimeoutMs = 60_000
const maxHeapMegabytes = 32
