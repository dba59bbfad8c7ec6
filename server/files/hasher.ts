import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/*
 * SHA-256 of files while they come in, in a thread of its own, so that 2 GiB hold nobody up. It reads behind what was
 * synced. What it has read of each is its own to remember: after a restart, or after it was idle, it begins a file from
 * the start by itself.
 */

/** To the thread and back. */
export type HashJob = { id: string; path: string; upTo: number; finish?: number } | { forget: string }
export type HashAnswer = { finish: number } & ({ digest: string } | { problem: string })

const idleAfter = 5 * 60_000

export class Hasher {
  readonly #asked = new Map<number, { resolve: (digest: string) => void; reject: (error: Error) => void }>()
  #worker: Worker | undefined
  #idle: ReturnType<typeof setTimeout> | undefined
  #count = 0

  /** The file holds this much by now. */
  advance(id: string, path: string, upTo: number): void {
    this.#post({ id, path, upTo })
  }

  /** The digest in hex of a file that is whole. */
  digest(id: string, path: string, size: number): Promise<string> {
    const finish = (this.#count += 1)
    return new Promise((resolve, reject) => {
      this.#asked.set(finish, { resolve, reject })
      this.#post({ id, path, upTo: size, finish })
    })
  }

  forget(id: string): void {
    this.#worker?.postMessage({ forget: id } satisfies HashJob)
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    this.#fail(new Error('the hub is closing'))
    await worker?.terminate()
  }

  #post(job: HashJob): void {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    this.#worker.postMessage(job)
    this.#idle = setTimeout(() => void this.#rest(), idleAfter)
    this.#idle.unref()
  }

  #rest(): void {
    if (this.#asked.size === 0) void this.close()
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./hash-thread${extname(import.meta.url)}`, import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    })
    worker.unref()
    worker.on('message', (answer: HashAnswer) => {
      const asked = this.#asked.get(answer.finish)
      this.#asked.delete(answer.finish)
      if ('digest' in answer) asked?.resolve(answer.digest)
      else asked?.reject(new Error(answer.problem))
    })
    const gone = (error: unknown): void => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#fail(error instanceof Error ? error : new Error('the hashing thread ended'))
    }
    worker.on('error', gone)
    worker.on('exit', gone)
    return worker
  }

  #fail(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error)
    this.#asked.clear()
  }
}
