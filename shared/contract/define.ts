import type { Static, TObject, TSchema } from 'typebox'

/** Who may call a request at all. The rule behind it looks closer: what one may not see is `not_found`. */
export type RequestAccess =
  'anyone' | 'session' | 'member' | 'chat admin' | 'chat owner' | 'hub admin' | 'hub owner'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * One request, written once. `input` holds the members of path, query and body in one object; over HTTP the members that
 * the path names come from the path, the rest from the query (GET, DELETE) or the JSON body.
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
  /** Absent: HTTP answers 204, the socket `output: {}`. */
  readonly output: O
  /** The HTTP status of success where it is not 200 (or 204 without output). */
  readonly status?: 201
  /** `http`: opens or ends a cookie, so the socket refuses it. */
  readonly transport?: 'http'
  /** On the socket, where one name stands for GET and PATCH: a call with any input means this one. */
  readonly updateRequest?: string
  /** `never`: for the person themselves only, never for a personal token they have made. */
  readonly tokens?: 'never'
  /** Only within ten minutes of the password, in this session: otherwise sessions.confirm comes first. */
  readonly requiresReauthentication?: true
  /** Works for somebody who still waits to be let in; nothing else does. */
  readonly allowedWhilePending?: true
  /** The body is not JSON but the member `bytes` of the input, as it is: so `door` is `http`. */
  readonly body?: 'bytes'
  /** The output is a `Content`, sent as it is: so `door` is `http`. Its address changes when the content does.
   *  `file`: it is a `ServedFile`, sent as a stream. */
  readonly response?: 'bytes' | 'file'
  /** One line for the API page. */
  readonly summary: string
}

export function defineRequest<const I extends TObject, const O extends TSchema | undefined>(
  spec: RequestSpec<I, O>,
): RequestSpec<I, O> {
  // administration is never for tokens, and nobody has to remember it
  return spec.path.startsWith('/api/admin/') ? { ...spec, tokens: 'never' } : spec
}

export type InputOf<R> = R extends RequestSpec<infer I, TSchema | undefined> ? Static<I> : never
export type OutputOf<R> =
  R extends RequestSpec<TObject, infer O> ? (O extends TSchema ? Static<O> : undefined) : never

/** `{ chatId }` from `/api/chats/:chatId/messages`. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] as string)
}

/** A request without input takes no body or `{}`. */
export function isWriteMethod(method: Method): boolean {
  return method !== 'GET'
}
