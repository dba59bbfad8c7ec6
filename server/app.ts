import cookie from '@fastify/cookie'
import Fastify, { LogController, type FastifyInstance, type FastifyRequest } from 'fastify'
import { limits } from '../shared/contract/values.ts'
import { HubError } from '../shared/errors.ts'
import { registerAuditCsvRoute } from './admin/audit-csv.ts'
import { registerBackupDownloadRoute } from './backup/download.ts'
import { registerApiDocs } from './api-docs.ts'
import { kindOf, createDispatch } from './dispatch.ts'
import { notApprovedYet, notLoggedIn, type Viewer } from './caller.ts'
import { registerContinuityRoutes } from './standby/hub-routes.ts'
import { streamPath } from './standby/pinned.ts'
import { registerUploadRoutes } from './http/tus.ts'
import { handlers } from './handlers.ts'
import type { HubContext } from './context.ts'
import { registerBinaryParser } from './http/binary-body.ts'
import { createErrorHandler, HttpError } from './http/errors.ts'
import { registerJsonParser } from './http/json-body.ts'
import { unknownRequest } from './http/unknown-request.ts'
import { readTarget, socketUpgradeCheck } from './http/request-target.ts'
import { isEncrypted, isSameOrigin, allowedOrigin, requestOrigin } from './http/origin.ts'
import { registerTransportPolicy } from './http/transport-policy.ts'
import { registerMovedAnswer } from './http/moved.ts'
import { registerAddressLimit } from './http/rate-limit.ts'
import { type BodyProgress, defaultBodyProgress, registerBodyProgress } from './http/body-progress.ts'
import { registerLargeResponses } from './http/large-responses.ts'
import { registerPipelineLimit } from './http/pipelining.ts'
import { tooManyWaiting } from './turns.ts'
import { registerRequestRoutes } from './http/requests.ts'
import { authenticate, findCookieToken } from './http/session.ts'
import { handleClientError, sendUpgradeError } from './http/parse-errors.ts'
import { livePath, registerLiveRoute, registerUpgrades } from './socket/route.ts'
import { createBadUrlHandler, registerPages } from './pages.ts'
import { registerCertificatePage } from './http/certificate-page/route.ts'

export interface AppOptions {
  /** True if other computers get the page. */
  browsers: boolean
  /** Directory of the built page. */
  pagesDir?: string
  /** Requests of one address per minute; tests make it small. */
  requestsPerMinute?: number | undefined
  /** Tests make it short. */
  bodyProgress?: BodyProgress | undefined
}

/** The HTTP server of a hub, which does not listen yet. */
export async function buildApp(hub: HubContext, options: AppOptions): Promise<FastifyInstance> {
  const app = createServer(hub, options.pagesDir)
  app.server.headersTimeout = 10_000
  // a client may end its side after the request: without this Node ends the other one before a response that takes a moment
  Object.assign(app.server, { httpAllowHalfOpen: true })
  // without a listener Node refuses an unknown `Expect` without an error of the hub; HTTP lets it be ignored
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  registerJsonParser(app, hub)
  registerBinaryParser(app)
  app.setErrorHandler(createErrorHandler(hub))

  await registerUpgrades(app, sendUpgradeError)
  if (!hub.unlimited) registerPipelineLimit(app)
  registerBodyProgress(app, options.bodyProgress ?? defaultBodyProgress)
  app.addHook('onRequest', (request, reply, done) => {
    // the next request of this connection goes to another process
    if (hub.draining.isOn) reply.raw.shouldKeepAlive = false
    // the client is gone, and with it its address
    if (request.raw.socket.remoteAddress === undefined) return
    request.clientAddress = request.ip
    startInTurn(hub, request, done)
  })
  app.decorateRequest('clientAddress', '')
  app.decorateRequest('hubOrigin', '')
  app.addHook('onRequest', async (request) => {
    requireSingleHeaders(request)
    if (request.headers.host === undefined && request.raw.httpVersion !== '1.0') throw missingHost()
    const origin = allowedOrigin(hub.endpoint.allowedHosts, request.headers.host, isEncrypted(request))
    if (origin === undefined) {
      throw new HubError(
        'forbidden',
        'This hub does not answer to this host name. Use the address that you were given.',
      )
    }
    request.hubOrigin = origin
  })
  registerTransportPolicy(app, hub, options)
  registerLargeResponses(app)
  registerMovedAnswer(app, hub.hubId, () => hub.standing.moved())
  if (!hub.unlimited) await registerAddressLimit(app, options.requestsPerMinute)
  await app.register(cookie)

  const call = createDispatch(hub, handlers)
  registerRequestRoutes(app, hub, call)
  registerAuditCsvRoute(app, hub)
  registerBackupDownloadRoute(app, hub)
  registerUploadRoutes(app, hub)
  registerContinuityRoutes(app, hub)
  const viewers = new WeakMap<FastifyRequest, Viewer>()
  registerLiveRoute(app, {
    hub,
    dispatch: call,
    kindOf: (name) => kindOf(handlers, name),
    originOf: requestOrigin,
    cookieTokenOf: (request) => findCookieToken(hub.hubId, request.headers.cookie),
    viewerOf: (request) => viewers.get(request) as Viewer,
    withoutUpgrade: (_request, reply) => {
      void reply.header('upgrade', 'websocket')
      throw new HttpError(426, 'The live connection is a WebSocket. Open it with a WebSocket client.')
    },
    beforeUpgrade: async (request) => void viewers.set(request, await requireUpgradeViewer(hub, request)),
  })
  await app.register(registerApiDocs)
  registerCertificatePage(app, hub)
  const { pagesDir: dir } = options
  await app.register(registerPages, { unknownRequest, ...(dir === undefined ? {} : { dir }) })
  return app
}

function createServer(hub: HubContext, pagesDir: string | undefined): FastifyInstance {
  return Fastify({
    // cli.ts prints where the hub listens
    loggerInstance: hub.log.level === 'info' ? hub.log.child({}, { level: 'warn' }) : hub.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    // the time of a body is measured by its progress
    requestTimeout: 0,
    trustProxy: hub.endpoint.allowedHosts.isTrustedProxy,
    keepAliveTimeout: 72_000,
    // a client that neither sends nor reads for so long is gone
    connectionTimeout: 120_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    rewriteUrl: readTarget,
    // a missing Host is refused like a wrong one, with an error of the hub
    http: { shouldUpgradeCallback: socketUpgradeCheck([livePath, streamPath]), requireHostHeader: false },
    frameworkErrors: createBadUrlHandler(pagesDir),
    clientErrorHandler: handleClientError,
    routerOptions: { maxParamLength: 200 },
    // no route has a schema of Fastify's, which would load two compilers to do what the contract does
    schemaController: { compilersFactory: { buildValidator: rejectSchema, buildSerializer: rejectSchema } },
  })
}

/** @throws unauthenticated, forbidden: a page of another site may not open the live connection */
async function requireUpgradeViewer(hub: HubContext, request: FastifyRequest): Promise<Viewer> {
  const foreign = request.headers.origin !== undefined && !isSameOrigin(request)
  const viewer = foreign ? undefined : await authenticate(hub, request)
  if (foreign || (viewer?.kind === 'cookie' && !isSameOrigin(request))) {
    throw new HubError('forbidden', 'Only a page of this hub can open the live connection.')
  }
  if (!viewer) throw notLoggedIn()
  if (viewer.pending) throw notApprovedYet()
  return viewer
}

function missingHost(): HubError {
  return new HubError('invalid', 'This request has no header “host”. HTTP/1.1 requires it.')
}

/** Headers of which Node silently takes the first, while a proxy may have checked the second. */
const singleHeaders = new Set(['host', 'authorization', 'content-type', 'content-length'])

/** @throws HubError `invalid` */
function requireSingleHeaders({ raw: { rawHeaders } }: FastifyRequest): void {
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? ''
    if (!singleHeaders.has(name)) continue
    if (seen.has(name))
      throw new HubError('invalid', `This request has the header “${name}” twice. Send it once.`)
    seen.add(name)
  }
}

/** About the time a small request takes before its user is known. */
const requestMs = 0.1

/** Hundreds of requests that one address sends at once begin over several turns of the loop. */
function startInTurn(
  hub: HubContext,
  { clientAddress: ip }: FastifyRequest,
  done: (error?: Error) => void,
): void {
  const { turns } = hub
  const start = (): void => {
    turns.charge(ip, requestMs, false)
    done()
  }
  if (turns.mayRun(ip)) start()
  else if (!turns.wait(ip, start)) done(tooManyWaiting())
}

function rejectSchema(): never {
  throw new Error('the contract validates input and output, see dispatch.ts')
}
