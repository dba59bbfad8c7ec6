import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { notFound } from '../../../shared/errors.ts'
import { contentTypes, securityHeaders } from '../../../shared/page-headers.ts'
import { hubHostName } from '../../../shared/text/hub-name.ts'
import type { HubContext } from '../../context.ts'
import { isDocumentAsset } from '../../docs/document.ts'
import { createAsset, sendAsset } from '../../page-assets.ts'
import { programFile } from '../../program-files.ts'
import { parseHostName, isEncrypted, isLoopbackRequest } from '../origin.ts'
import { certificatePage } from './page.ts'

const style = createAsset(
  Buffer.concat(
    ['docs/document.css', 'http/certificate-page/trust.css'].map((file) => readFileSync(programFile(file))),
  ),
  contentTypes['.css'] as string,
)
const script = createAsset(
  readFileSync(programFile('http/certificate-page/trust.js')),
  contentTypes['.js'] as string,
)

/** The page about the certificate, and the certificate for those who install it. */
export function registerCertificatePage(app: FastifyInstance, hub: HubContext): void {
  app.get('/trust', (request, reply) => sendCertificatePage(hub, request, reply))
  app.get('/trust.css', (request, reply) => sendAsset(style, request, reply))
  app.get('/trust.js', (request, reply) => sendAsset(script, request, reply))
  // asked by this page at another address of this hub: its name, which not every system can resolve
  app.get('/trust/here', (_request, reply) =>
    reply
      .headers({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
      .header('cache-control', 'no-store')
      .status(204)
      .send(),
  )
  app.get('/hubbub-hub.crt', async (request, reply) => {
    // an attacker could replace it on an unencrypted connection
    if (!isEncrypted(request) && !isLoopbackRequest(request)) throw notFound('This file')
    return reply
      .type('application/x-x509-ca-cert')
      .header('content-disposition', 'attachment; filename="hubbub-hub.crt"')
      .header('cache-control', 'no-store')
      .send(hub.endpoint.caCertificate)
  })
}

/** Returns true for a file that the page needs, also without TLS. */
export function isCertificatePageAsset(url: string): boolean {
  return /^\/trust(\.css|\.js|\/here)?(\?|$)/.test(url) || isDocumentAsset(url)
}

export async function sendCertificatePage(
  hub: HubContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { name } = await hub.store.read((db) => db.selectFrom('hub').select('name').executeTakeFirstOrThrow())
  const { host = '' } = request.headers
  const isBefore = !isEncrypted(request) && !isLoopbackRequest(request)
  const path = new URL(request.url, 'https://hub').pathname
  const ownHost = isBefore ? `${hubHostName(hub.hubId)}:${hub.endpoint.reachable.port}` : undefined
  const page = certificatePage({
    ownHost,
    hubName: name,
    hubId: hub.hubId,
    nextUrl: isBefore && path !== '/trust' ? `https://${host}${path}` : isBefore ? `https://${host}/` : '/',
    isPublic:
      hub.endpoint.isPublicName(parseHostName(host)) ||
      request.hubOrigin === hub.endpoint.allowedHosts.publicUrl?.origin,
    connection: isEncrypted(request) ? 'tls' : isBefore ? 'plain' : 'loopback',
  })
  if (ownHost !== undefined) void reply.header('content-security-policy', policyWith(ownHost))
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page)
}

/** The page asks the hub by its own name, without encryption: there is no secret in it, and the certificate decides. */
function policyWith(ownHost: string): string {
  return securityHeaders['content-security-policy'].replace(
    "connect-src 'self'",
    `connect-src 'self' http://${ownHost}`,
  )
}
