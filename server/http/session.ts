import { timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isWriteMethod, type Method } from '../../shared/contract/define.ts'
import { HubError } from '../../shared/errors.ts'
import { findViewer, recordSessionUse } from '../sessions/sessions.ts'
import { invalidToken, type Viewer } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { sha256 } from '../ids.ts'
import { isSameOrigin, isSecure } from './origin.ts'

/** Cookies ignore ports, so each hub has its own cookie name. Over TLS no other server on the host can set it. */
function cookieName(hubId: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}hubbub-${hubId.slice(0, 8)}`
}

/** Finds the token of a session in a Cookie header. It may have ended, or never have been one. */
export function findCookieToken(hubId: string, header: string | undefined): string | undefined {
  const cookies = (header ?? '').split(/;\s*/)
  for (const secure of [true, false]) {
    const prefix = `${cookieName(hubId, secure)}=`
    const token = cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length)
    if (token !== undefined && /^[A-Za-z0-9_-]{20,100}$/.test(token)) return token
  }
  return undefined
}

const cookieMaxAgeSeconds = 90 * 24 * 60 * 60

/**
 * Finds the session of a request, by token or cookie; undefined without either. @throws unauthenticated for an invalid
 * token
 */
export async function authenticate(hub: HubContext, request: FastifyRequest): Promise<Viewer | undefined> {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const token = /^Bearer +([A-Za-z0-9_-]{20,100})$/i.exec(authorization)?.[1]
    const viewer =
      token === undefined
        ? undefined
        : await hub.store.read((db) => findViewer(db, token, hub.time.sessionNow()))
    // a browser cannot be made to send this header, and a cookie is no bearer token
    if (viewer?.kind !== 'token') throw invalidToken()
    recordSessionUse(hub, viewer)
    return viewer
  }
  const cookie = request.cookies[cookieName(hub.hubId, isSecure(request))]
  if (cookie === undefined) return undefined
  const viewer = await hub.store.read((db) => findViewer(db, cookie, hub.time.sessionNow()))
  if (viewer?.kind !== 'cookie') return undefined
  recordSessionUse(hub, viewer)
  return viewer
}

/**
 * A cookie session may change something only from a page of the hub that has the CSRF token. @throws HubError
 * `forbidden`
 */
export function checkCsrf(request: FastifyRequest, viewer: Viewer | undefined, method: Method): void {
  if (viewer?.kind !== 'cookie' || !isWriteMethod(method)) return
  const given = request.headers['x-csrf-token']
  if (!isSameOrigin(request) || typeof given !== 'string' || !equalConstantTime(given, viewer.csrf ?? '')) {
    throw new HubError(
      'forbidden',
      'This request did not come from a page of this hub. Reload the page and try again.',
    )
  }
}

function equalConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b))
}

/** A cookie that is not persistent is deleted when the browser is closed. */
export function setSessionCookie(
  hub: HubContext,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string | null,
  persistent = true,
): void {
  const secure = isSecure(request)
  const name = cookieName(hub.hubId, secure)
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const
  if (token === null) reply.clearCookie(name, options)
  else reply.setCookie(name, token, { ...options, ...(persistent ? { maxAge: cookieMaxAgeSeconds } : {}) })
}
