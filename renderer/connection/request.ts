import type { Input, Output, RequestName } from '../../shared/contract.ts'
import { heldHeader } from '../../shared/contract/continuity.ts'
import { type MoveTicket, readMoveTicket } from '../../shared/move-ticket.ts'
import { type Place, readPlaces } from '../../shared/places.ts'
import { isErrorCode, type ErrorCode, type WireError } from '../../shared/errors.ts'
import { addressesOf, fillPath } from './addresses.ts'
import { isNumber, isObject, isText } from './form.ts'
import { fitsFrame } from './frames.ts'
import { routes } from './routes.ts'
import type { ReadonlySignal } from '../signals/signal.ts'
import type { Clock, Platform } from './platform.ts'
import { readWaitMs, Timer } from './timer.ts'

/** Why a request failed. `offline`: there was no response, so it is unknown if the request took effect. */
export class RequestError extends Error {
  readonly code: ErrorCode | 'offline'
  /** The input member that is wrong, if the hub named one. */
  readonly field: string | undefined
  /** Seconds to wait before the next try. */
  readonly retryAfter: number | undefined
  /** With `busy`: another computer is the hub, at one of these places. */
  readonly moved: readonly Place[] | undefined
  /** With `moved`: takes the session of this browser there. */
  readonly ticket: MoveTicket | undefined

  constructor(
    code: ErrorCode | 'offline',
    message: string,
    details: {
      field?: string | undefined
      retryAfter?: number | undefined
      moved?: readonly Place[] | undefined
      ticket?: MoveTicket | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: details.cause })
    this.name = 'RequestError'
    this.code = code
    this.field = details.field
    this.retryAfter = details.retryAfter
    this.moved = details.moved
    this.ticket = details.ticket
  }
}

/** True for a RequestError, of this code if one is given. */
export function isRequestError(error: unknown, code?: RequestError['code']): error is RequestError {
  return error instanceof RequestError && (code === undefined || error.code === code)
}

/**
 * Sends a request: `await request('chats.get', { chatId })`. The input may be left out if it has no required members.
 * @throws RequestError
 */
export type Request = <N extends RequestName>(name: N, ...input: InputArgs<N>) => Promise<Output<N>>

export type InputArgs<N extends RequestName> =
  Record<never, never> extends Input<N> ? [input?: Input<N>] : [input: Input<N>]

export function offlineError(cause?: unknown): RequestError {
  return new RequestError('offline', 'Can’t reach the hub. Try again when it is back.', { cause })
}

const unknownProblem = 'Something went wrong on the hub. Try again.'

/** A newer hub may have codes this page does not know: they count as `internal`. */
export function fromWireError(error: Partial<Record<keyof WireError, unknown>> | undefined): RequestError {
  const { code, message, field, retryAfter, moved, ticket } = error ?? {}
  return new RequestError(isErrorCode(code) ? code : 'internal', isText(message) ? message : unknownProblem, {
    field: isText(field) ? field : undefined,
    retryAfter: isNumber(retryAfter) ? readWaitMs(retryAfter * 1_000) / 1_000 : undefined,
    moved: moved === undefined ? undefined : readPlaces(moved),
    ticket: readMoveTicket(ticket),
  })
}

/** Sends a request, and tells if only one computer has what it wrote: see `held` in the contract. @throws RequestError */
export type HeldRequest = <N extends RequestName>(
  name: N,
  ...input: InputArgs<N>
) => Promise<{ output: Output<N>; held: number | undefined }>

/** `held`: see the `ok` message. */
export interface Answer {
  output: unknown
  held: number | undefined
}

/** The live socket, as far as a request needs it. */
export interface LiveTransport {
  readonly isLive: boolean
  readonly state: ReadonlySignal<string>
  request(name: RequestName, input: object): Promise<Answer>
}

export interface RequesterOptions {
  base: string
  platform: Pick<Platform, 'fetch' | 'clock'>
  connection: () => LiveTransport | undefined
  /** For a write over HTTP: the token of the session, if there is one. @throws RequestError */
  csrf: () => Promise<string | undefined>
}

const responseTimeoutMs = 30_000

/** A retry of these changes nothing: one whose response was lost is sent again, so that nobody reads of a failure that was none. */
const repeatable = new Set<RequestName>([
  ...(['reactions.add', 'reactions.remove', 'pins.add', 'pins.remove', 'saved.add', 'saved.remove'] as const),
  ...(['messages.delete', 'chats.archive', 'chats.unarchive', 'chats.updatePreferences'] as const),
  ...(['me.update', 'status.set', 'status.clear', 'members.add', 'members.update'] as const),
])
/** The user waits for it. */
const returnTimeoutMs = 10_000

/** Requests that open, end or check a session use its cookie, and `hub.meta` must work without a socket: HTTP only. */
const httpOnlyRequests = new Set<RequestName>(['hub.meta', 'me.get', 'accounts.logout'])

/** Uses the live socket while it is up, so that requests take effect in their order; otherwise HTTP. */
export function createRequest(options: RequesterOptions): Request {
  const send = createHeldRequest(options)
  return async (name, ...input) => (await send(name, ...input)).output
}

/** Like `createRequest`. */
export function createHeldRequest(options: RequesterOptions): HeldRequest {
  return async <N extends RequestName>(name: N, ...[given]: InputArgs<N>) => {
    const input = given ?? {}
    const connection = options.connection()
    const bySocket =
      connection?.isLive && routes[name][2] !== 'http' && !httpOnlyRequests.has(name) && fitsFrame(input)
    const send = (): Promise<Answer> => connection?.request(name, input) ?? Promise.reject(offlineError())
    const answer = await (!bySocket
      ? fetchResponse(options, name, input)
      : repeatable.has(name)
        ? repeatIfLost(send, connection, options.platform.clock)
        : send())
    return answer as { output: Output<N>; held: number | undefined }
  }
}

async function repeatIfLost(
  send: () => Promise<Answer>,
  connection: LiveTransport,
  clock: Clock,
): Promise<Answer> {
  try {
    return await send()
  } catch (error) {
    if (isRequestError(error, 'offline') && (await isBackSoon(connection, clock))) return send()
    throw error
  }
}

function isBackSoon({ state }: LiveTransport, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = new Timer(clock)
    const end = (isLive: boolean): void => {
      timer.clear()
      resolve(isLive)
      queueMicrotask(() => unsubscribe())
    }
    timer.set(returnTimeoutMs, () => end(false))
    const unsubscribe = state.subscribe((now) => {
      if (now === 'live' || now === 'stopped') end(now === 'live')
    })
  })
}

async function fetchResponse(options: RequesterOptions, name: RequestName, input: object): Promise<Answer> {
  const [method, pattern] = routes[name]
  const { path, body } = fillPath(method, pattern, input as Record<string, unknown>)
  const headers: Record<string, string> = { accept: 'application/json' }
  const csrf = method === 'GET' ? undefined : await options.csrf()
  if (csrf !== undefined) headers['x-csrf-token'] = csrf
  // The picture is the whole body.
  const bytes = body?.bytes instanceof Uint8Array ? (body.bytes as Uint8Array<ArrayBuffer>) : undefined
  if (body) headers['content-type'] = bytes ? 'application/octet-stream' : 'application/json'
  const { fetch, clock } = options.platform
  const abort = new AbortController()
  const timer = clock.setTimeout(() => abort.abort(), responseTimeoutMs)
  try {
    const response = await fetch(addressesOf(options.base).api(path), {
      method,
      headers,
      signal: abort.signal,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body ? { body: bytes ?? JSON.stringify(body) } : {}),
    })
    const held = Number(response.headers.get(heldHeader) ?? NaN)
    return { output: await readResponse(response), held: Number.isSafeInteger(held) ? held : undefined }
  } catch (error) {
    throw isRequestError(error) ? error : offlineError(error)
  } finally {
    clock.clearTimeout(timer)
  }
}

async function readResponse(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined
  const body: unknown = await response.json()
  if (response.ok) return body
  // A response without our envelope comes from a proxy, not from the hub.
  const error = isObject(body) ? body['error'] : undefined
  if (!isObject(error)) throw offlineError()
  throw fromWireError(error)
}
