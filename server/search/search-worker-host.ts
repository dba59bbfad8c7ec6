import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Input } from '../../shared/contract.ts'
import { HubError } from '../../shared/errors.ts'
import type { SearchResult } from './execute.ts'
import type { SearchJobResult, SearchJob } from './search-worker.ts'

/*
 * The thread that searches, seen from the hub. One search runs at a time, the others wait in turn, a few for each person.
 * It is started by the first search and ended when nobody has searched for a while. One that ends by itself or hangs is
 * replaced: who waits does not notice, and what it was at is tried once more.
 */

const maxQueuedPerUser = 4
const maxQueued = 200
const searchTimeoutMs = 5_000
/** A machine that is busy with other things may need long to load the program. */
const startTimeoutMs = 60_000
const idleTimeoutMs = 5 * 60_000
const maxHeapMegabytes = 256

export interface SearchRequest {
  userId: string
  input: Input<'search.messages'>
  now: number
  /** Whoever asked is gone. */
  isCancelled: () => boolean
}

interface QueuedSearch extends SearchRequest {
  attempts: number
  resolve: (findings: SearchResult) => void
  reject: (error: unknown) => void
}

export interface SearchWorkerOptions {
  /** The database. */
  file: string
  onError: (error: unknown) => void
}

export class SearchWorkerHost {
  readonly #options: SearchWorkerOptions
  readonly #queue: QueuedSearch[] = []
  #worker: Worker | undefined
  #isReady = false
  #current: (QueuedSearch & { id: number }) | undefined
  #lastId = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: SearchWorkerOptions) {
    this.#options = options
  }

  /** @throws HubError rate_limited, busy, conflict when a later one took its place, or what the search says */
  search(search: SearchRequest): Promise<SearchResult> {
    this.#cancelSuperseded(search)
    if (this.#queue.filter(({ userId: me }) => me === search.userId).length >= maxQueuedPerUser) {
      return Promise.reject(
        new HubError('rate_limited', 'Too many searches at once. Wait for their results.', {
          retryAfter: 1,
        }),
      )
    }
    if (this.#closed || this.#queue.length >= maxQueued) {
      return Promise.reject(
        new HubError('busy', 'Too many users are searching now. Try again shortly.', { retryAfter: 2 }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...search, attempts: 0, resolve, reject })
      this.#startNext()
    })
  }

  /** Ends the thread in the middle of what it does; the next search starts another. */
  restart(): void {
    const worker = this.#worker
    if (!worker) return
    this.#onExit(worker)
    void worker.terminate()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = undefined
    const closing = new HubError('busy', 'The hub is closing. Try again shortly.', { retryAfter: 2 })
    for (const { reject } of this.#queue.splice(0)) reject(closing)
    this.#current?.reject(closing)
    this.#current = undefined
    await worker?.terminate()
  }

  /** Whoever types on does not want the answer to what stood there before. */
  #cancelSuperseded({ userId: me, input: { key } }: SearchRequest): void {
    if (key === undefined) return
    const earlier = this.#queue.findIndex((waiting) => waiting.userId === me && waiting.input.key === key)
    if (earlier < 0) return
    const [given] = this.#queue.splice(earlier, 1)
    given?.reject(new HubError('conflict', 'A later search replaced this one.', { field: 'key' }))
  }

  #startNext(): void {
    if (this.#current || this.#closed) return
    const next = this.#queue.shift()
    if (!next) {
      this.#restartAfter(idleTimeoutMs)
      return
    }
    if (next.isCancelled()) {
      next.reject(new HubError('unauthenticated', 'You are not logged in. Log in and try again.'))
      this.#startNext()
      return
    }
    this.#restartAfter(this.#isReady ? searchTimeoutMs : startTimeoutMs)
    this.#lastId += 1
    this.#current = { ...next, id: this.#lastId }
    const { userId: me, input, now } = next
    const job: SearchJob = { id: this.#lastId, userId: me, input, now }
    this.#worker ??= this.#startWorker()
    this.#worker.postMessage(job)
  }

  #restartAfter(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.restart(), ms).unref()
  }

  #startWorker(): Worker {
    this.#isReady = false
    const worker = new Worker(new URL(`./search-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { file: this.#options.file },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
    })
    worker.unref()
    worker.on('message', (answer: SearchJobResult) => {
      if (worker !== this.#worker) return
      if ('ready' in answer) this.#onReady()
      else this.#onResult(answer)
    })
    worker.on('error', (error) => {
      this.#options.onError(error)
      this.#onExit(worker)
    })
    worker.on('exit', () => this.#onExit(worker))
    return worker
  }

  #onReady(): void {
    this.#isReady = true
    if (this.#current) this.#restartAfter(searchTimeoutMs)
  }

  #onResult(answer: Exclude<SearchJobResult, { ready: true }>): void {
    const running = this.#current
    if (running?.id !== answer.id) return
    this.#current = undefined
    clearTimeout(this.#timer)
    if ('findings' in answer) running.resolve(answer.findings)
    else if ('refused' in answer) {
      const { code, message, field } = answer.refused
      running.reject(new HubError(code, message, field === undefined ? {} : { field }))
    } else running.reject(new Error(`a search failed: ${answer.failed}`))
    this.#startNext()
  }

  #onExit(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    clearTimeout(this.#timer)
    const running = this.#current
    this.#current = undefined
    if (running && running.attempts === 0) this.#queue.unshift({ ...running, attempts: 1 })
    else
      running?.reject(
        new HubError('busy', 'This search takes too long. Search for fewer or longer words.', {
          retryAfter: 5,
        }),
      )
    if (this.#queue.length > 0) this.#startNext()
  }
}
