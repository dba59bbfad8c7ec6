import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError, notFound } from '../shared/errors.ts'
import { contentTypes, securityHeaders } from '../shared/page-headers.ts'
import { isPageRoute } from '../shared/page-routes.ts'
import { readSite, sendAsset, type SiteAssets } from './page-assets.ts'
import { defaultPagesDir } from './program-files.ts'

/*
 * Serves the page to browsers. The files of the build are read once into a list. A requested address is looked up
 * in it unchanged, so no path can leave the directory.
 */

export interface PagesOptions {
  dir?: string
  /** Returns the error for a request of the API without a route. */
  unknownRequest?: (request: FastifyRequest, reply: FastifyReply) => HubError
}

/** Serves the built page, sets the security headers on every response of `app`, and handles unknown addresses. */
export async function registerPages(app: FastifyInstance, options: PagesOptions): Promise<void> {
  const { dir = defaultPagesDir, unknownRequest = () => notFound('This address') } = options
  let site: SiteAssets | undefined
  const current = (): SiteAssets | undefined => (site ??= readSite(dir))

  app.addHook('onSend', (request, reply, _payload, done) => {
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
    if (isApi(request.url) && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    done()
  })
  const handleUnknown = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (isApi(request.url)) throw unknownRequest(request, reply)
    return sendNotFound(current(), request, reply)
  }
  app.get('/*', (request, reply) => sendPage(current(), request, reply) ?? handleUnknown(request, reply))
  const unknown = app.hasDecorator('rateLimit') ? { preHandler: app.rateLimit() } : {}
  app.setNotFoundHandler(unknown, handleUnknown)
}
// Not encapsulated: its headers apply to every response of `app`.
Object.assign(registerPages, { [Symbol.for('skip-override')]: true })

/**
 * Returns the handler of addresses that cannot be decoded: Fastify rejects them before any hook. A browser gets the page
 * for an unknown address, a program an error. `dir`: of the built page.
 */
export function createBadUrlHandler(dir = defaultPagesDir) {
  let page: string | undefined
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    void reply.headers(securityHeaders).header('cache-control', 'no-store').status(400)
    if (!isApi(request.raw.url ?? '') && acceptsHtml(request.headers)) {
      page ??= readIfThere(path.join(dir, '404.html'))
      if (page !== undefined) {
        void reply.type(contentTypes['.html'] ?? '').send(page)
        return
      }
    }
    void reply.send({ error: new HubError('invalid', 'Malformed address.').toWire() })
  }
}

/** Returns true for a browser that opens an address. Programs accept anything, and get errors as JSON. */
export function acceptsHtml({ accept = '' }: FastifyRequest['headers']): boolean {
  return /\btext\/html\b/.test(accept)
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Returns undefined for an address that the page does not have. */
function sendPage(
  site: SiteAssets | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> | FastifyReply | undefined {
  const address = requestPath(request)
  // a page is served at its own routes, not at its file name
  const asset = site?.get(isPageRoute(address) ? '/index.html' : address.replace(/\.html$/, ''))
  if (asset) return sendAsset(asset, request, reply)
  return !site && isPageRoute(address) ? sendNotBuilt(reply) : undefined
}

async function sendNotFound(
  site: SiteAssets | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asset = site?.get('/404.html')
  reply.status(404).header('cache-control', 'no-cache')
  if (asset) return sendAsset(asset, request, reply)
  return reply.type('text/plain; charset=utf-8').send('This address does not exist.\n')
}

/** The path as it came: nothing is decoded, so nothing can be hidden in an encoding. */
function requestPath(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] as string
}

export function isApi(url: string): boolean {
  return /^\/api(\/|\?|$)/.test(url)
}

function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .status(503)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send('The hub is running, but its page is not built yet: run "npm run build", then reload.\n')
}
