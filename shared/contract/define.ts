import type { Static, TObject, TSchema } from 'typebox'

/** Who may call a request. The access check of the handler is finer: a resource that the user may not see is `not_found`. */
export type RequestAccess =
  'anyone' | 'session' | 'member' | 'chat admin' | 'chat owner' | 'hub admin' | 'hub owner'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * The definition of a request, for both transports. `input` holds the members of path, query and body in one object. Over
 * HTTP the members that the path names come from the path, the rest from the query (GET, DELETE) or the JSON body.
 */
export interface RequestSpec<
  I extends TObject = TObject,
  O extends TSchema | undefined = TSchema | undefined,
> {
  readonly name: string
  readonly method: Method
  readonly path: `/api/${string}`
  readonly access: RequestAccess
  readonly input: I
  /** Undefined: HTTP returns 204, the socket `output: {}`. */
  readonly output: O
  /** HTTP status of success, if it is not 200 (or 204 without output). */
  readonly status?: 201
  /** `http`: the socket refuses it, because it sets or clears a cookie or carries bytes. */
  readonly transport?: 'http'
  /** On the socket, where one name means GET and PATCH: a request with any input is dispatched as this one. */
  readonly updateRequest?: string
  /** `never`: API tokens cannot call it, only a session that the user opened. */
  readonly tokens?: 'never'
  /** The session must have re-authenticated (sessions.reauthenticate) within the last ten minutes. */
  readonly requiresReauthentication?: true
  /** A pending account can call it; it can call nothing else. */
  readonly allowedWhilePending?: true
  /** The body is not JSON: its raw bytes are the member `bytes` of the input. Requires `transport: 'http'`. */
  readonly body?: 'bytes'
  /**
   * `bytes`: the output is `BinaryContent`, sent as it is. `file`: it is a `ServedFile`, sent as a stream.
   * Requires `transport: 'http'`. The URL changes when the content does.
   */
  readonly response?: 'bytes' | 'file'
  /** Description for the API reference. */
  readonly summary: string
}

export function defineRequest<const I extends TObject, const O extends TSchema | undefined>(
  spec: RequestSpec<I, O>,
): RequestSpec<I, O> {
  // set here, so that no administrative request can forget it
  return spec.path.startsWith('/api/admin/') ? { ...spec, tokens: 'never' } : spec
}

export type InputOf<R> = R extends RequestSpec<infer I, TSchema | undefined> ? Static<I> : never
export type OutputOf<R> =
  R extends RequestSpec<TObject, infer O> ? (O extends TSchema ? Static<O> : undefined) : never

/** Returns `['chatId']` for `/api/chats/:chatId/messages`. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] as string)
}

/** Returns true if the method changes something. A write without input takes no body or `{}`. */
export function isWriteMethod(method: Method): boolean {
  return method !== 'GET'
}
