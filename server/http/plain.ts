import type { FastifyInstance } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import { isLoopback } from '../net/addresses.ts'
import { isApi } from '../pages.ts'
import { isEncrypted } from './origin.ts'

/** Without TLS only this computer is served. Whoever comes from elsewhere with a browser is shown the way. */
export function refusePlain(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isEncrypted(request) || isLoopback(request.raw.socket.remoteAddress ?? '')) return
    const { host = '' } = request.headers
    if (isApi(request.url) || !['GET', 'HEAD'].includes(request.method) || request.headers.upgrade) {
      throw new HubError(
        'forbidden',
        `This hub is spoken to encrypted from other computers: use https://${host} instead.`,
      )
    }
    await reply.header('cache-control', 'no-store').redirect(`https://${host}${request.url}`, 307)
  })
}
