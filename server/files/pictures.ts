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

export interface PictureWish {
  /** The bytes, or the path of a file. */
  source: Uint8Array | string
  width: number
  height: number
  /** `cover`: exactly this size, what stands over is cut off. `inside`: all of it, at most this size, never enlarged. */
  fit: 'cover' | 'inside'
  /** Of the source: beyond it nothing is decoded. */
  maxPixels: number
}

export interface MadePicture {
  type: 'image/webp'
  bytes: Uint8Array<ArrayBuffer>
  width: number
  height: number
  /** As the picture was meant to be seen: turned as its camera says. */
  source: { width: number; height: number; moves: boolean }
}

/** To the thread and back. */
export type PictureJob = PictureWish & { id: number; seconds: number }
export type PictureAnswer = { id: number } & ({ made: MadePicture } | { problem: string })

const seconds = 10
/** Beyond what the decoder gives itself: then the thread hangs. */
const patience = seconds * 1000 + 5000
const idleAfter = 30_000
const waitingAtMost = 32

interface Waiting {
  wish: PictureWish
  resolve: (made: MadePicture) => void
  reject: (error: unknown) => void
}

export class Pictures {
  readonly #waiting: Waiting[] = []
  #current: (Waiting & { id: number }) | undefined
  #worker: Worker | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #made = 0
  #closed = false

  /** @throws HubError invalid for what cannot be decoded, busy when too many wait */
  make(wish: PictureWish): Promise<MadePicture> {
    if (this.#closed || this.#waiting.length >= waitingAtMost) return Promise.reject(busy())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ wish, resolve, reject })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of this.#waiting.splice(0)) reject(busy())
    await this.#stop(busy())
  }

  #next(): void {
    if (this.#current) return
    clearTimeout(this.#timer)
    const next = this.#waiting.shift()
    if (!next) {
      this.#timer = setTimeout(() => void this.#stop(busy()), idleAfter)
      this.#timer.unref()
      return
    }
    const id = (this.#made += 1)
    this.#current = { ...next, id }
    const worker = (this.#worker ??= this.#start())
    worker.ref()
    worker.postMessage({ ...next.wish, id, seconds } satisfies PictureJob)
    this.#timer = setTimeout(() => void this.#stop(unreadable()), patience)
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./picture-worker${extname(import.meta.url)}`, import.meta.url), {
      // nothing of the hub's own start is of use there
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    })
    worker.on('message', (answer: PictureAnswer) => this.#take(answer))
    const gone = (): void => {
      if (this.#worker === worker) void this.#stop(busy())
    }
    worker.on('error', gone)
    worker.on('exit', gone)
    return worker
  }

  #take(answer: PictureAnswer): void {
    const current = this.#current
    if (current?.id !== answer.id) return
    this.#current = undefined
    this.#worker?.unref()
    if ('made' in answer) current.resolve(answer.made)
    else current.reject(unreadable(answer.problem))
    this.#next()
  }

  /** Ends the thread; what it was at is answered with the error, what waits goes to a new one. */
  async #stop(error: HubError): Promise<void> {
    clearTimeout(this.#timer)
    const worker = this.#worker
    const current = this.#current
    this.#worker = undefined
    this.#current = undefined
    current?.reject(error)
    if (this.#waiting.length > 0) this.#next()
    await worker?.terminate()
  }
}

function busy(): HubError {
  return new HubError('busy', 'The hub has too many pictures to look at. Try again shortly.', {
    retryAfter: 2,
  })
}

function unreadable(problem?: string): HubError {
  return new HubError('invalid', 'This picture is damaged or too large to read. Choose another file.', {
    field: 'bytes',
    ...(problem === undefined ? {} : { cause: new Error(problem) }),
  })
}
