// Sends one file to the hub by tus. The library is loaded with the first file.
import type { DetailedError, HttpRequest } from 'tus-js-client'
import type { WireError } from '../../shared/errors.ts'
import type { UploadTransport } from '../connection/platform.ts'
import { fromWireError, isRequestError, offlineError } from '../connection/request.ts'

export interface UploadJob {
  /** An absolute address. */
  endpoint: string
  /** The id on the hub, if the upload was begun before. */
  fileId: string | undefined
  content: Blob
  metadata: Record<string, string>
  csrf: () => string | undefined
  /** The size of chunks that suited the connection last, if an earlier attempt found it. */
  chunkBytes: number | undefined
  /** Wall time in ms. */
  now: () => number
  transport?: UploadTransport['tus'] | undefined
  onCreated: (fileId: string) => void
  onProgress: (sent: number) => void
  onChunkBytes: (bytes: number) => void
}

export interface ActiveUpload {
  /** Resolves to the file id once the hub has the whole file. @throws RequestError */
  readonly done: Promise<string>
  /** Closes the connection. The hub keeps what has arrived. */
  stop: () => void
}

export type SendFile = (job: UploadJob) => ActiveUpload

/**
 * Bytes of one request: small over a weak link, where a lost connection costs the rest of it, and larger while it takes
 * less than `chunkMs`. The desktop app holds each chunk in memory while it relays it.
 */
const chunkBytes = { min: 64 * 1024, first: 512 * 1024, max: 4 * 1024 * 1024 }
const chunkMs = { short: 2_000, long: 8_000 }

/** Returns the size of the next chunk by the time the last one took. */
export function nextChunkBytes(bytes: number, tookMs: number): number {
  if (tookMs < chunkMs.short) return Math.min(chunkBytes.max, bytes * 2)
  if (tookMs > chunkMs.long) return Math.max(chunkBytes.min, Math.floor(bytes / 2))
  return bytes
}

export const sendFile: SendFile = (job) => {
  let stopped = false
  let stop = (): void => undefined
  const done = (async () => {
    const { Upload } = await import('tus-js-client').catch((error: unknown) => {
      throw offlineError(error)
    })
    return new Promise<string>((resolve, reject) => {
      let chunkStart = job.now()
      const upload = new Upload(job.content, {
        ...job.transport,
        endpoint: job.endpoint,
        ...(job.fileId === undefined ? {} : { uploadUrl: `${job.endpoint}/${job.fileId}` }),
        chunkSize: job.chunkBytes ?? chunkBytes.first,
        // `Uploads` decides when to retry: it knows if the hub is reachable.
        retryDelays: [],
        storeFingerprintForResuming: false,
        metadata: job.metadata,
        onBeforeRequest: (request: HttpRequest) => {
          chunkStart = job.now()
          const csrf = job.csrf()
          if (csrf !== undefined) request.setHeader('X-Csrf-Token', csrf)
        },
        onUploadUrlAvailable: () => job.onCreated(fileIdOf(upload.url)),
        onProgress: (sent) => job.onProgress(sent),
        onChunkComplete: () => {
          const bytes = nextChunkBytes(upload.options.chunkSize ?? chunkBytes.first, job.now() - chunkStart)
          upload.options.chunkSize = bytes
          job.onChunkBytes(bytes)
        },
        onSuccess: () => resolve(fileIdOf(upload.url)),
        onError: (error) => reject(toRequestError(error)),
      })
      stop = () => {
        void upload.abort()
        reject(offlineError())
      }
      if (stopped) stop()
      else upload.start()
    })
  })()
  return {
    done,
    stop: () => {
      stopped = true
      stop()
    },
  }
}

function fileIdOf(url: string | null): string {
  return url?.split('/').at(-1) ?? ''
}

function toRequestError(error: DetailedError | Error): Error {
  if (isRequestError(error)) return error
  const response = 'originalResponse' in error ? error.originalResponse : null
  const status = response?.getStatus() ?? 0
  if (!response || status === 0) return offlineError(error)
  try {
    const { error: wire } = JSON.parse(response.getBody()) as { error?: Partial<WireError> }
    if (wire) return fromWireError(wire)
  } catch {
    // The response to HEAD has no body.
  }
  if (status === 401) return fromWireError({ code: 'unauthenticated' })
  if (status === 404) return fromWireError({ code: 'not_found' })
  return status >= 500 || status === 408 || status === 409 || status === 429
    ? fromWireError({ code: 'busy' })
    : fromWireError({ code: 'internal' })
}
