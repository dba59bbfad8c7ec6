import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { limits } from '../../shared/contract/values.ts'
import { createSocketHandler, type SocketTransport } from './socket.ts'

/**
 * Limits the time between the upgrade request and the open WebSocket: HTTP timeouts no longer apply to such a
 * socket, and those of the live socket do not yet. Longer than a client waits: if a busy hub ended what waits for it, the
 * clients would come again and keep it busy.
 */
const upgradeTimeoutMs = 60_000
/**
 * How long a closing hub waits for the closing frames of its clients. A client that sleeps never sends its frame.
 */
const goodbyeTimeoutMs = 1_000

export interface LiveTransport extends SocketTransport {
  /** @throws HubError the reason to refuse the upgrade */
  beforeUpgrade: (request: FastifyRequest) => Promise<void>
  /** Responds to a plain request for the path of the socket. */
  withoutUpgrade: RouteHandlerMethod
}

export const livePath = '/live'

/**
 * Registers upgrades before any of our hooks can refuse a request: sockets of refused upgrades would stay open. No
 * compression: it costs memory for each connection and leaks the length of mixed content.
 * @param refuseHandshake ends the connection of a malformed handshake, with an error
 */
export async function registerUpgrades(
  app: FastifyInstance,
  refuseHandshake: (socket: Socket) => void,
): Promise<void> {
  const open = new Set<Duplex>()
  app.server.on('upgrade', (_request, socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // the live socket clears it when it takes over
    socket.setTimeout(upgradeTimeoutMs, () => socket.destroy())
  })
  await app.register(websocket, {
    options: { maxPayload: limits.frame, perMessageDeflate: false, clientTracking: false },
    errorHandler: (error, socket, request) => {
      // a client that breaks the protocol must not fill the log; ws closes the connection with the code for it
      if ('code' in error && String(error.code).startsWith('WS_ERR_')) return
      if (isConnectionError(error)) request.log.debug({ err: error }, 'socket error')
      else request.log.error({ err: error }, 'a connection failed and was closed')
      socket.terminate()
    },
    // the hub has sent its closing frames before the app closes; a client that does not reply must not delay it
    preClose: (done) => {
      const hangUp = setTimeout(() => {
        for (const socket of open) socket.destroy()
      }, goodbyeTimeoutMs)
      app.server.once('close', () => clearTimeout(hangUp))
      done()
    },
  })
  app.websocketServer.on('wsClientError', (_error, socket) => refuseHandshake(socket as Socket))
}

/** The connection was lost, or the other end has closed it. */
function isConnectionError(error: Error): boolean {
  return 'syscall' in error
}

/** Registers `GET /live`. */
export function registerLiveRoute(app: FastifyInstance, transport: LiveTransport): void {
  app.route({
    method: 'GET',
    url: livePath,
    preValidation: transport.beforeUpgrade,
    handler: transport.withoutUpgrade,
    wsHandler: createSocketHandler(transport),
  })
}
