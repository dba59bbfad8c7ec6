import type { Input } from '../../shared/contract.ts'
import { HubError } from '../../shared/errors.ts'
import { workerModule } from '../program-files.ts'
import { WorkerQueue, WorkerQueueError } from '../workers/worker-queue.ts'
import type { SearchResult } from './execute.ts'
import type { SearchOutcome, SearchTask } from './search-worker.ts'

/*
 * With SQLite, searches run in a worker, one at a time; the others wait, a few for each user. A worker that ends by itself or hangs is
 * replaced: the searches that wait do not notice, and the one that ran is tried once more.
 */

const maxQueuedPerUser = 4
const maxQueued = 200
const searchTimeoutMs = 5_000
const idleTimeoutMs = 5 * 60_000
const maxHeapMegabytes = 256

/** The database could not answer: its index may be damaged. */
export class SearchFailedError extends Error {
  override name = 'SearchFailed'
}

export interface SearchRequest {
  userId: string
  input: Input<'search.messages'>
  now: number
  /** Returns true if the connection of the user is closed. */
  isCancelled: () => boolean
}

/** A search that waits for its turn. */
interface WaitingSearch {
  userId: string
  key: string | undefined
  controller: AbortController
}

/** Runs searches: in a worker, or in a database server. */
export type SearchQueue = Pick<WorkerQueue<SearchTask, SearchOutcome>, 'run' | 'restart' | 'close'>

export interface SearchWorkerOptions {
  /** The path of the database. */
  file: string
  onError: (error: unknown) => void
}

/** @returns the queue of a worker that reads the database file */
export function createSearchWorker({ file, onError }: SearchWorkerOptions): SearchQueue {
  return new WorkerQueue({
    module: workerModule('search-index/search-worker'),
    workerData: { file },
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
    idleTimeoutMs,
    taskTimeoutMs: searchTimeoutMs,
    maxQueued,
    attempts: 2,
    onError,
  })
}

export class SearchHost {
  readonly #queue: SearchQueue
  readonly #waiting = new Set<WaitingSearch>()

  constructor(queue: SearchQueue) {
    this.#queue = queue
  }

  /** @throws HubError rate_limited, busy, conflict if a later search replaced it, or what the search throws */
  async search({ userId, input, now, isCancelled }: SearchRequest): Promise<SearchResult> {
    this.#cancelSuperseded(userId, input.key)
    if ([...this.#waiting].filter((one) => one.userId === userId).length >= maxQueuedPerUser) {
      throw new HubError('rate_limited', 'Too many searches at once. Wait for their results.', {
        retryAfter: 1,
      })
    }
    const waiting: WaitingSearch = { userId, key: input.key, controller: new AbortController() }
    this.#waiting.add(waiting)
    const onTurn = (): void => {
      this.#waiting.delete(waiting)
      if (isCancelled()) {
        throw new HubError('unauthenticated', 'You are not logged in. Log in and try again.')
      }
    }
    try {
      const { signal } = waiting.controller
      const outcome = await this.#queue.run({ userId, input, now }, { user: userId, onTurn, signal })
      if ('findings' in outcome) return outcome.findings
      if ('failed' in outcome) throw new SearchFailedError(outcome.failed)
      const { code, message, field } = outcome.refused
      throw new HubError(code, message, field === undefined ? {} : { field })
    } catch (error) {
      throw error instanceof WorkerQueueError ? toHubError(error) : error
    } finally {
      this.#waiting.delete(waiting)
    }
  }

  /** Terminates the worker during a search; the next search starts another. */
  restart(): void {
    this.#queue.restart()
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  /** While a user types, the search for the earlier text is no longer wanted. */
  #cancelSuperseded(userId: string, key: string | undefined): void {
    if (key === undefined) return
    const earlier = [...this.#waiting].find((one) => one.userId === userId && one.key === key)
    if (!earlier) return
    this.#waiting.delete(earlier)
    earlier.controller.abort(new HubError('conflict', 'A later search replaced this one.', { field: 'key' }))
  }
}

function toHubError(error: WorkerQueueError): Error {
  switch (error.reason) {
    case 'full':
      return new HubError('busy', 'Too many people are searching right now. Try again shortly.', {
        retryAfter: 2,
      })
    case 'closed':
      return new HubError('busy', 'The hub is closing. Try again shortly.', { retryAfter: 2 })
    case 'timeout':
    case 'ended':
      return new HubError('busy', 'This search took too long. Search for fewer or longer words.', {
        retryAfter: 5,
      })
    case 'failed':
      return new Error(`a search failed: ${error.message}`)
  }
}
