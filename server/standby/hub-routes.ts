import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import type { HubContext } from '../context.ts'
import { isEncrypted } from '../http/origin.ts'
import { registerCopyRoutes } from './copy-routes.ts'
import { continuityOf } from './continuity-of.ts'
import { streamPath, termPath } from './pinned.ts'

/** The stream for standbys and the third computer, over TLS only, and what a standby reads besides. */
export function registerContinuityRoutes(app: FastifyInstance, hub: HubContext): void {
  app.get(
    streamPath,
    {
      websocket: true,
      preValidation: (request, _reply, done) => {
        const error = refusalOf(request)
        if (error) done(error)
        else done()
      },
    },
    (socket, request) => {
      request.raw.socket.setTimeout(0)
      continuityOf(hub).peers.accept(socket)
    },
  )
  app.get(termPath, () => ({ term: hub.standing.term() }))
  const copies = registerCopyRoutes(app, hub, (ticket) => continuityOf(hub).peers.checkTicket(ticket))
  app.addHook('onClose', () => copies.close())
}

function refusalOf(request: FastifyRequest): HubError | undefined {
  if (!isEncrypted(request)) return new HubError('forbidden', 'A standby connects over TLS only.')
  // no page of a browser is a standby
  if (request.headers.origin !== undefined) return new HubError('forbidden', 'Only a standby connects here.')
  return undefined
}
