import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError, notFound } from '../shared/errors.ts'
import { contentTypes, securityHeaders } from '../shared/page-headers.ts'
import { isPageRoute } from '../shared/page-routes.ts'

/*
 * The page as the hub serves it to browsers. What can be asked for is the list of files that the build made, read once:
 * an address is looked up in it as it came, so there is no path to climb out of.
 */

interface Asset {
  body: Buffer
  type: string
  etag: string
  /** Its name holds the hash of its content, so whoever has it has it for good. */
  immutable: boolean
}

/** By address: `/index.html`, `/assets/index-C3x9.js`. */
type SiteAssets = ReadonlyMap<string, Asset>

const defaultPagesDir = fileURLToPath(new URL('../dist/renderer/', import.meta.url))

/** Serves the built page, puts the security headers on every answer of `app`, and answers what nobody knows. */
export async function registerPages(app: FastifyInstance, options: { dir?: string }): Promise<void> {
  const dir = options.dir ?? defaultPagesDir
  let site: SiteAssets | undefined
  const current = (): SiteAssets | undefined => (site ??= readSite(dir))

  app.addHook('onSend', (request, reply, _payload, done) => {
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
    if (isApi(request.url) && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    done()
  })
  app.get('/*', (request, reply) => sendPage(current(), request, reply))
  const unknown = app.hasDecorator('rateLimit') ? { preHandler: app.rateLimit() } : {}
  app.setNotFoundHandler(unknown, (request, reply) => handleUnknownRoute(current(), request, reply))
}
// Not a world of its own: its headers are for everything that `app` answers.
Object.assign(registerPages, { [Symbol.for('skip-override')]: true })

/** For addresses that cannot even be decoded, which Fastify answers before any hook. */
export function handleBadUrl(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const error = new HubError('invalid', 'Malformed address.')
  void reply
    .headers(securityHeaders)
    .header('cache-control', 'no-store')
    .status(400)
    .send({ error: error.toWire() })
}

async function sendPage(
  site: SiteAssets | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const address = requestPath(request)
  // a page goes by its own addresses, not by its file's name
  const asset = site?.get(isPageRoute(address) ? '/index.html' : address.replace(/\.html$/, ''))
  if (asset) return sendAsset(asset, request, reply)
  if (!site && isPageRoute(address)) return sendNotBuilt(reply)
  return handleUnknownRoute(site, request, reply)
}

async function handleUnknownRoute(
  site: SiteAssets | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isApi(request.url)) throw notFound('This address')
  const asset = site?.get('/404.html')
  reply.status(404).header('cache-control', 'no-cache')
  if (asset) return reply.type(asset.type).send(asset.body)
  return reply.type('text/plain; charset=utf-8').send('This address does not exist.\n')
}

/** As it came: nothing is decoded, so nothing can be hidden in an encoding. */
function requestPath(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] as string
}

export function isApi(url: string): boolean {
  return /^\/api(\/|\?|$)/.test(url)
}

function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply
    .header('cache-control', asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('etag', asset.etag)
  if (request.headers['if-none-match'] === asset.etag) return reply.status(304).send()
  return reply.type(asset.type).send(asset.body)
}

function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .status(503)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send('The hub is running, but its page is not built yet: run "npm run build", then reload.\n')
}

/** Every file of the build, in memory: a few hundred kilobytes that each visitor asks for. */
function readSite(dir: string): SiteAssets | undefined {
  const site = new Map<string, Asset>()
  for (const name of listFiles(dir)) {
    const type = contentTypes[path.extname(name)]
    if (type === undefined) continue
    const body = readFileSync(path.join(dir, name))
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const address = `/${name.split(path.sep).join('/')}`
    site.set(address, { body, type, etag, immutable: address.startsWith('/assets/') })
  }
  return site.has('/index.html') ? site : undefined
}

function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return []
    throw error
  }
}
