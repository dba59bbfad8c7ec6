// One file to the hub by tus. The library is fetched with the first file.
import type { DetailedError, HttpRequest } from 'tus-js-client'
import type { WireError } from '../../shared/errors.ts'
import { fromWireError, isRequestError, offlineError } from '../connection/request.ts'

export interface UploadJob {
  /** Absolute. */
  endpoint: string
  /** Where it was begun, if it was. */
  fileId: string | undefined
  content: Blob
  metadata: Record<string, string>
  csrf: () => string | undefined
  onCreated: (fileId: string) => void
  onProgress: (sent: number) => void
}

export interface ActiveUpload {
  /** The file's id once the hub has all of it. Throws RequestError. */
  readonly done: Promise<string>
  /** Lets go of the connection; what has arrived stays there. */
  stop: () => void
}

export type SendFile = (job: UploadJob) => ActiveUpload

/** The desktop holds each piece in memory while it passes through. */
const chunkBytes = 4 * 1024 * 1024

export const sendFile: SendFile = (job) => {
  let stopped = false
  let stop = (): void => undefined
  const done = (async () => {
    const { Upload } = await import('tus-js-client').catch((error: unknown) => {
      throw offlineError(error)
    })
    return new Promise<string>((resolve, reject) => {
      const upload = new Upload(job.content, {
        endpoint: job.endpoint,
        ...(job.fileId === undefined ? {} : { uploadUrl: `${job.endpoint}/${job.fileId}` }),
        chunkSize: chunkBytes,
        // when to try again is for the one who knows whether the hub is there
        retryDelays: [],
        storeFingerprintForResuming: false,
        metadata: job.metadata,
        onBeforeRequest: (request: HttpRequest) => {
          const csrf = job.csrf()
          if (csrf !== undefined) request.setHeader('X-Csrf-Token', csrf)
        },
        onUploadUrlAvailable: () => job.onCreated(fileIdOf(upload.url)),
        onProgress: (sent) => job.onProgress(sent),
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
    // the answer to HEAD has no body
  }
  if (status === 401) return fromWireError({ code: 'unauthenticated' })
  if (status === 404) return fromWireError({ code: 'not_found' })
  return status >= 500 || status === 408 || status === 409 || status === 429
    ? fromWireError({ code: 'busy' })
    : fromWireError({ code: 'internal' })
}
