import type { Input, Output, RequestName } from '../../shared/contract.ts'
import { isErrorCode, type ErrorCode, type WireError } from '../../shared/errors.ts'

/** Why a request came to nothing. `offline`: there was no answer, so whether it took effect is unknown. */
export class RequestError extends Error {
  readonly code: ErrorCode | 'offline'
  /** The input member that is wrong, where there is one. */
  readonly field: string | undefined
  /** Seconds to wait before trying again. */
  readonly retryAfter: number | undefined

  constructor(
    code: ErrorCode | 'offline',
    message: string,
    details: { field?: string | undefined; retryAfter?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause })
    this.name = 'RequestError'
    this.code = code
    this.field = details.field
    this.retryAfter = details.retryAfter
  }
}

/** Whether `error` is a RequestError, of this code where one is given. */
export function isRequestError(error: unknown, code?: RequestError['code']): error is RequestError {
  return error instanceof RequestError && (code === undefined || error.code === code)
}

/** Asks the hub: `await request('chats.get', { chatId })`. Requests without input need none. Throws RequestError. */
export type Request = <N extends RequestName>(name: N, ...input: InputArgs<N>) => Promise<Output<N>>

export type InputArgs<N extends RequestName> =
  Record<never, never> extends Input<N> ? [input?: Input<N>] : [input: Input<N>]

export function offlineError(cause?: unknown): RequestError {
  return new RequestError('offline', 'The hub cannot be reached. Try again when it is back.', { cause })
}

/** A code this page does not know is as good as `internal`: a newer hub may have more. */
export function errorOfWire(error: Partial<WireError> | undefined): RequestError {
  const code = isErrorCode(error?.code) ? error.code : 'internal'
  const message = error?.message ?? 'Something went wrong at the hub. Try again.'
  return new RequestError(code, message, { field: error?.field, retryAfter: error?.retryAfter })
}
