import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { limits } from '../../shared/contract/values.ts'
import { liveSocket, type SocketDoor } from './socket.ts'

export interface LiveDoor extends SocketDoor {
  /** @throws what the upgrade is refused with */
  beforeUpgrade: (request: FastifyRequest) => Promise<void>
}

/** `GET /live`. No compression: it costs memory for each connection and leaks lengths of what is mixed. */
export async function addLive(app: FastifyInstance, door: LiveDoor): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: limits.frame, perMessageDeflate: false, clientTracking: false },
    // the hub says goodbye itself, before the app is closed
    preClose: (done) => done(),
  })
  app.get('/live', { websocket: true, preValidation: door.beforeUpgrade }, liveSocket(door))
}
