/** Every way a request can fail, with the HTTP status it answers. The one list both doors and every client share. */
export const errorStatus = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  busy: 503,
  disk_full: 507,
  internal: 500,
} as const

export type ErrorCode = keyof typeof errorStatus

/** What travels: over HTTP inside `{ error }` with the status, on the socket inside `err`. */
export interface WireError {
  code: ErrorCode
  /** Words for a person: what happened and what to do. */
  message: string
  /** The input member that is wrong, where there is one. */
  field?: string
  /** Whole seconds to wait before trying again. */
  retryAfter?: number
}

export interface ErrorDetails {
  field?: string
  retryAfter?: number
  cause?: unknown
}

/** What a rule throws. Anything else that is thrown becomes `internal` and is logged with its cause. */
export class HubError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'HubError'
    this.code = code
    this.field = details.field
    this.retryAfter = details.retryAfter
  }

  toWire(): WireError {
    const wire: WireError = { code: this.code, message: this.message }
    if (this.field !== undefined) wire.field = this.field
    if (this.retryAfter !== undefined) wire.retryAfter = this.retryAfter
    return wire
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorStatus, value)
}

/** What a person may not see answers exactly like what is not there, so there is one place that says it. */
export function notFound(what = 'This'): HubError {
  return new HubError('not_found', `${what} does not exist, or you cannot see it.`)
}

/** `field` of a refusal that sessions.confirm puts an end to: the password was last said too long ago. */
export const reauthenticationField = 'confirm'
