import { HubError } from '../../../shared/errors.ts'
import { PlaceAwayError } from '../../db/files-mark.ts'
import { StartError } from '../../start-error.ts'
import { diskFull, MissingContentError } from '../contents.ts'

/** A response of the object store that is not the one that was asked for, or none. */
export class S3Error extends Error {
  override name = 'S3Error'
  /** 0 without a response. */
  readonly status: number
  readonly code: string

  constructor({ status, code, message = code }: { status: number; code: string; message?: string }) {
    super(`${code} (${status}): ${message}`)
    this.status = status
    this.code = code
  }

  /** The same request may succeed a moment later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429 || transientCodes.has(this.code)
  }

  get isMissing(): boolean {
    return this.status === 404 && this.code !== 'NoSuchBucket'
  }
}

const transientCodes = new Set(['RequestTimeout', 'SlowDown', 'OperationAborted'])
/** A limit of the bucket or of its disks: of Ceph, of MinIO, and of HTTP. */
const fullCodes = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage'])
const clockCode = 'RequestTimeTooSkewed'

/** The error for a user. */
export function toHubError(error: unknown): unknown {
  if (!(error instanceof S3Error)) return error
  if (error.isMissing) return new MissingContentError('missing', error)
  if (fullCodes.has(error.code) || error.status === 507) return diskFull(error)
  if (error.isTransient) {
    return new HubError('busy', 'The hub cannot reach the bucket of its files. Try again later.', {
      retryAfter: 10,
      cause: error,
    })
  }
  return new HubError('internal', `The bucket of files refuses the hub (${error.code}). Tell its owner.`, {
    cause: error,
  })
}

/** The error for the administrator who starts the hub. */
export function toStartError(error: unknown, { name, host }: { name: string; host: string }): unknown {
  if (!(error instanceof S3Error)) return error
  const { code } = error
  if (error.isTransient) {
    return new PlaceAwayError(
      `The object store ${host} does not respond for the bucket ${name} (${code}): check its address and the network.`,
    )
  }
  if (code === clockCode) {
    return new StartError(
      `The clock of this computer differs too much from that of the object store ${host}: set it, best by NTP.`,
    )
  }
  if (error.status === 404) {
    return new StartError(
      `There is no bucket ${name} at ${host} (${code}): make it, or give another one with --files.`,
    )
  }
  if (/Redirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/.test(code)) {
    return new StartError(
      `The bucket ${name} is in another region (${code}): give it with ?region= in --files.`,
    )
  }
  return new StartError(
    `The object store ${host} refuses the hub the bucket ${name} (${code}): check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what its policy allows (docs/scaling.md).`,
  )
}
