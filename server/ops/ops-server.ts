import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP, type AddressInfo } from 'node:net'
import { bracketIpv6, isLoopback } from '../addresses.ts'
import type { HubContext } from '../context.ts'
import { StartError } from '../start-error.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { limitationOf, reasonNotReady } from './readiness.ts'

/*
 * The ops port: what a monitoring system asks a hub. It is off unless `--ops-port` names a port, and it is no part of the
 * hub's own port, so that no proxy publishes it by mistake.
 *
 *   /healthz  200 if the event loop turns
 *   /readyz   200 if requests may come here, else 503: see readiness.ts
 *   /metrics  the figures, for Prometheus
 *
 * The two states are for anyone who reaches the port. The figures are for a client with the token, or without a token
 * for this computer. A page of another site in a browser on this computer must not read them either: without a token the
 * request has to name this computer as its host, which a DNS name that was pointed at it does not.
 */

export interface OpsOptions {
  port: number
  /** The address to listen on. */
  host: string
  /** Required beyond this computer. */
  token?: string
}

export interface OpsServer {
  url: string
  close: () => Promise<void>
}

const maxConnections = 64
const timeoutMs = 10_000

/** @throws StartError if the port cannot be opened, or would be open to others without a token */
export async function startOpsServer(hub: HubContext, options: OpsOptions): Promise<OpsServer> {
  if (options.token === undefined && !isLoopback(options.host)) {
    throw new StartError(
      `--ops-host ${options.host} lets other computers read the metrics, so it needs a token: set HUBBUB_OPS_TOKEN to 16 or more characters, or leave --ops-host out.`,
    )
  }
  const metrics = createMetrics(hub)
  const server = createServer((request, response) => {
    respond({ hub, metrics, options }, request, response).catch((error: unknown) => {
      hub.log.error({ err: error }, 'the ops port failed')
      if (!response.headersSent) send(response, 500, 'failed\n')
      else response.destroy()
    })
  })
  server.maxConnections = maxConnections
  server.headersTimeout = server.requestTimeout = timeoutMs
  try {
    await listen(server, options)
  } catch (error) {
    metrics.close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${bracketIpv6(options.host)}:${port}`,
    close: async () => {
      metrics.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, { host, port }: OpsOptions): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${port} is in use by another program. Stop it, or choose another with --ops-port.`,
      )
    }
    if (code === 'EACCES') {
      throw new StartError(`This account may not use port ${port}. Choose one above 1023 with --ops-port.`)
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(
        `This computer has no address ${host}. Leave out --ops-host, or give one of its own addresses.`,
      )
    }
    throw error
  }
}

interface Parts {
  hub: HubContext
  metrics: Metrics
  options: OpsOptions
}

async function respond(
  { hub, metrics, options }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(response, 405, 'use GET\n')
  }
  const [path] = (request.url ?? '').split('?')
  switch (path) {
    case '/healthz':
      return send(response, 200, 'ok\n')
    case '/readyz': {
      const reason = await reasonNotReady(hub)
      if (reason !== undefined) return send(response, 503, `${reason}\n`)
      const limitation = limitationOf(hub)
      return send(response, 200, limitation === undefined ? 'ready\n' : `ready, but ${limitation}\n`)
    }
    case '/metrics': {
      const refusal = refusalOf(request, options)
      if (!refusal) return send(response, 200, await metrics.read(), metrics.contentType)
      if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer')
      return send(response, refusal.status, refusal.text)
    }
    default:
      return send(response, 404, 'known here: /healthz, /readyz and /metrics\n')
  }
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

/** Returns why this client may not read the metrics; undefined if it may. */
function refusalOf(
  request: IncomingMessage,
  { token }: OpsOptions,
): { status: number; text: string } | undefined {
  if (token !== undefined) {
    const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (given !== undefined && isEqual(given, token)) return undefined
    return { status: 401, text: 'send the token of HUBBUB_OPS_TOKEN as "Authorization: Bearer TOKEN"\n' }
  }
  if (!isLoopback(request.socket.remoteAddress ?? '') || !namesThisComputer(request.headers.host)) {
    return { status: 403, text: 'without a token the metrics are for this computer only\n' }
  }
  return undefined
}

/** By their hashes, so that the time says nothing about where they differ. */
function isEqual(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer]
  return timingSafeEqual(a, b)
}

function namesThisComputer(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || (isIP(name) !== 0 && isLoopback(name))
}
