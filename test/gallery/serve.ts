// Builds the gallery and serves it on this computer.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../', import.meta.url))
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** In place of every stored file: the same picture on every machine. */
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400" viewBox="0 0 600 400">
<rect width="600" height="400" fill="#c8b8a4"/><path d="M0 300 200 140 340 260 440 180 600 320V400H0z" fill="#6d7f71"/>
<circle cx="470" cy="90" r="44" fill="#f3ead9"/></svg>`

export interface ServedGallery {
  /** Without a slash at the end. */
  readonly address: string
  close(): Promise<void>
}

export async function serveGallery(port = 0): Promise<ServedGallery> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hubbub-gallery-'))
  await build({
    configFile: path.join(root, 'vite.config.ts'),
    root,
    logLevel: 'error',
    build: {
      outDir: folder,
      rollupOptions: {
        // as the modules import each other: a shared chunk would bring the desktop's section into all settings
        output: { codeSplitting: true },
        input: ['gallery', 'scene', 'calibration'].map((name) =>
          path.join(root, `test/gallery/${name}.html`),
        ),
      },
    },
  })
  const server = createServer((request, response) => {
    void respond(folder, request.url ?? '/').then(([type, body]) => {
      response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=3600' }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: opened } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${opened}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Addresses of the app are those of its scene: the router reads them. */
async function respond(folder: string, url: string): Promise<[type: string, body: string | Uint8Array]> {
  const { pathname, searchParams } = new URL(url, 'http://gallery')
  if (pathname.startsWith('/api/')) return [contentTypes['.svg'] ?? '', drawing]
  const page = searchParams.has('scene') ? 'scene.html' : 'gallery.html'
  const extension = path.extname(pathname)
  const name =
    extension === '' || pathname === '/calibration.html'
      ? `/test/gallery/${extension === '' ? page : 'calibration.html'}`
      : pathname
  try {
    return [
      contentTypes[extension || '.html'] ?? 'application/octet-stream',
      await readFile(path.join(folder, path.normalize(name))),
    ]
  } catch {
    return ['text/plain', '']
  }
}
