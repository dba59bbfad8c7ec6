// electron-updater fetches by itself, and knows neither the identity of a hub nor its login. So it fetches a package of a
// hub from here: a server on this computer that hands on the bytes of the signed list and no others.
import { createHash, randomBytes } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { NewerPackage } from './signed-packages.ts'

export interface PackageFeed {
  url: string
  close: () => void
}

/** `open` requests the package from the hub. */
export async function openPackageFeed(
  offered: NewerPackage,
  open: () => Promise<IncomingMessage>,
): Promise<PackageFeed> {
  // other programs and users of this computer reach the port, and cannot guess the path
  const folder = `/${randomBytes(24).toString('hex')}/`
  const server = http.createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (request.method !== 'GET' || !path.startsWith(folder)) return void response.writeHead(404).end()
    const name = path.slice(folder.length)
    if (name === offered.file) return void sendPackage(offered, open, response)
    // its name depends on the system
    if (/^[a-z0-9-]+\.yml$/.test(name)) return void response.end(manifestOf(offered))
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${folder}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** In the form of electron-updater; JSON is YAML. */
function manifestOf({ version, file, sha512, size }: NewerPackage): string {
  return JSON.stringify({ version, files: [{ url: file, sha512, size }], path: file, sha512 })
}

async function sendPackage(
  offered: NewerPackage,
  open: () => Promise<IncomingMessage>,
  response: ServerResponse,
): Promise<void> {
  try {
    const source = await open()
    if (source.statusCode !== 200) {
      source.destroy()
      throw new Error(`the hub does not send the package (${String(source.statusCode)})`)
    }
    response.writeHead(200, { 'content-length': String(offered.size) })
    await pipeline(source, new PackageCheck(offered), response)
  } catch {
    // the last bytes are missing then, so that nothing takes it for the package
    response.destroy()
  }
}

/** Passes the bytes on, the last ones only if all of them together are the package. */
export class PackageCheck extends Transform {
  readonly #offered: { size: number; sha512: string }
  readonly #hash = createHash('sha512')
  #size = 0
  #held: Buffer | undefined

  constructor(offered: { size: number; sha512: string }) {
    super()
    this.#offered = offered
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#size += chunk.length
    if (this.#size > this.#offered.size) return done(new Error('the package is larger than signed'))
    this.#hash.update(chunk)
    const before = this.#held
    this.#held = chunk
    done(null, before)
  }

  override _flush(done: TransformCallback): void {
    if (this.#size !== this.#offered.size || this.#hash.digest('base64') !== this.#offered.sha512) {
      return done(new Error('the package is not the signed one'))
    }
    done(null, this.#held)
  }
}
