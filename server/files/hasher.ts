import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/*
 * SHA-256 of files while they come in, in a thread of its own, so that 2 GiB hold nobody up. It reads behind what was
 * synced. What it has read of each is its own to remember: after a restart, or after it was idle, it begins a file from
 * the start by itself.
 */

/** To the thread and back. */
export type HashJob = { id: string; path: string; upTo: number; finish?: number } | { forget: string }
export type HashResult = { finish: number } & ({ digest: string } | { problem: string })

const idleTimeoutMs = 5 * 60_000

export class Hasher {
  readonly #pending = new Map<number, { resolve: (digest: string) => void; reject: (error: Error) => void }>()
  #worker: Worker | undefined
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #lastJobId = 0

  /** The file holds this much by now. */
  advance(id: string, path: string, upTo: number): void {
    this.#post({ id, path, upTo })
  }

  /** The digest in hex of a file that is whole. */
  digest(id: string, path: string, size: number): Promise<string> {
    const finish = (this.#lastJobId += 1)
    return new Promise((resolve, reject) => {
      this.#pending.set(finish, { resolve, reject })
      this.#post({ id, path, upTo: size, finish })
    })
  }

  forget(id: string): void {
    this.#worker?.postMessage({ forget: id } satisfies HashJob)
  }

  async close(): Promise<void> {
    clearTimeout(this.#idleTimer)
    const worker = this.#worker
    this.#worker = undefined
    this.#rejectAll(new Error('the hub is closing'))
    await worker?.terminate()
  }

  #post(job: HashJob): void {
    clearTimeout(this.#idleTimer)
    this.#worker ??= this.#startWorker()
    this.#worker.postMessage(job)
    this.#idleTimer = setTimeout(() => void this.#closeIfIdle(), idleTimeoutMs)
    this.#idleTimer.unref()
  }

  #closeIfIdle(): void {
    if (this.#pending.size === 0) void this.close()
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    })
    worker.unref()
    worker.on('message', (answer: HashResult) => {
      const asked = this.#pending.get(answer.finish)
      this.#pending.delete(answer.finish)
      if ('digest' in answer) asked?.resolve(answer.digest)
      else asked?.reject(new Error(answer.problem))
    })
    const gone = (error: unknown): void => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#rejectAll(error instanceof Error ? error : new Error('the hashing thread ended'))
    }
    worker.on('error', gone)
    worker.on('exit', gone)
    return worker
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}
