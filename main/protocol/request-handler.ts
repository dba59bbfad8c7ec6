import { splitHubPath } from '../../shared/desktop.ts'
import type { PageAssets } from './assets.ts'
import type { HubProxy } from './hub-proxy.ts'

/** Handles every request of the page: to a hub under its base path, or for a file of the page. */
export function createRequestHandler(
  assets: PageAssets,
  proxy: HubProxy,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { host, pathname, search } = new URL(request.url)
    if (host !== 'hubbub') return new Response(null, { status: 404 })
    const hubPath = splitHubPath(pathname)
    if (hubPath?.rest.startsWith('/api/')) return proxy.handle(request, hubPath.id, hubPath.rest + search)
    return assets.handle(request)
  }
}
