import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { limits } from '../../shared/contract/values.ts'
import { createSocketHandler, type SocketTransport } from './socket.ts'

/** Between asking for an upgrade and getting it: HTTP looks after such a socket no more, and the live door not yet. */
const upgradeTimeoutMs = 10_000
/** What a closing hub waits for the goodbyes of the others. One that sleeps never says it. */
const goodbyeTimeoutMs = 1_000

export interface LiveTransport extends SocketTransport {
  /** @throws what the upgrade is refused with */
  beforeUpgrade: (request: FastifyRequest) => Promise<void>
}

/**
 * Takes upgrades, before any hook of ours may refuse one: the sockets of those that are refused would stay open. No
 * compression: it costs memory for each connection and leaks lengths of what is mixed.
 */
export async function registerUpgrades(app: FastifyInstance): Promise<void> {
  const open = new Set<Duplex>()
  app.server.on('upgrade', (_request, socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // switched off by the live door when it takes the socket
    socket.setTimeout(upgradeTimeoutMs, () => socket.destroy())
  })
  await app.register(websocket, {
    options: { maxPayload: limits.frame, perMessageDeflate: false, clientTracking: false },
    // the hub has said goodbye before the app is closed; whoever does not answer keeps nobody waiting
    preClose: (done) => {
      const hangUp = setTimeout(() => {
        for (const socket of open) socket.destroy()
      }, goodbyeTimeoutMs)
      app.server.once('close', () => clearTimeout(hangUp))
      done()
    },
  })
}

/** `GET /live`. */
export function registerLiveRoute(app: FastifyInstance, transport: LiveTransport): void {
  app.get(
    '/live',
    { websocket: true, preValidation: transport.beforeUpgrade },
    createSocketHandler(transport),
  )
}
