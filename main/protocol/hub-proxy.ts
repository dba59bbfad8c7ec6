// `/hub/<hubId>/api/…` of the page's own origin is forwarded to that hub: the page names a hub that is in the list, never
// a host. The token is put in here and taken out of the answer here; it exists nowhere in the page.
import type { IncomingMessage } from 'node:http'
import { Readable, Transform } from 'node:stream'
import type { HubId } from '../../shared/desktop.ts'
import type { Hubs } from '../hubs/hubs.ts'
import { readBody } from '../net/meta.ts'
import type { Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { headersToHub, headersToPage } from './headers.ts'

export interface HubProxyOptions {
  hubs: Hubs
  log: Log
  /** How sessions of this app are called at the hub. */
  agent: string
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
/** Uploads come in pieces of a few MiB; what is larger than this is none. */
const bodyUpTo = 32 * 1024 * 1024
const answerWithin = 60_000
const opening = new Set(['/api/login', '/api/register', '/api/setup'])
const sessionAnswerUpTo = 256 * 1024

export class HubProxy {
  readonly #options: HubProxyOptions

  constructor(options: HubProxyOptions) {
    this.#options = options
  }

  /** `path`: of the hub, beginning with a slash, as it came. */
  async answer(request: Request, id: HubId, path: string): Promise<Response> {
    const refused = refusal(request, path)
    if (refused) return refused
    try {
      return await this.#forward(request, id, path)
    } catch (error) {
      return this.#failed(error)
    }
  }

  async #forward(request: Request, id: HubId, path: string): Promise<Response> {
    const { hubs, agent } = this.#options
    await hubs.ready
    const token = hubs.token(id)
    const abort = new AbortController()
    request.signal.addEventListener('abort', () => abort.abort(), { once: true })
    const { body, length } = bodyOf(request)
    const headers = headersToHub(request.headers, { token, agent })
    if (length !== undefined) headers['content-length'] = length
    const answer = await hubs.get(id).request({
      method: request.method,
      path,
      headers,
      body,
      signal: abort.signal,
      within: answerWithin,
    })
    const status = answer.statusCode ?? 502
    if (status >= 300 && status < 400 && status !== 304) {
      answer.destroy()
      return offline('The hub sent this request elsewhere, which the app does not follow.')
    }
    const [pathname = ''] = path.split('?', 1)
    if (opensSession(request.method, pathname)) return this.#openSession(id, answer, status)
    if (hasEnded(request.method, pathname, status)) await hubs.signedOut(id, token)
    return stream(answer, status, headersToPage(answer.headers, id), request.method)
  }

  async #openSession(id: HubId, answer: IncomingMessage, status: number): Promise<Response> {
    const headers = headersToPage(answer.headers, id)
    headers.delete('content-length')
    headers.set('content-type', 'application/json; charset=utf-8')
    headers.set('cache-control', 'no-store')
    const content: unknown = JSON.parse((await readBody(answer, sessionAnswerUpTo)).toString())
    if (typeof content !== 'object' || content === null) throw new Error('an answer without an object')
    const { token, ...rest } = content as Record<string, unknown>
    if (status < 300 && typeof token === 'string') await this.#options.hubs.signedIn(id, token)
    return new Response(JSON.stringify(rest), { status, headers })
  }

  /** No envelope of the hub's: for the page this hub is simply not there, and it tries again. */
  #failed(error: unknown): Response {
    if (error instanceof ShellError) return offline(error.message, error.code === 'not_found' ? 404 : 502)
    const { code, name } = error as { code?: string; name?: string }
    if (name !== 'AbortError') this.#options.log.info('a request came to nothing', { problem: code ?? name })
    return offline('The hub could not be reached.')
  }
}

/** The answer to these holds the token. */
export function opensSession(method: string, path: string): boolean {
  return method === 'POST' && opening.has(path)
}

/** What never gets as far as a hub. */
function refusal(request: Request, path: string): Response | undefined {
  if (!methods.has(request.method)) return offline('This method is not used here.', 405)
  const [pathname = ''] = path.split('?', 1)
  // the address came through a parser of URLs, which has done away with dots; what it leaves is looked at here
  if (!/^\/api\/[A-Za-z0-9_.~%:@!$&'()*+,;=/-]{1,4000}$/.test(pathname) || /%(2f|5c|00)/i.test(pathname)) {
    return offline('There is nothing at this address.', 404)
  }
  if (Number(request.headers.get('content-length') ?? 0) > bodyUpTo) return offline('This is too large.', 413)
  return undefined
}

/** Logged out here, or found to be logged out. */
function hasEnded(method: string, path: string, status: number): boolean {
  if (path === '/api/logout') return status < 300 || status === 401
  return method === 'GET' && path === '/api/me' && status === 401
}

function bodyOf(request: Request): { body: Readable | undefined; length: string | undefined } {
  if (!request.body) return { body: undefined, length: request.method === 'GET' ? undefined : '0' }
  let bytes = 0
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length
      done(bytes > bodyUpTo ? new Error('a body that is too large') : null, part)
    },
  })
  const body = Readable.from(request.body)
  body.once('error', (error) => counted.destroy(error))
  return { body: body.pipe(counted), length: request.headers.get('content-length') ?? undefined }
}

function stream(answer: IncomingMessage, status: number, headers: Headers, method: string): Response {
  if (status === 204 || status === 304 || method === 'HEAD') {
    answer.resume()
    return new Response(null, { status, headers })
  }
  return new Response(partsOf(answer), { status, headers })
}

/** As fast as the page takes it, and ended when the page has enough. */
function partsOf(answer: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const parts = (answer as AsyncIterable<Uint8Array<ArrayBuffer>>)[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      const part = await parts.next()
      if (part.done) controller.close()
      else controller.enqueue(part.value)
    },
    cancel: () => void answer.destroy(),
  })
}

function offline(reason: string, status = 502): Response {
  return Response.json(
    { reason },
    { status, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } },
  )
}
