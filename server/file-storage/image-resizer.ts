import { extname } from 'node:path'
import { HubError } from '../../shared/errors.ts'
import { WorkerQueue, WorkerQueueError } from '../workers/worker-queue.ts'

/*
 * Decodes pictures in a worker that runs only while there is work. Invariants:
 *
 * 1. One picture at a time: of the few threads that hashing and files share, pictures take a single thread.
 * 2. The result is encoded again from pixels: no location, no camera, nothing hidden after the last row.
 * 3. Pixels, queued bytes and time are limited; a thread that does not respond is replaced.
 */

export interface ResizeRequest {
  /** The bytes, or the path of a file. */
  source: Uint8Array | string
  width: number
  height: number
  /** `cover`: exactly this size, the rest is cut off. `inside`: all of it, at most this size, never enlarged. */
  fit: 'cover' | 'inside'
  /** A source with more pixels is not decoded. */
  maxPixels: number
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

const timeoutSeconds = 10
/** Longer than the decoder's own timeout: after it the thread hangs. */
const taskTimeoutMs = timeoutSeconds * 1000 + 5000
const idleTimeoutMs = 30_000
const maxQueued = 32

export class ImageResizer {
  readonly #queue = new WorkerQueue<ResizeTask, ResizedImage>({
    module: new URL(`./image-worker${extname(import.meta.url)}`, import.meta.url),
    // the worker needs none of the modules that the hub preloads
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 64 },
    idleTimeoutMs,
    taskTimeoutMs,
    maxQueued,
  })

  /** @throws HubError invalid for what cannot be decoded, busy if too many wait */
  async resize(request: ResizeRequest): Promise<ResizedImage> {
    try {
      return await this.#queue.run({ ...request, seconds: timeoutSeconds })
    } catch (error) {
      if (!(error instanceof WorkerQueueError)) throw error
      throw error.reason === 'failed' || error.reason === 'timeout' ? unreadable(error) : busy()
    }
  }

  close(): Promise<void> {
    return this.#queue.close()
  }
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
