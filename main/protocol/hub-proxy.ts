// `/hub/<hubId>/api/…` of the page's own origin is forwarded to that hub: the page names a hub in the list, never a
// host. The proxy adds the token to requests and removes it from responses; the page never sees it.
import type { IncomingMessage } from 'node:http'
import { Readable, Transform } from 'node:stream'
import type { HubId } from '../../shared/desktop.ts'
import type { Hubs } from '../hubs/hubs.ts'
import { readBody } from '../net/hub-meta.ts'
import type { Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { headersToHub, headersToPage } from './headers.ts'

export interface HubProxyOptions {
  hubs: Hubs
  log: Log
  /** The name of this app's sessions at the hub. */
  userAgent: string
}

const allowedMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
/** Uploads come in pieces of a few MiB; no valid body is larger than this. */
const maxBodyBytes = 32 * 1024 * 1024
const responseTimeoutMs = 60_000
const sessionPaths = new Set(['/api/login', '/api/register', '/api/setup'])
const maxSessionResponseBytes = 256 * 1024

export class HubProxy {
  readonly #options: HubProxyOptions
  /** Electron's own signal of a request never aborts. */
  #pageGone = new AbortController()

  constructor(options: HubProxyOptions) {
    this.#options = options
  }

  /** The page is gone: aborts its requests to all hubs. */
  abortAll(): void {
    this.#pageGone.abort()
    this.#pageGone = new AbortController()
  }

  /** `path`: of the hub, beginning with a slash, unchanged. */
  async handle(request: Request, id: HubId, path: string): Promise<Response> {
    const rejection = rejectRequest(request, path)
    if (rejection) return rejection
    try {
      return await this.#forward(request, id, path)
    } catch (error) {
      return this.#toErrorResponse(error)
    }
  }

  async #forward(request: Request, id: HubId, path: string): Promise<Response> {
    const { hubs, userAgent } = this.#options
    await hubs.ready
    const token = hubs.token(id)
    const { body, length } = requestBody(request)
    const headers = headersToHub(request.headers, { token, agent: userAgent })
    if (length !== undefined) headers['content-length'] = length
    const response = await hubs.get(id).request({
      method: request.method,
      path,
      headers,
      body,
      signal: this.#pageGone.signal,
      timeoutMs: responseTimeoutMs,
    })
    const status = response.statusCode ?? 502
    if (status >= 300 && status < 400 && status !== 304) {
      response.destroy()
      return errorResponse('The hub redirected this request, and the app does not follow redirects.')
    }
    const [pathname = ''] = path.split('?', 1)
    if (opensSession(request.method, pathname)) return this.#openSession(id, response, status)
    if (endsSession(request.method, pathname, status)) await hubs.signedOut(id, token)
    return streamResponse(response, status, headersToPage(response.headers, id), request.method)
  }

  async #openSession(id: HubId, response: IncomingMessage, status: number): Promise<Response> {
    const headers = headersToPage(response.headers, id)
    headers.delete('content-length')
    headers.set('content-type', 'application/json; charset=utf-8')
    headers.set('cache-control', 'no-store')
    const content: unknown = JSON.parse((await readBody(response, maxSessionResponseBytes)).toString())
    if (typeof content !== 'object' || content === null) throw new Error('the response is not an object')
    const { token, ...rest } = content as Record<string, unknown>
    if (status < 300 && typeof token === 'string') await this.#options.hubs.signedIn(id, token)
    return new Response(JSON.stringify(rest), { status, headers })
  }

  /** Without an error envelope of the hub, the hub is unreachable for the page, which tries again. */
  #toErrorResponse(error: unknown): Response {
    if (error instanceof ShellError)
      return errorResponse(error.message, error.code === 'not_found' ? 404 : 502)
    const { code, name } = error as { code?: string; name?: string }
    if (name !== 'AbortError') this.#options.log.info('a request failed', { problem: code ?? name })
    return errorResponse('The hub could not be reached.')
  }
}

/** The responses to these requests contain the token. */
export function opensSession(method: string, path: string): boolean {
  return method === 'POST' && sessionPaths.has(path)
}

/** Rejects requests that must never reach a hub. */
function rejectRequest(request: Request, path: string): Response | undefined {
  if (!allowedMethods.has(request.method)) return errorResponse('This method is not allowed here.', 405)
  const [pathname = ''] = path.split('?', 1)
  // the URL parser has already resolved the dots; this checks the rest
  if (!/^\/api\/[A-Za-z0-9_.~%:@!$&'()*+,;=/-]{1,4000}$/.test(pathname) || /%(2f|5c|00)/i.test(pathname)) {
    return errorResponse('This address does not exist.', 404)
  }
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes)
    return errorResponse('This is too large.', 413)
  return undefined
}

/** The user logged out here, or the hub says that the session ended. */
function endsSession(method: string, path: string, status: number): boolean {
  if (path === '/api/logout') return status < 300 || status === 401
  return method === 'GET' && path === '/api/me' && status === 401
}

function requestBody(request: Request): { body: Readable | undefined; length: string | undefined } {
  if (!request.body) return { body: undefined, length: request.method === 'GET' ? undefined : '0' }
  let bytes = 0
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length
      done(bytes > maxBodyBytes ? new Error('the body is too large') : null, part)
    },
  })
  const body = Readable.from(request.body)
  body.once('error', (error) => counted.destroy(error))
  return { body: body.pipe(counted), length: request.headers.get('content-length') ?? undefined }
}

function streamResponse(
  response: IncomingMessage,
  status: number,
  headers: Headers,
  method: string,
): Response {
  if (status === 204 || status === 304 || method === 'HEAD') {
    response.resume()
    return new Response(null, { status, headers })
  }
  return new Response(responseStream(response), { status, headers })
}

/** Streams as fast as the page reads, and ends when the page cancels. */
function responseStream(response: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const parts = (response as AsyncIterable<Uint8Array<ArrayBuffer>>)[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      const part = await parts.next()
      if (part.done) controller.close()
      else controller.enqueue(part.value)
    },
    cancel: () => void response.destroy(),
  })
}

function errorResponse(reason: string, status = 502): Response {
  return Response.json(
    { reason },
    { status, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } },
  )
}
