import { createServer, type Server } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import type { Endpoint } from '../net/endpoint.ts'
import { streamPath, termPath } from './pinned.ts'

/*
 * The port of a standby. It answers that this computer is not the hub, and where the hub is, so that no client takes it
 * for the hub. Others can find out that it could be reached.
 */

export interface StandbyDoorOptions {
  endpoint: Endpoint
  hosts: readonly string[]
  port: number
  places: () => readonly Place[]
  term: () => Term | undefined
  /** A third computer has opened the stream. */
  onStream: (socket: WebSocket) => void
}

const maxPayloadBytes = 64 * 1024

/** Resolves with the port once it listens. */
export async function openDoor({
  endpoint,
  hosts,
  port,
  places,
  term,
  onStream,
}: StandbyDoorOptions): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const isTerm = request.url === termPath
    const body = isTerm ? { term: term() } : { error: notTheHub(places()) }
    response.writeHead(isTerm ? 200 : 503, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
    response.end(JSON.stringify(body))
  })
  const streams = new WebSocketServer({
    noServer: true,
    maxPayload: maxPayloadBytes,
    perMessageDeflate: false,
  })
  server.on('upgrade', (request, socket, head) => {
    const isEncrypted = 'encrypted' in request.socket
    if (request.url !== streamPath || !isEncrypted || request.headers.origin !== undefined) {
      socket.destroy()
      return
    }
    streams.handleUpgrade(request, socket, head, onStream)
  })
  endpoint.attachTo(server)
  await listen(server, hosts, port)
  const address = server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  endpoint.startOnPort(actual)
  return {
    port: actual,
    close: () => {
      endpoint.close()
      for (const client of streams.clients) client.terminate()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** As the hub writes its errors: see server/live/moved.ts. */
function notTheHub(places: readonly Place[]): object {
  const hub = places.find(({ role }) => role === 'hub')
  const where = hub === undefined ? 'another computer' : `“${hub.name}”`
  return { code: 'busy', message: `This computer is a standby. The hub runs on ${where}.`, moved: places }
}

async function listen(server: Server, [host, ...others]: readonly string[], port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    if (others.length === 0 || (error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw error
    await listen(server, others, port)
  }
}
