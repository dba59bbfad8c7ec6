import { HubError } from '../../shared/errors.ts'

export function wrongOffset(): HubError {
  return new HubError(
    'conflict',
    'Wrong upload offset. Send HEAD for the current offset and resume from there.',
    {
      field: 'upload-offset',
    },
  )
}

/** A fault of the disk destroys the content too, but it belongs in the log. */
export function isOfConnection(error: unknown): boolean {
  if (error instanceof HubError) return false
  const { syscall, code } = error as NodeJS.ErrnoException
  return syscall === undefined ? connectionCodes.has(code) : syscall === 'read'
}

/** Of a body that ended early: by the client, or by a later request for the same upload. */
const connectionCodes = new Set<string | undefined>(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'])

export function connectionLost(cause: unknown): HubError {
  return new HubError(
    'busy',
    'The connection ended before the upload was complete. Send HEAD for the current offset and resume from there.',
    {
      cause,
    },
  )
}

export function goesOnElsewhere(): HubError {
  return new HubError(
    'conflict',
    'This upload was cancelled, or goes on over another connection. Send HEAD for the current offset.',
  )
}

export function tooManyBytes(): HubError {
  return new HubError(
    'too_large',
    'The request has more bytes than the upload announced. Send HEAD for the current offset.',
  )
}
