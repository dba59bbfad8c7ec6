import { workerModule } from '../program-files.ts'
import { WorkerQueue } from '../workers/worker-queue.ts'

/*
 * SHA-256 of uploads while they arrive, in a worker, so that 2 GiB do not block the hub. It reads only synced
 * bytes. The worker remembers how far it has read each file; a new worker begins a file from the start.
 */

/** `digest`: the file is complete up to `upTo`, and its digest is the result. */
export type HashTask = { id: string; path: string; upTo: number; digest?: true } | { forget: string }

const idleTimeoutMs = 5 * 60_000

export class Hasher {
  readonly #queue = new WorkerQueue<HashTask, string>({
    module: workerModule('file-storage/hash-worker'),
    // the worker needs none of the modules that the hub preloads
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    idleTimeoutMs,
  })

  /** The file holds this many bytes by now. */
  advance(id: string, path: string, upTo: number): void {
    this.#queue.notify({ id, path, upTo })
  }

  /** The digest in hex of a complete file. */
  digest(id: string, path: string, size: number): Promise<string> {
    return this.#queue.run({ id, path, upTo: size, digest: true })
  }

  forget(id: string): void {
    if (this.#queue.isRunning) this.#queue.notify({ forget: id })
  }

  close(): Promise<void> {
    return this.#queue.close()
  }
}
