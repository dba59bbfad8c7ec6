import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import { ticketsFor } from '../continuity/move-ticket.ts'
import { buildStandbyServer } from '../http/moved.ts'
import type { Identity } from '../identity.ts'
import type { Endpoint } from '../net/endpoint.ts'
import { streamPath, termPath } from './pinned.ts'

/*
 * The port of a standby. It responds that this computer is not the hub, and where the hub is, so that no client takes it
 * for the hub. Others can find out that it could be reached.
 */

export interface StandbyPortOptions {
  identity: Identity
  endpoint: Endpoint
  hosts: readonly string[]
  port: number
  log: FastifyBaseLogger
  /** The built page, which the page for browsers takes its style from. */
  pagesDir: string | undefined
  places: () => readonly Place[]
  term: () => Term | undefined
  /** Number of the last frame of this term that is in the database; a hub whose disk was set back has fewer. */
  applied: () => number | undefined
  /** A third computer has opened the stream. */
  onStream: (socket: WebSocket) => void
}

const maxPayloadBytes = 64 * 1024

/** Resolves with the port once it listens. */
export async function openStandbyPort({
  identity,
  endpoint,
  hosts,
  port,
  log,
  pagesDir,
  places,
  term,
  applied,
  onStream,
}: StandbyPortOptions): Promise<{ port: number; close: () => Promise<void> }> {
  const app = await buildStandbyServer({
    ...{ hubId: identity.hubId, log, pagesDir },
    moved: () => ({
      ...{ code: 'moved', term: term(), places: places() },
      ticketFor: ticketsFor(identity, term()),
    }),
  })
  app.get(termPath, async () => ({ term: term(), applied: applied() }))
  const { server } = app
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
  await listen(app, hosts, port)
  const address = server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  endpoint.startOnPort(actual)
  return {
    port: actual,
    close: async () => {
      endpoint.close()
      for (const client of streams.clients) client.terminate()
      await app.close()
    },
  }
}

async function listen(
  app: FastifyInstance,
  [host, ...others]: readonly string[],
  port: number,
): Promise<void> {
  try {
    await app.listen({ host: host as string, port })
  } catch (error) {
    if (others.length === 0 || (error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw error
    await listen(app, others, port)
  }
}
