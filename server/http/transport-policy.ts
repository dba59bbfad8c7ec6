import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import type { HubContext } from '../context.ts'
import { acceptsHtml, isApi } from '../pages.ts'
import { isCertificatePageAsset, sendCertificatePage } from './certificate-page/route.ts'
import { parseHostName, isEncrypted, isLoopbackRequest } from './origin.ts'

/** Refuses or redirects requests by the client's address and transport, before any other check or handler runs. */
export function registerTransportPolicy(
  app: FastifyInstance,
  hub: HubContext,
  { browsers }: { browsers: boolean },
): void {
  const { endpoint } = hub
  const { allowedHosts } = endpoint
  if (allowedHosts.acceptsRemote && !endpoint.allowPlainHttp) {
    app.addHook('onRequest', async (request, reply) => {
      if (!isEncrypted(request) && !isLoopbackRequest(request)) return redirectToTls(hub, request, reply)
    })
  }
  if (!browsers) {
    app.addHook('onRequest', async (request, reply) => {
      const isOutside = request.hubOrigin === allowedHosts.publicUrl?.origin
      if ((!isLoopbackRequest(request) || isOutside) && isBrowserRequest(request))
        await sendBrowsersDisabled(reply)
    })
  }
  app.addHook('onSend', async (request, reply) => {
    if (isEncrypted(request) && endpoint.isPublicName(parseHostName(request.headers.host))) {
      reply.header('strict-transport-security', 'max-age=31536000')
    }
  })
}

function isBrowserRequest({ url, ws }: FastifyRequest): boolean {
  return !ws && (!isApi(url) || /^\/api\/docs/.test(url))
}

/**
 * Browsers first get a page that explains the coming warning; programs, and browsers that will not warn, are
 * redirected.
 */
async function redirectToTls(
  hub: HubContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | void> {
  const { host = '' } = request.headers
  const isGet = request.method === 'GET' || request.method === 'HEAD'
  if (isApi(request.url) || !isGet || request.headers.upgrade !== undefined) {
    throw new HubError('forbidden', `Other computers can use this hub only over TLS: use https://${host}.`)
  }
  if (isCertificatePageAsset(request.url)) return
  const willWarn = !hub.endpoint.isPublicName(parseHostName(host))
  if (willWarn && acceptsHtml(request.headers)) return sendCertificatePage(hub, request, reply)
  const path = request.url.startsWith('/') ? request.url : '/'
  return reply.header('cache-control', 'no-store').redirect(`https://${host}${path}`, 307)
}

async function sendBrowsersDisabled(reply: FastifyReply): Promise<FastifyReply> {
  return reply
    .status(403)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send('This hub is for the Hubbub app only. Open it there with an invite link or its address.\n')
}
