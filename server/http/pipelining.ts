import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../shared/errors.ts'

/** Requests that one connection has sent without waiting for responses; browsers send one. */
const maxPipelined = 64

/** Closes a connection that sends requests without end and reads no response. */
export function registerPipelineLimit(app: FastifyInstance): void {
  const unanswered = new WeakMap<object, number>()
  app.addHook('onRequest', async ({ raw: { socket } }: FastifyRequest, reply) => {
    const count = (unanswered.get(socket) ?? 0) + 1
    unanswered.set(socket, count)
    reply.raw.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    if (count <= maxPipelined) return
    // what follows on this connection is dropped
    reply.header('connection', 'close')
    throw new HubError('rate_limited', 'Too many requests at once on one connection. Wait for responses.', {
      retryAfter: 1,
    })
  })
}
