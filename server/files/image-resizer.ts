import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { HubError } from '../../shared/errors.ts'

/*
 * Pictures are decoded in one place, in a thread of its own that is there only while there is something to do:
 *
 * 1. One at a time: of the few threads that hashing and files share, pictures take one.
 * 2. What comes out was written anew from pixels: no place, no camera, nothing hidden behind the last row.
 * 3. Pixels, bytes that wait, and time are limited; a thread that does not answer is ended and the next begins afresh.
 */

export interface ResizeRequest {
  /** The bytes, or the path of a file. */
  source: Uint8Array | string
  width: number
  height: number
  /** `cover`: exactly this size, what stands over is cut off. `inside`: all of it, at most this size, never enlarged. */
  fit: 'cover' | 'inside'
  /** Of the source: beyond it nothing is decoded. */
  maxPixels: number
}

export interface ResizedImage {
  type: 'image/webp'
  bytes: Uint8Array<ArrayBuffer>
  width: number
  height: number
  /** As the picture was meant to be seen: turned as its camera says. */
  source: { width: number; height: number; moves: boolean }
}

/** To the thread and back. */
export type ResizeJob = ResizeRequest & { id: number; seconds: number }
export type ResizeResult = { id: number } & ({ made: ResizedImage } | { problem: string })

const timeoutSeconds = 10
/** Beyond what the decoder gives itself: then the thread hangs. */
const workerTimeoutMs = timeoutSeconds * 1000 + 5000
const idleTimeoutMs = 30_000
const maxQueuedJobs = 32

interface QueuedResize {
  request: ResizeRequest
  resolve: (made: ResizedImage) => void
  reject: (error: unknown) => void
}

export class ImageResizer {
  readonly #queue: QueuedResize[] = []
  #current: (QueuedResize & { id: number }) | undefined
  #worker: Worker | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #lastJobId = 0
  #closed = false

  /** @throws HubError invalid for what cannot be decoded, busy when too many wait */
  resize(request: ResizeRequest): Promise<ResizedImage> {
    if (this.#closed || this.#queue.length >= maxQueuedJobs) return Promise.reject(busy())
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject })
      this.#startNext()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of this.#queue.splice(0)) reject(busy())
    await this.#stopWorker(busy())
  }

  #startNext(): void {
    if (this.#current) return
    clearTimeout(this.#timer)
    const next = this.#queue.shift()
    if (!next) {
      this.#timer = setTimeout(() => void this.#stopWorker(busy()), idleTimeoutMs)
      this.#timer.unref()
      return
    }
    const id = (this.#lastJobId += 1)
    this.#current = { ...next, id }
    const worker = (this.#worker ??= this.#startWorker())
    worker.ref()
    worker.postMessage({ ...next.request, id, seconds: timeoutSeconds } satisfies ResizeJob)
    this.#timer = setTimeout(() => void this.#stopWorker(unreadable()), workerTimeoutMs)
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL(`./image-worker${extname(import.meta.url)}`, import.meta.url), {
      // nothing of the hub's own start is of use there
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    })
    worker.on('message', (answer: ResizeResult) => this.#handleResult(answer))
    const gone = (): void => {
      if (this.#worker === worker) void this.#stopWorker(busy())
    }
    worker.on('error', gone)
    worker.on('exit', gone)
    return worker
  }

  #handleResult(answer: ResizeResult): void {
    const current = this.#current
    if (current?.id !== answer.id) return
    this.#current = undefined
    this.#worker?.unref()
    if ('made' in answer) current.resolve(answer.made)
    else current.reject(unreadable(answer.problem))
    this.#startNext()
  }

  /** Ends the thread; what it was at is answered with the error, what waits goes to a new one. */
  async #stopWorker(error: HubError): Promise<void> {
    clearTimeout(this.#timer)
    const worker = this.#worker
    const current = this.#current
    this.#worker = undefined
    this.#current = undefined
    current?.reject(error)
    if (this.#queue.length > 0) this.#startNext()
    await worker?.terminate()
  }
}

function busy(): HubError {
  return new HubError('busy', 'The hub is processing too many pictures. Try again shortly.', {
    retryAfter: 2,
  })
}

function unreadable(problem?: string): HubError {
  return new HubError('invalid', 'This picture is damaged or too large to read. Choose another file.', {
    field: 'bytes',
    ...(problem === undefined ? {} : { cause: new Error(problem) }),
  })
}
