import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { splitHubPath } from '../../shared/desktop.ts'
import { contentTypes, securityHeaders } from '../../shared/page-headers.ts'
import { isPageRoute } from '../../shared/page-routes.ts'

/**
 * The built page, served to the app's window. Only files that the build listed can be requested. An address is looked
 * up in that list unchanged, so there is no path to climb out of.
 */
export class PageAssets {
  /** File by address. */
  readonly #files: ReadonlyMap<string, string>

  constructor(dir: string) {
    this.#files = indexFiles(dir)
  }

  async handle(request: Request): Promise<Response> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return this.#errorResponse(405)
    const { pathname } = new URL(request.url)
    const file = this.#files.get(isAppPagePath(pathname) ? '/index.html' : pathname)
    if (file === undefined) return this.#errorResponse(404)
    const body = await readFile(file)
    return new Response(request.method === 'HEAD' ? null : new Uint8Array(body), {
      headers: {
        ...securityHeaders,
        'content-type': contentTypes[path.extname(file)] as string,
        'content-length': String(body.length),
        'cache-control': pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    })
  }

  #errorResponse(status: number): Response {
    return new Response('This address does not exist.\n', {
      status,
      headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' },
    })
  }
}

/** Matches `/` and the page routes of a hub, after its base. */
function isAppPagePath(pathname: string): boolean {
  const hubPath = splitHubPath(pathname)
  return hubPath ? isPageRoute(hubPath.rest) : pathname === '/'
}

function indexFiles(dir: string): Map<string, string> {
  const files = new Map<string, string>()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !(path.extname(entry.name) in contentTypes)) continue
    const file = path.join(entry.parentPath, entry.name)
    files.set(`/${path.relative(dir, file).split(path.sep).join('/')}`, file)
  }
  return files
}
