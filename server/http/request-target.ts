import type { IncomingMessage } from 'node:http'

/*
 * What a request is for. Spellings that HTTP calls equal become one before anything looks at them: the rules for `/api/` must
 * not miss `/%61pi/`.
 */

/** `http://host/path`, as a client sends it that takes the hub for a proxy. */
const absoluteForm = /^https?:\/\/([^/?#]*)([^?#]*)(.*)$/is
/** Letters, digits and `-._~`, which have the same meaning when they are not encoded. */
const encodedUnreserved = /%(?:2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)/gi

/**
 * Returns path and query of a request. The host of an absolute target replaces the header `Host` (RFC 9112, 3.2.2): it is
 * checked like that.
 */
export function readTarget(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  const { url = '/' } = request
  if (url.startsWith('/')) return normalizePath(url)
  const [, host, path, rest = ''] = absoluteForm.exec(url) ?? []
  if (host === undefined) return url
  request.headers.host = host
  return normalizePath(`${path || '/'}${rest}`)
}

function normalizePath(url: string): string {
  if (!url.includes('%')) return url
  const [path = '', ...query] = url.split('?')
  return [path.replace(encodedUnreserved, decodeURIComponent), ...query].join('?')
}

/**
 * Returns a check for requests that open a WebSocket at one of these paths. Any other `Upgrade` is ignored, as HTTP allows: Java
 * and curl offer HTTP/2 with each request.
 */
export function socketUpgradeCheck(paths: readonly string[]) {
  return ({ method, url, headers }: IncomingMessage): boolean => {
    if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return false
    const [path = ''] = readTarget({ url, headers: {} }).split('?', 1)
    return paths.includes(path)
  }
}
