import { createHash } from 'node:crypto'
import { HubError } from '../../shared/errors.ts'
import { workerModule } from '../program-files.ts'
import { WorkerQueue, WorkerQueueError } from '../workers/worker-queue.ts'
import type { DecodeMarks } from './decode-marks.ts'

/*
 * Decodes pictures in a worker that runs only while there is work. Invariants:
 *
 * 1. One picture at a time: of the few threads that hashing and files share, pictures take a single thread.
 * 2. The result is encoded again from pixels: no location, no camera, nothing hidden after the last row.
 * 3. Pixels, queued bytes and time are limited; a thread that does not respond is replaced.
 * 4. A picture during whose decode the process ended twice is not decoded again (decode-marks.ts).
 */

export interface ResizeRequest {
  /** Users take turns. */
  user?: string
  /** The bytes, or the path of a file. */
  source: Uint8Array | string
  /** SHA-256 of a file, in hex. */
  digest?: string
  width: number
  height: number
  /** `cover`: exactly this size, the rest is cut off. `inside`: all of it, at most this size, never enlarged. */
  fit: 'cover' | 'inside'
  /** A source with more pixels is not decoded. */
  maxPixels: number
  /** The same for a JPEG that can be shrunk while it is read, row by row; by default `maxPixels`. */
  maxShrinkablePixels?: number
}

export interface ResizedImage {
  type: 'image/webp'
  bytes: Uint8Array<ArrayBuffer>
  width: number
  height: number
  /** Size as the picture is meant to be seen: turned by its EXIF orientation. */
  source: { width: number; height: number; moves: boolean }
}

export type ResizeTask = ResizeRequest & { seconds: number }

export interface ImageWorkerData {
  /** Decode with the WebAssembly build of sharp. */
  usesWebAssembly: boolean
}

const timeoutSeconds = 10
/** Longer than the decoder's own timeout: after it the thread hangs. */
const taskTimeoutMs = timeoutSeconds * 1000 + 5000
const idleTimeoutMs = 30_000
const maxQueuedPerUser = 32

export class ImageResizer {
  readonly #marks: DecodeMarks | undefined
  readonly #queue = new WorkerQueue<ResizeTask, ResizedImage>({
    module: workerModule('file-storage/image-worker'),
    // the worker needs none of the modules that the hub preloads
    execArgv: [],
    workerData: { usesWebAssembly: usesWebAssembly() } satisfies ImageWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: 64 },
    idleTimeoutMs,
    taskTimeoutMs,
    maxQueuedPerUser,
  })

  constructor(marks?: DecodeMarks) {
    this.#marks = marks
  }

  /** @throws HubError invalid for what cannot be decoded, busy if too many wait */
  async resize(request: ResizeRequest): Promise<ResizedImage> {
    const digest = this.#marks && digestOf(request)
    if (digest !== undefined && this.#marks?.isRefused(digest)) {
      throw unreadable(new Error('the hub ended during earlier attempts'))
    }
    let isMarked = false
    try {
      return await this.#queue.run(
        { ...request, seconds: timeoutSeconds },
        {
          ...(request.user === undefined ? {} : { user: request.user }),
          onTurn: () => {
            if (digest === undefined) return
            this.#marks?.add(digest)
            isMarked = true
          },
        },
      )
    } catch (error) {
      if (!(error instanceof WorkerQueueError)) throw error
      throw error.reason === 'failed' || error.reason === 'timeout' ? unreadable(error) : busy()
    } finally {
      if (isMarked && digest !== undefined) this.#marks?.remove(digest)
    }
  }

  close(): Promise<void> {
    return this.#queue.close()
  }
}

/**
 * Electron on Linux has the system's GLib in its process, and native sharp one of its own: together they crash. The
 * thread gets the answer as its data, since its own `process.versions` may lack Electron's entry.
 */
function usesWebAssembly(): boolean {
  return process.platform === 'linux' && 'electron' in process.versions
}

function digestOf({ source, digest }: ResizeRequest): string | undefined {
  return typeof source === 'string' ? digest : createHash('sha256').update(source).digest('hex')
}

function busy(): HubError {
  return new HubError('busy', 'The hub is processing too many pictures. Try again shortly.', {
    retryAfter: 2,
  })
}

function unreadable(cause: Error): HubError {
  return new HubError('invalid', 'This picture is damaged or too large to read. Choose another file.', {
    field: 'bytes',
    cause,
  })
}
