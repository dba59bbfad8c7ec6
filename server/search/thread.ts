import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Input } from '../../shared/contract.ts'
import { HubError } from '../../shared/errors.ts'
import type { Findings } from './find.ts'
import type { Answer, Job } from './worker.ts'

/*
 * The thread that searches, seen from the hub. One search runs at a time, the others wait in turn, a few for each person.
 * It is started by the first search and ended when nobody has searched for a while. One that ends by itself or hangs is
 * replaced: who waits does not notice, and what it was at is tried once more.
 */

const waitingPerPerson = 4
const waitingInAll = 200
const hangsAfter = 5_000
/** A machine that is busy with other things may need long to load the program. */
const startsWithin = 60_000
const idleFor = 5 * 60_000
const megabytes = 256

export interface Search {
  me: string
  input: Input<'search.messages'>
  now: number
  /** Whoever asked is gone. */
  isOver: () => boolean
}

interface Waiting extends Search {
  tries: number
  resolve: (findings: Findings) => void
  reject: (error: unknown) => void
}

export interface SearchThreadOptions {
  /** The database. */
  file: string
  onError: (error: unknown) => void
}

export class SearchThread {
  readonly #options: SearchThreadOptions
  readonly #waiting: Waiting[] = []
  #worker: Worker | undefined
  #isReady = false
  #running: (Waiting & { id: number }) | undefined
  #lastId = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: SearchThreadOptions) {
    this.#options = options
  }

  /** @throws HubError rate_limited, busy, conflict when a later one took its place, or what the search says */
  search(search: Search): Promise<Findings> {
    this.#giveUpEarlier(search)
    if (this.#waiting.filter(({ me }) => me === search.me).length >= waitingPerPerson) {
      return Promise.reject(
        new HubError('rate_limited', 'These are many searches at once. Wait for their answers.', {
          retryAfter: 1,
        }),
      )
    }
    if (this.#closed || this.#waiting.length >= waitingInAll) {
      return Promise.reject(
        new HubError('busy', 'Very many people search right now. Try again shortly.', { retryAfter: 2 }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...search, tries: 0, resolve, reject })
      this.#next()
    })
  }

  /** Ends the thread in the middle of what it does; the next search starts another. */
  restart(): void {
    const worker = this.#worker
    if (!worker) return
    this.#ended(worker)
    void worker.terminate()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = undefined
    const closing = new HubError('busy', 'The hub is closing. Try again shortly.', { retryAfter: 2 })
    for (const { reject } of this.#waiting.splice(0)) reject(closing)
    this.#running?.reject(closing)
    this.#running = undefined
    await worker?.terminate()
  }

  /** Whoever types on does not want the answer to what stood there before. */
  #giveUpEarlier({ me, input: { key } }: Search): void {
    if (key === undefined) return
    const earlier = this.#waiting.findIndex((waiting) => waiting.me === me && waiting.input.key === key)
    if (earlier < 0) return
    const [given] = this.#waiting.splice(earlier, 1)
    given?.reject(new HubError('conflict', 'A later search took the place of this one.', { field: 'key' }))
  }

  #next(): void {
    if (this.#running || this.#closed) return
    const next = this.#waiting.shift()
    if (!next) {
      this.#restartIn(idleFor)
      return
    }
    if (next.isOver()) {
      next.reject(new HubError('unauthenticated', 'You are not logged in. Log in and try again.'))
      this.#next()
      return
    }
    this.#restartIn(this.#isReady ? hangsAfter : startsWithin)
    this.#lastId += 1
    this.#running = { ...next, id: this.#lastId }
    const { me, input, now } = next
    const job: Job = { id: this.#lastId, me, input, now }
    this.#worker ??= this.#start()
    this.#worker.postMessage(job)
  }

  #restartIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.restart(), ms).unref()
  }

  #start(): Worker {
    this.#isReady = false
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { file: this.#options.file },
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
    })
    worker.unref()
    worker.on('message', (answer: Answer) => {
      if (worker !== this.#worker) return
      if ('ready' in answer) this.#began()
      else this.#answered(answer)
    })
    worker.on('error', (error) => {
      this.#options.onError(error)
      this.#ended(worker)
    })
    worker.on('exit', () => this.#ended(worker))
    return worker
  }

  #began(): void {
    this.#isReady = true
    if (this.#running) this.#restartIn(hangsAfter)
  }

  #answered(answer: Exclude<Answer, { ready: true }>): void {
    const running = this.#running
    if (running?.id !== answer.id) return
    this.#running = undefined
    clearTimeout(this.#timer)
    if ('findings' in answer) running.resolve(answer.findings)
    else if ('refused' in answer) {
      const { code, message, field } = answer.refused
      running.reject(new HubError(code, message, field === undefined ? {} : { field }))
    } else running.reject(new Error(`a search failed: ${answer.failed}`))
    this.#next()
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    clearTimeout(this.#timer)
    const running = this.#running
    this.#running = undefined
    if (running && running.tries === 0) this.#waiting.unshift({ ...running, tries: 1 })
    else
      running?.reject(
        new HubError('busy', 'This search takes too long. Look for fewer or longer words.', {
          retryAfter: 5,
        }),
      )
    if (this.#waiting.length > 0) this.#next()
  }
}
