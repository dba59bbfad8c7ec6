import { record } from './record.ts'
import { state } from './state.ts'

/**
 * Chromium does not know our scheme and nothing makes it: the page lives at an address that no name server knows, and
 * is answered by what the app gave `protocol.handle`. Everything the app sees is in its own scheme.
 */
export const virtualOrigin = 'https://hubbub.app-scheme.invalid'
const appOrigin = 'app://hubbub'

export function toVirtual(url: string): string {
  return url.startsWith(`${appOrigin}/`) ? virtualOrigin + url.slice(appOrigin.length) : url
}

export function fromVirtual(url: string): string {
  return url.startsWith(`${virtualOrigin}/`) ? appOrigin + url.slice(virtualOrigin.length) : url
}

type Handle = (request: Request) => Response | Promise<Response>

const privileged = new Set<string>()
let handle: Handle | undefined

export const protocol = {
  registerSchemesAsPrivileged: (schemes: { scheme: string; privileges: Record<string, boolean> }[]) => {
    if (state.isReady)
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme, privileges } of schemes) {
      if (privileges['bypassCSP'] || privileges['corsEnabled'])
        throw new Error('a privilege that opens a hole')
      privileged.add(scheme)
      record('protocol.registerSchemesAsPrivileged', scheme, privileges)
    }
  },
  handle: (scheme: string, answer: Handle) => {
    if (scheme !== 'app' || !privileged.has('app')) throw new Error(`the scheme ${scheme} was not made known`)
    handle = answer
  },
  isProtocolHandled: (scheme: string) => scheme === 'app' && handle !== undefined,
}

export interface Paused {
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

export interface Fulfilled {
  responseCode: number
  responseHeaders: { name: string; value: string }[]
  body: string
}

/** The app's answer to what the page asked; undefined where it answered with a network error. */
export async function answerFor({ request }: Paused): Promise<Fulfilled | undefined> {
  if (!handle) return undefined
  const parts = (request.postDataEntries ?? []).map(({ bytes = '' }) => Buffer.from(bytes, 'base64'))
  const body = parts.length > 0 ? Buffer.concat(parts) : undefined
  const response = await handle(
    new Request(fromVirtual(request.url), {
      method: request.method,
      headers: request.headers,
      ...(body ? { body, duplex: 'half' } : {}),
    }),
  )
  if (response.type === 'error') return undefined
  return {
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value: fromVirtual(value) })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  }
}
