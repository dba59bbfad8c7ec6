import type { FastifyInstance } from 'fastify'
import type { Moved } from '../live/standing.ts'
import { movedError } from '../live/moved.ts'
import { isApi } from '../pages.ts'

/**
 * Answers each request with the places to try while this computer is not the hub. Sockets get a `bye`, which carries
 * the term too.
 */
export function registerMovedAnswer(app: FastifyInstance, moved: () => Moved | undefined): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const now = isApi(request.url) ? moved() : undefined
    done(now && movedError(now))
  })
}
