import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Copies } from '../continuity/copy.ts'
import type { HubContext } from '../context.ts'
import { HttpError } from '../http/errors.ts'
import { serveFile } from '../file-storage/folder-contents.ts'
import { sendFile } from '../http/files.ts'
import { HubError } from '../../shared/errors.ts'

/*
 * What a standby reads over HTTP besides the stream: a copy of the database, and files by their digest. Both may be read in
 * ranges. The ticket of its connection is the right to it; the stream hands it out, and takes it back when it ends.
 */

/** Returns true for a ticket that a connected standby holds now. */
export type CheckTicket = (ticket: string) => boolean

const ticketPattern = /^Standby ([\w-]{20,200})$/

/** Registers `GET /continuity/copy` and `GET /continuity/files/:digest`. Returns what closes them. */
export function registerCopyRoutes(
  app: FastifyInstance,
  hub: HubContext,
  checkTicket: CheckTicket,
): { close: () => Promise<void> } {
  const copies = new Copies(hub.dataDir)
  app.get('/continuity/copy', async (request, reply) => {
    requireTicket(request, checkTicket)
    if (!hub.rowLog.isOn) throw new HubError('not_found', 'This hub has no standby.')
    const { file, bytes, digest } = await copies.get(({ lsn }) => hub.rowLog.ring.after(lsn) !== undefined)
    return sendFile(request, reply, {
      content: serveFile(file, bytes),
      size: bytes,
      name: 'hub.db',
      type: 'application/octet-stream',
      etag: digest,
    })
  })
  app.get<{ Params: { digest: string } }>('/continuity/files/:digest', async (request, reply) => {
    requireTicket(request, checkTicket)
    const { digest } = request.params
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new HttpError(404, 'There is no file of this name.')
    const size = await hub.files.sizeOf(digest)
    return sendFile(request, reply, {
      content: hub.files.serve(digest, size),
      size,
      name: digest,
      type: 'application/octet-stream',
      etag: digest,
    })
  })
  return { close: () => copies.close() }
}

function requireTicket(request: FastifyRequest, checkTicket: CheckTicket): void {
  const ticket = ticketPattern.exec(request.headers.authorization ?? '')?.[1]
  if (ticket === undefined || !checkTicket(ticket)) {
    throw new HttpError(401, 'Only a standby that is connected to this hub may read this.')
  }
}
