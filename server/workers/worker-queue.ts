import { Worker, type WorkerOptions } from 'node:worker_threads'
import { FairQueue } from '../fair-queue.ts'

/*
 * A worker thread with a queue of tasks, for work that would block the hub: previews, hashes, searches.
 *
 * 1. The thread starts with the first task, runs one task at a time, in turn by user, and ends after it was idle for a while.
 * 2. A task has a time limit, counted from when the thread works on it: waiting and loading do not count.
 * 3. A thread that ends by itself or exceeds the limit is replaced, and the waiting tasks go to the new thread.
 *
 * The code of the thread is serve-tasks.ts.
 */

/** A message from the thread. `ready`: its modules are loaded, so the time of a task counts from here. */
export type WorkerAnswer<Result> =
  { ready: true } | { id: number; result: Result } | { id: number; error: string }

/** A message to the thread. A message without an id gets no result. */
export interface WorkerMessage<Task> {
  id?: number
  task: Task
}

export type WorkerFailure = 'full' | 'closed' | 'timeout' | 'ended' | 'failed'

/** The reason a task has no result. `failed`: it threw. */
export class WorkerQueueError extends Error {
  override name = 'WorkerQueueError'
  readonly reason: WorkerFailure

  constructor(reason: WorkerFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export interface WorkerQueueOptions extends Pick<WorkerOptions, 'resourceLimits' | 'execArgv'> {
  /** URL of the module that the thread runs. */
  module: URL
  workerData?: unknown
  idleTimeoutMs: number
  /** Without it, the time of a task is not limited. */
  taskTimeoutMs?: number
  /** Further tasks are refused. */
  maxQueued?: number
  /** Further tasks of the same user are refused. */
  maxQueuedPerUser?: number
  /** How often a task is tried if the thread ends or times out during it. */
  attempts?: number
  /** Called if the thread throws outside of a task. */
  onError?: (error: unknown) => void
}

export interface TaskOptions {
  /** The user the task is for: users take turns, each in order. */
  user?: string

  /** Called when the task is about to run; if it throws, the task fails with that error. */
  onTurn?: () => void
  /** Removes the task from the queue and rejects it with the signal's reason; a running task continues. */
  signal?: AbortSignal
}

/** A machine with other load may need long to load the modules of a thread. */
const startTimeoutMs = 60_000

interface QueuedTask<Task, Result> extends TaskOptions {
  task: Task
  attempts: number
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

export class WorkerQueue<Task, Result> {
  readonly #options: WorkerQueueOptions
  readonly #queue = new FairQueue<QueuedTask<Task, Result>>()
  /** A task whose thread ended is tried again before all others. */
  #retried: QueuedTask<Task, Result> | undefined
  #worker: Worker | undefined
  #isReady = false
  #current: (QueuedTask<Task, Result> & { id: number }) | undefined
  #lastId = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(options: WorkerQueueOptions) {
    this.#options = options
  }

  /** True if there is a thread, and with it the thread's own memory. */
  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  /** @throws WorkerQueueError, the error of `onTurn`, or the reason of `signal` */
  run(task: Task, options: TaskOptions = {}): Promise<Result> {
    if (this.#closed) return Promise.reject(closed())
    const { maxQueued = Infinity, maxQueuedPerUser = Infinity } = this.#options
    const { user = '' } = options
    if (this.#queue.size >= maxQueued || this.#queue.sizeOf(user) >= maxQueuedPerUser) {
      return Promise.reject(new WorkerQueueError('full', 'too many tasks wait'))
    }
    return new Promise((resolve, reject) => {
      const queued = { task, ...options, attempts: 0, resolve, reject }
      options.signal?.addEventListener('abort', () => this.#abort(queued), { once: true })
      this.#queue.push(user, queued)
      this.#startNext()
    })
  }

  /** Sends a task that has no result, bypassing the queue. */
  notify(task: Task): void {
    if (this.#closed) return
    this.#ensureWorker().postMessage({ task } satisfies WorkerMessage<Task>)
    if (!this.#current) this.#stopAfterIdle()
  }

  /** Ends the thread, even during a task; the next task starts another thread. */
  restart(): void {
    const worker = this.#worker
    if (!worker) return
    this.#handleExit(worker, 'ended')
    void worker.terminate()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = undefined
    this.#retried?.reject(closed())
    this.#retried = undefined
    for (let queued = this.#queue.shift(); queued; queued = this.#queue.shift()) queued.reject(closed())
    this.#current?.reject(closed())
    this.#current = undefined
    await worker?.terminate()
  }

  #abort(queued: QueuedTask<Task, Result>): void {
    if (!this.#queue.remove(queued.user ?? '', queued)) return
    queued.reject(queued.signal?.reason)
  }

  #startNext(): void {
    if (this.#current || this.#closed) return
    const next = this.#retried ?? this.#queue.shift()
    this.#retried = undefined
    if (!next) {
      this.#stopAfterIdle()
      return
    }
    try {
      next.onTurn?.()
    } catch (error) {
      next.reject(error)
      this.#startNext()
      return
    }
    this.#lastId += 1
    const id = this.#lastId
    this.#current = { ...next, id }
    this.#ensureWorker().postMessage({ id, task: next.task } satisfies WorkerMessage<Task>)
    this.#startTimeout()
  }

  #startTimeout(): void {
    clearTimeout(this.#timer)
    const { taskTimeoutMs } = this.#options
    if (taskTimeoutMs === undefined) return
    const isReady = this.#isReady
    this.#timer = setTimeout(
      () => this.#stopWorker(isReady ? 'timeout' : 'ended'),
      isReady ? taskTimeoutMs : startTimeoutMs,
    ).unref()
  }

  #stopAfterIdle(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#stopWorker('ended'), this.#options.idleTimeoutMs).unref()
  }

  #stopWorker(reason: WorkerFailure): void {
    const worker = this.#worker
    if (!worker) return
    this.#handleExit(worker, reason)
    void worker.terminate()
  }

  #ensureWorker(): Worker {
    if (this.#worker) return this.#worker
    this.#isReady = false
    const { module, workerData, resourceLimits, execArgv } = this.#options
    const worker = new Worker(module, { workerData, resourceLimits, ...(execArgv && { execArgv }) })
    this.#worker = worker
    // a thread must not keep an otherwise idle process alive
    worker.unref()
    worker.on('message', (answer: WorkerAnswer<Result>) => {
      if (worker !== this.#worker) return
      if ('ready' in answer) this.#handleReady()
      else this.#handleAnswer(answer)
    })
    worker.on('error', (error) => {
      this.#options.onError?.(error)
      this.#handleExit(worker, 'ended', error)
    })
    worker.on('exit', () => this.#handleExit(worker, 'ended'))
    return worker
  }

  #handleReady(): void {
    this.#isReady = true
    if (this.#current) this.#startTimeout()
  }

  #handleAnswer(answer: Exclude<WorkerAnswer<Result>, { ready: true }>): void {
    const current = this.#current
    if (current?.id !== answer.id) return
    this.#current = undefined
    if ('result' in answer) current.resolve(answer.result)
    else current.reject(new WorkerQueueError('failed', answer.error))
    this.#startNext()
  }

  /** The thread has ended or is about to: its task is retried or fails, and waiting tasks go to a new thread. */
  #handleExit(worker: Worker, reason: WorkerFailure, cause?: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    clearTimeout(this.#timer)
    const current = this.#current
    this.#current = undefined
    if (current) {
      const attempts = current.attempts + 1
      if (attempts < (this.#options.attempts ?? 1)) this.#retried = { ...current, attempts }
      else {
        const message = reason === 'timeout' ? 'a task took too long' : 'the worker thread ended'
        current.reject(new WorkerQueueError(reason, message, { cause }))
      }
    }
    if (this.#retried || this.#queue.size > 0) this.#startNext()
  }
}

function closed(): WorkerQueueError {
  return new WorkerQueueError('closed', 'the hub is closing')
}
