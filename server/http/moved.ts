import { readFileSync } from 'node:fs'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { contentTypes } from '../../shared/page-headers.ts'
import type { Place } from '../../shared/places.ts'
import { errorStatus } from '../../shared/errors.ts'
import { renderDocument, renderMark } from '../docs/document.ts'
import { escapeHtml } from '../docs/page.ts'
import type { Moved } from '../live/standing.ts'
import { movedError } from '../live/moved.ts'
import { createAsset, sendAsset } from '../page-assets.ts'
import { isApi, registerPages } from '../pages.ts'
import { programFile } from '../program-files.ts'
import { findCookieToken } from './session.ts'

const style = createAsset(
  Buffer.concat(
    ['docs/document.css', 'http/certificate-page/trust.css'].map((file) => readFileSync(programFile(file))),
  ),
  contentTypes['.css'] as string,
)
const script = createAsset(readFileSync(programFile('http/moved.js')), contentTypes['.js'] as string)

/**
 * Answers each request with the places to try while this computer is not the hub. Browsers get a page that leads there; one
 * with a session gets its own page, which takes along what was not sent. Sockets get a `bye`, which carries the term too.
 */
export function registerMovedAnswer(
  app: FastifyInstance,
  hubId: string,
  moved: () => Moved | undefined,
): void {
  app.addHook('onRequest', async (request, reply) => {
    const now = moved()
    if (!now) return
    if (isApi(request.url)) throw movedError(now, askingToken(hubId, request))
    if (isDocument(request) && !goesAlong(hubId, now, request)) return sendMovedPage(now, reply)
  })
  app.get('/moved.css', (request, reply) => sendAsset(style, request, reply))
  app.get('/moved.js', (request, reply) => sendAsset(script, request, reply))
}

/**
 * The server of a computer that only follows a hub: it serves nothing but where the hub is. The caller listens, and adds
 * TLS and the routes of its own.
 */
export async function buildStandbyServer({
  hubId,
  moved,
  log,
  pagesDir,
}: {
  hubId: string
  moved: () => Moved
  log: FastifyBaseLogger
  pagesDir?: string | undefined
}): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log.level === 'info' ? log.child({}, { level: 'warn' }) : log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    return503OnClosing: false,
  })
  app.setErrorHandler(async (_error, request, reply) => {
    const wire = movedError(moved(), askingToken(hubId, request)).toWire()
    if (wire.retryAfter !== undefined) void reply.header('retry-after', wire.retryAfter)
    return reply.status(errorStatus.busy).send({ error: wire })
  })
  registerMovedAnswer(app, hubId, moved)
  await app.register(registerPages, pagesDir === undefined ? {} : { dir: pagesDir })
  return app
}

/** The session token of a page of this computer. No page of another site gets a ticket. */
function askingToken(hubId: string, { headers }: FastifyRequest): string | undefined {
  return headers['sec-fetch-site'] === 'same-origin' ? findCookieToken(hubId, headers.cookie) : undefined
}

/** The page of a user opens without the hub, and leads to the new address with a ticket. */
function goesAlong(hubId: string, { code, places }: Moved, { headers }: FastifyRequest): boolean {
  const isThere = code === 'moved' && places.some(({ role }) => role === 'hub')
  return isThere && findCookieToken(hubId, headers.cookie) !== undefined
}

function isDocument({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.upgrade === undefined && /\btext\/html\b/.test(headers.accept ?? '')
}

function sendMovedPage(moved: Moved, reply: FastifyReply): FastifyReply {
  return reply
    .status(errorStatus.busy)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(movedPage(moved))
}

/** Unsent messages of a browser stay at the address where they were written: the page must not hide that. */
function movedPage({ code, places }: Moved): string {
  const hub = places.find(({ role }) => role === 'hub')
  const title =
    code === 'moving'
      ? 'The hub is moving to another computer'
      : hub === undefined
        ? 'This computer is not the hub'
        : `The hub has moved to ${escapeHtml(hub.name)}`
  const body = `<main>
${renderMark()}
<h1>${title}</h1>
${code === 'moving' ? '<p>This takes a few seconds. This page goes on by itself.</p>' : linksSection(hub)}
</main>`
  return renderDocument({ title, style: '/moved.css', script: '/moved.js', body })
}

function linksSection(hub: Place | undefined): string {
  if (hub === undefined || hub.addresses.length === 0)
    return '<p>Another computer runs this hub now. Ask its owner for the address. If the hub comes back here, this page goes on by itself.</p>'
  const links = hub.addresses.map((address) => {
    const url = `https://${escapeHtml(address)}/`
    return `<li><a href="${url}">${url}</a></li>`
  })
  return `<p>Open it there, and log in with your username and password:</p>
<ul>${links.join('')}</ul>
<p>Messages that you wrote here and that were not sent stay in this browser, at this address. They are sent when the hub is back here.
The Hubbub app finds the hub by itself.</p>`
}
