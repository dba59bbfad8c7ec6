import { recordCall } from './call-recorder.ts'
import { state } from './state.ts'

/**
 * Chromium does not know our scheme, and nothing can register it. So the page has an address that no name server knows,
 * and the stand-in answers its requests with the app's `protocol.handle`. The app sees only addresses of its own
 * scheme.
 */
export const virtualOrigin = 'https://hubbub.app-scheme.invalid'
const appOrigin = 'app://hubbub'

export function toVirtualUrl(url: string): string {
  return url.startsWith(`${appOrigin}/`) ? virtualOrigin + url.slice(appOrigin.length) : url
}

export function fromVirtualUrl(url: string): string {
  return url.startsWith(`${virtualOrigin}/`) ? appOrigin + url.slice(virtualOrigin.length) : url
}

type ProtocolHandler = (request: Request) => Response | Promise<Response>

const privilegedSchemes = new Set<string>()
let protocolHandler: ProtocolHandler | undefined

export const protocol = {
  registerSchemesAsPrivileged: (schemes: { scheme: string; privileges: Record<string, boolean> }[]) => {
    if (state.isReady)
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme, privileges } of schemes) {
      if (privileges['bypassCSP'] || privileges['corsEnabled'])
        throw new Error('a privilege that opens a security hole')
      privilegedSchemes.add(scheme)
      recordCall('protocol.registerSchemesAsPrivileged', scheme, privileges)
    }
  },
  handle: (scheme: string, handler: ProtocolHandler) => {
    if (scheme !== 'app' || !privilegedSchemes.has('app'))
      throw new Error(`the scheme ${scheme} was not registered`)
    protocolHandler = handler
  },
  isProtocolHandled: (scheme: string) => scheme === 'app' && protocolHandler !== undefined,
}

export interface PausedRequest {
  requestId: string
  request: {
    url: string
    method: string
    headers: Record<string, string>
    hasPostData?: boolean
    postDataEntries?: { bytes?: string }[]
  }
  resourceType: string
  frameId: string
}

export interface FulfilledResponse {
  responseCode: number
  responseHeaders: { name: string; value: string }[]
  body: string
}

/**
 * Returns the app's response to a request of the page, or undefined for a network error. As in Electron, the request's
 * own signal never aborts and its body is a stream without a length; a page that is gone cancels the response's body.
 * @throws Error if the page is gone. A body cut short must not look whole: Chromium would keep an empty script for the
 *   page after it, which then stays blank.
 */
export async function respondTo(
  { request }: PausedRequest,
  isGone: AbortSignal,
): Promise<FulfilledResponse | undefined> {
  if (!protocolHandler) return undefined
  const parts = (request.postDataEntries ?? []).map(({ bytes = '' }) => Buffer.from(bytes, 'base64'))
  const headers = Object.entries(request.headers).filter(([name]) => !/^(content-length|cookie)$/i.test(name))
  const response = await protocolHandler(
    new Request(fromVirtualUrl(request.url), {
      method: request.method,
      headers,
      ...(parts.length > 0 ? { body: streamOf(parts), duplex: 'half' } : {}),
    }),
  )
  if (response.type === 'error') return undefined
  return {
    responseCode: response.status,
    responseHeaders: [...response.headers]
      .filter(([name]) => name !== 'set-cookie')
      .map(([name, value]) => ({ name, value: fromVirtualUrl(value) })),
    body: (await readBody(response, isGone)).toString('base64'),
  }
}

/** In pieces, as they come from another process. */
function streamOf(parts: Buffer[]): ReadableStream<Uint8Array> {
  const pieces = parts.flatMap((part) =>
    Array.from({ length: Math.ceil(part.length / pieceBytes) }, (_, at) =>
      Uint8Array.from(part.subarray(at * pieceBytes, (at + 1) * pieceBytes)),
    ),
  )
  return new ReadableStream({
    pull: (controller) => {
      const piece = pieces.shift()
      if (piece) controller.enqueue(piece)
      else controller.close()
    },
  })
}

const pieceBytes = 64 * 1024

async function readBody(response: Response, isGone: AbortSignal): Promise<Buffer> {
  if (!response.body) return Buffer.alloc(0)
  const reader = response.body.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  if (isGone.aborted) cancel()
  isGone.addEventListener('abort', cancel, { once: true })
  const received: Uint8Array[] = []
  for (;;) {
    const { done, value } = await reader.read()
    if (isGone.aborted) throw new Error('the page is gone')
    if (done) return Buffer.concat(received)
    received.push(value)
  }
}
