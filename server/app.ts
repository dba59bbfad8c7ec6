import cookie from '@fastify/cookie'
import Fastify, { LogController, type FastifyInstance, type FastifyRequest } from 'fastify'
import { limits } from '../shared/contract/values.ts'
import { HubError } from '../shared/errors.ts'
import { addAuditCsv } from './admin/audit-csv.ts'
import { apiDocs } from './api-docs.ts'
import { isRead, makeCall, notLetInYet, notLoggedIn, type Viewer } from './call.ts'
import { addUploads } from './files/tus.ts'
import { handlers } from './handlers.ts'
import type { Hub } from './hub.ts'
import { readBytes } from './http/bytes.ts'
import { answerError } from './http/errors.ts'
import { isEncrypted, isSameOrigin, originFor, originOf } from './http/origin.ts'
import { guardDoor } from './http/door.ts'
import { limitAddresses } from './http/rate-limit.ts'
import { addRequests } from './http/requests.ts'
import { viewerOf } from './http/session.ts'
import { answerUnreadable } from './http/unreadable.ts'
import { addLive, takeUpgrades } from './live/route.ts'
import { isLoopback } from './net/addresses.ts'
import { answerBadAddress, pages } from './pages.ts'
import { addTrustPage } from './trust/route.ts'

export interface AppOptions {
  /** Whether other computers get the page. */
  browsers: boolean
  /** Where the built page is. */
  pagesDir?: string
  /** Requests of one address in a minute; tests make it small. */
  requestsPerMinute?: number | undefined
}

/** Both doors of a hub, not yet listening. */
export async function buildApp(hub: Hub, options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: hub.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    requestTimeout: 30_000,
    // a proxy on this computer says from where somebody came; nobody else is believed
    trustProxy: hub.door.reach.publicUrl ? isLoopback : false,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    frameworkErrors: answerBadAddress,
    clientErrorHandler: answerUnreadable,
    routerOptions: { maxParamLength: 200 },
    // no route has a schema of Fastify's, which would load two compilers to do what the contract does
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  })
  app.server.headersTimeout = 10_000
  readJson(app)
  readBytes(app)
  app.setErrorHandler(answerError(hub))

  await takeUpgrades(app)
  app.decorateRequest('hubOrigin', '')
  app.addHook('onRequest', async (request) => {
    const origin = originFor(hub.door.reach, request.headers.host, isEncrypted(request))
    if (origin === undefined) {
      throw new HubError(
        'forbidden',
        'This hub is not called by that name. Use the address it was shared under.',
      )
    }
    request.hubOrigin = origin
  })
  guardDoor(app, hub, options)
  if (!hub.unlimited) await limitAddresses(app, options.requestsPerMinute)
  await app.register(cookie)

  const call = makeCall(hub, handlers)
  addRequests(app, hub, call)
  addAuditCsv(app, hub)
  addUploads(app, hub)
  const viewers = new WeakMap<FastifyRequest, Viewer>()
  addLive(app, {
    hub,
    call,
    isRead: (name) => isRead(handlers, name),
    originOf,
    viewerOf: (request) => viewers.get(request) as Viewer,
    beforeUpgrade: async (request) => {
      const foreign = request.headers.origin !== undefined && !isSameOrigin(request)
      const viewer = foreign ? undefined : await viewerOf(hub, request)
      if (foreign || (viewer?.kind === 'cookie' && !isSameOrigin(request))) {
        throw new HubError('forbidden', 'The live connection is opened from a page of this hub only.')
      }
      if (!viewer) throw notLoggedIn()
      if (viewer.pending) throw notLetInYet()
      viewers.set(request, viewer)
    },
  })
  await app.register(apiDocs)
  addTrustPage(app, hub)
  await app.register(pages, options.pagesDir === undefined ? {} : { dir: options.pagesDir })
  return app
}

function noSchemas(): never {
  throw new Error('what comes in and goes out is checked by the contract: see call.ts')
}

/** JSON and nothing else, as UTF-8 and nothing else. What is in it is the contract's business. */
function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) {
      done(null, undefined)
      return
    }
    try {
      done(null, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer)))
    } catch {
      done(new HubError('invalid', 'The body is not JSON.'))
    }
  })
}
