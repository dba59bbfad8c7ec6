import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { notFound } from '../../shared/errors.ts'
import type { Hub } from '../hub.ts'
import { hostName, isEncrypted, isFromHere } from '../http/origin.ts'
import { trustPage } from './page.ts'

const style = readFileSync(new URL('trust.css', import.meta.url), 'utf8')
const script = readFileSync(new URL('trust.js', import.meta.url), 'utf8')

/** The page about the certificate, and the certificate for those who install it. */
export function addTrustPage(app: FastifyInstance, hub: Hub): void {
  app.get('/trust', (request, reply) => sendTrustPage(hub, request, reply))
  app.get('/trust.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(style))
  app.get('/trust.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script))
  app.get('/hubbub-hub.crt', async (request, reply) => {
    // on the way it could be exchanged for another
    if (!isEncrypted(request) && !isFromHere(request)) throw notFound('This file')
    return reply
      .type('application/x-x509-ca-cert')
      .header('content-disposition', 'attachment; filename="hubbub-hub.crt"')
      .header('cache-control', 'no-store')
      .send(hub.door.installable)
  })
}

/** What the page needs, also before there is TLS. */
export function isTrustAsset(url: string): boolean {
  return /^\/trust(\.css|\.js)?(\?|$)/.test(url)
}

export async function sendTrustPage(
  hub: Hub,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { name } = await hub.reader.selectFrom('hub').select('name').executeTakeFirstOrThrow()
  const { host = '' } = request.headers
  const isBefore = !isEncrypted(request) && !isFromHere(request)
  const path = new URL(request.url, 'https://hub').pathname
  const page = trustPage({
    hubName: name,
    hubId: hub.hubId,
    next: isBefore && path !== '/trust' ? `https://${host}${path}` : isBefore ? `https://${host}/` : '/',
    isPublic: hub.door.isPublicName(hostName(host)) || request.hubOrigin === hub.door.reach.publicUrl?.origin,
    isBefore,
  })
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page)
}
