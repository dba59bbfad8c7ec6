import type { FastifyBaseLogger } from 'fastify'
import { isBusy } from '../shared/errors.ts'

/*
 * Runs periodic and background work by name. Invariants:
 *
 * 1. A job never runs twice at once. If it is requested while it runs, it runs once more afterwards.
 * 2. A failure is logged, and the next period or request tries again. A job must therefore find the remaining work
 *    by itself.
 * 3. During close no job starts, and running jobs are awaited, so that no job touches a closed database.
 */

export type JobName =
  | 'messages.expire'
  | 'messages.purge'
  | 'groups.purge'
  | 'uploads.expire'
  | 'status.expire'
  | 'drafts.purge'
  | 'activity.purge'
  | 'files.remove'
  | 'budget.save'
  | 'files.survey'
  | 'files.probe'
  | 'previews.make'
  | 'backups.check'
  | 'search.index'
  | 'search.build'
  | 'search.repair'
  | 'clock.save'
  | 'lock.renew'
  | 'database.check'
  | 'endpoint.refresh'
  | 'hosting.look'

export interface JobOptions {
  /** The period; a job without it runs only on request. */
  everyMs?: number
  run: () => Promise<void> | void
}

export interface JobTimers {
  /** Time in ms; only differences are used. */
  now(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

const systemTimers: JobTimers = {
  now: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

export class Jobs {
  readonly #log: FastifyBaseLogger
  readonly #timers: JobTimers
  readonly #jobs = new Map<JobName, Job>()
  #closed = false

  constructor(log: FastifyBaseLogger, timers: JobTimers = systemTimers) {
    this.#log = log
    this.#timers = timers
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** The first run of a periodic job is one period later. */
  add(name: JobName, { everyMs, run }: JobOptions): void {
    if (this.#jobs.has(name)) throw new Error(`there is a job ${name} already`)
    if (this.#closed) return
    const job = new Job(this.#timers, () => this.#runLogged(name, run))
    this.#jobs.set(name, job)
    if (everyMs !== undefined) job.repeat(everyMs)
  }

  /** Resolves after a run that began after this call, or at once if the hub closes. @throws what the job throws */
  run(name: JobName): Promise<void> {
    return this.#jobs.get(name)?.run() ?? this.#notFound(name)
  }

  /** Runs the job in the background after `delayMs`, or earlier if it is due earlier. */
  runSoon(name: JobName, delayMs = 0): void {
    const job = this.#jobs.get(name)
    if (job) job.runSoon(delayMs)
    else void this.#notFound(name)
  }

  /** Resolves when the job is not running; it may have failed. */
  async idle(name: JobName): Promise<void> {
    await this.#jobs.get(name)?.idle()
  }

  /** Resolves when no job runs any more. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#jobs.values()].map((job) => job.close()))
  }

  #notFound(name: JobName): Promise<void> {
    if (this.#closed) return Promise.resolve()
    throw new Error(`there is no job ${name}`)
  }

  async #runLogged(name: JobName, run: JobOptions['run']): Promise<void> {
    try {
      await run()
    } catch (error) {
      // the hub closes or is overloaded: not worth a log line
      if (!isBusy(error)) {
        this.#log.warn({ err: error, job: name }, `the job ${name} failed and will be tried again`)
      }
      throw error
    }
  }
}

class Job {
  readonly #timers: JobTimers
  readonly #work: () => Promise<void>
  #running: Promise<void> | undefined
  /** The run that follows the running one. */
  #following: Promise<void> | undefined
  #period: unknown
  #delay: { timer: unknown; dueAt: number } | undefined
  #closed = false

  constructor(timers: JobTimers, work: () => Promise<void>) {
    this.#timers = timers
    this.#work = work
  }

  repeat(everyMs: number): void {
    this.#period = this.#timers.setTimeout(() => {
      this.repeat(everyMs)
      if (!this.#running) this.#runInBackground()
    }, everyMs)
  }

  run(): Promise<void> {
    if (this.#following) return this.#following
    if (!this.#running) return this.#start()
    this.#following = this.idle().then(() => {
      this.#following = undefined
      return this.#start()
    })
    return this.#following
  }

  runSoon(ms: number): void {
    if (this.#closed) return
    const dueAt = this.#timers.now() + ms
    if (this.#delay && this.#delay.dueAt <= dueAt) return
    if (this.#delay) this.#timers.clearTimeout(this.#delay.timer)
    const timer = this.#timers.setTimeout(() => {
      this.#delay = undefined
      this.#runInBackground()
    }, ms)
    this.#delay = { timer, dueAt }
  }

  async idle(): Promise<void> {
    await this.#running?.catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timers.clearTimeout(this.#period)
    this.#timers.clearTimeout(this.#delay?.timer)
    await this.idle()
  }

  #runInBackground(): void {
    // logged already
    this.run().catch(() => undefined)
  }

  #start(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    const run = this.#work().finally(() => (this.#running = undefined))
    this.#running = run
    return run
  }
}
