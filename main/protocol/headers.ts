// The headers that pass between the page and a hub, by name. All others are dropped: cookies, origins and hop-by-hop
// headers of the page; cookies, policies and redirects of the hub.
import type { IncomingHttpHeaders } from 'node:http'
import { hubBasePath, type HubId } from '../../shared/desktop.ts'

const forwardedRequestHeaders = [
  'accept',
  'content-type',
  'content-disposition',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'range',
  'tus-resumable',
  'upload-checksum',
  'upload-complete',
  'upload-concat',
  'upload-defer-length',
  'upload-length',
  'upload-metadata',
  'upload-offset',
]

const forwardedResponseHeaders = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-length',
  'content-range',
  'etag',
  'last-modified',
  'retry-after',
  'tus-extension',
  'tus-max-size',
  'tus-resumable',
  'tus-version',
  'upload-concat',
  'upload-defer-length',
  'upload-expires',
  'upload-length',
  'upload-metadata',
  'upload-offset',
]

export function headersToHub(
  page: Headers,
  { token, agent }: { token: string | undefined; agent: string },
): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': agent, 'x-hubbub-client': 'token' }
  for (const name of forwardedRequestHeaders) {
    const value = page.get(name)
    if (value !== null) headers[name] = value
  }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  return headers
}

export function headersToPage(hub: IncomingHttpHeaders, id: HubId): Headers {
  const headers = new Headers({
    // a response of a hub is data: nothing in it ever runs in the window of the app
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  })
  for (const name of forwardedResponseHeaders) {
    const value = hub[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const type = hub['content-type']
  if (type !== undefined) {
    const isSafe = isSafeContentType(type)
    headers.set('content-type', isSafe ? type : 'application/octet-stream')
    if (!isSafe) headers.set('content-disposition', attachmentDisposition(hub['content-disposition']))
  }
  const location = proxiedLocation(hub.location, id)
  if (location !== undefined) headers.set('location', location)
  return headers
}

/**
 * Types that no browser runs or frames, and that render as pixels at most. SVG, HTML, XML, PDF and scripts are not
 * among them.
 */
function isSafeContentType(type: string): boolean {
  const [mediaType = ''] = type.toLowerCase().split(';', 1)
  return (
    /^image\/(png|jpeg|gif|webp|avif|bmp|x-icon)$/.test(mediaType) ||
    /^(audio|video)\/[a-z0-9.+-]+$/.test(mediaType) ||
    /^(application\/(json|octet-stream|offset\+octet-stream)|text\/(plain|csv))$/.test(mediaType.trim())
  )
}

function attachmentDisposition(disposition: string | undefined): string {
  const name = /;.*$/s.exec(disposition ?? '')?.[0] ?? ''
  return `attachment${name}`
}

/** The address where an upload continues: at this hub, or undefined. */
function proxiedLocation(location: string | undefined, id: HubId): string | undefined {
  if (location === undefined) return undefined
  const path = /^(?:https?:\/\/[^/?#]*)?(\/api\/[^\s]*)$/.exec(location)?.[1]
  return path === undefined ? undefined : `${hubBasePath(id)}${path}`
}
