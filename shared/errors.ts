import type { MoveTicket } from './move-ticket.ts'
import type { Place } from './places.ts'

/** Every error code of a request, with its HTTP status. Both transports and all clients use this list. */
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

/** An error on the wire: inside `{ error }` over HTTP, inside `err` on the socket. */
export interface WireError {
  code: ErrorCode
  /** Text for the user: what happened and what to do. */
  message: string
  /** The invalid member of the input, if there is one. */
  field?: string
  /** Whole seconds to wait before trying again. */
  retryAfter?: number
  /** With `busy`: this computer is not the hub, or no longer. Try these. */
  moved?: readonly Place[]
  /** With `moved`, to a page that has a session cookie: sessions.useTicket takes it there. */
  ticket?: MoveTicket
}

export interface ErrorDetails {
  field?: string
  retryAfter?: number
  moved?: readonly Place[]
  ticket?: MoveTicket
  cause?: unknown
}

/** Thrown by handlers and rules. Any other error becomes `internal` and is logged with its cause. */
export class HubError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly retryAfter: number | undefined
  readonly moved: readonly Place[] | undefined
  readonly ticket: MoveTicket | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'HubError'
    this.code = code
    this.field = details.field
    this.retryAfter = details.retryAfter
    this.moved = details.moved
    this.ticket = details.ticket
  }

  toWire(): WireError {
    const wire: WireError = { code: this.code, message: this.message }
    if (this.field !== undefined) wire.field = this.field
    if (this.retryAfter !== undefined) wire.retryAfter = this.retryAfter
    if (this.moved !== undefined) wire.moved = this.moved
    if (this.ticket !== undefined) wire.ticket = this.ticket
    return wire
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorStatus, value)
}

/** A resource that the user may not see fails exactly like one that does not exist; therefore this is the only place with that message. */
export function notFound(what = 'This'): HubError {
  return new HubError('not_found', `${what} does not exist, or you cannot see it.`)
}

/** `field` of the `forbidden` error that asks for sessions.reauthenticate. */
export const reauthenticationField = 'confirm'

/** The request can be sent again shortly: nothing is wrong with it, nor with the program. */
export function isBusy(error: unknown): boolean {
  return error instanceof HubError && error.code === 'busy'
}
