import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createKysely, openReader } from '../../server/db/sqlite/connection.ts'
import type { HashTask } from '../../server/file-storage/hasher.ts'
import { executeSearch } from '../../server/search-index/execute.ts'
import type { SearchOutcome, SearchTask } from '../../server/search-index/search-worker.ts'
import { TermList } from '../../server/search-index/terms.ts'
import { HubError } from '../../shared/errors.ts'

/*
 * The threads of the hub, without threads: a task runs whole in the turn of the loop after it was given, so that a history is the
 * same again.
 */

interface Runner {
  run: (task: never) => unknown
  close: () => void
}

const runners: Record<string, (data: unknown) => Runner> = {
  // checks.ts looks for the same
  'check-worker': () => ({ run: () => [], close: () => undefined }),
  'hash-worker': () => ({ run: hash, close: () => undefined }),
  'search-worker': createSearcher,
}

function hash(task: HashTask): string {
  if ('forget' in task || !task.digest) return ''
  return createHash('sha256').update(readFileSync(task.path).subarray(0, task.upTo)).digest('hex')
}

function createSearcher(data: unknown): Runner {
  const connection = openReader((data as { file: string }).file)
  const db = { connection, handle: createKysely(connection) }
  const terms = new TermList(connection)
  return {
    run: async ({ userId, input, now }: SearchTask): Promise<SearchOutcome> => {
      try {
        return { findings: await executeSearch(db, terms, userId, input, now) }
      } catch (error) {
        if (error instanceof HubError) return { refused: error.toWire() }
        throw error
      }
    },
    close: () => connection.raw.close(),
  }
}

/** What the hub uses of a worker thread. */
export class InlineWorker extends EventEmitter {
  readonly #runner: Runner
  #isEnded = false

  constructor(module: URL, { workerData }: { workerData?: unknown } = {}) {
    super()
    const name = /([\w-]+)\.ts$/.exec(module.pathname)?.[1] ?? ''
    const create = runners[name]
    if (!create) throw new Error(`a history does not start the thread ${module.pathname}`)
    this.#runner = create(workerData)
    setImmediate(() => this.emit('message', { ready: true }))
  }

  postMessage({ id, task }: { id?: number; task: never }): void {
    setImmediate(() => void this.#run(id, task))
  }

  async #run(id: number | undefined, task: never): Promise<void> {
    if (this.#isEnded) return
    const answer = await Promise.try(this.#runner.run, task).then(
      (result) => ({ result }),
      (error: unknown) => ({ error: String(error) }),
    )
    if (id !== undefined && !this.#isEnded) this.emit('message', { id, ...answer })
  }

  unref(): void {
    // it keeps nothing alive
  }

  terminate(): Promise<number> {
    if (!this.#isEnded) this.#runner.close()
    this.#isEnded = true
    return Promise.resolve(0)
  }
}
