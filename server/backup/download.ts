import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import { requireHubOwner } from '../access/hub.ts'
import { audit } from '../audit/audit.ts'
import { notApprovedYet, notLoggedIn } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { isSameOrigin } from '../http/origin.ts'
import { authenticate } from '../http/session.ts'
import { runOperation } from '../operation.ts'
import { requireReauthenticated } from '../sessions/sessions.ts'
import { type ArchiveSource, fileSource, poolDirOf, streamArchive, unpack } from './archive.ts'
import { workFolderPrefix } from './backup.ts'
import type { FoundPoint } from './backup-view.ts'
import { backupsOf } from './backups.ts'
import { blobFileOf } from './pool-names.ts'

type PointRequest = { Params: { pointId: string } }

/** Hubs that send one now. */
const sending = new WeakSet<HubContext>()

/**
 * `GET /api/admin/backups/:pointId/archive`: a point as the one file that `restore` takes. It holds every message and the
 * key of the hub, so the owner needs the password within the last ten minutes, and the audit log has it.
 */
export function registerBackupDownloadRoute(app: FastifyInstance, hub: HubContext): void {
  app.get<PointRequest>('/api/admin/backups/:pointId/archive', async (request, reply) => {
    const viewer = await authenticate(hub, request)
    if (!viewer) throw notLoggedIn()
    if (viewer.pending) throw notApprovedYet()
    if (viewer.scope !== undefined)
      throw new HubError('forbidden', 'API tokens cannot do this. Log in to do it.')
    // a page of another site must not be able to send it
    if (viewer.kind === 'cookie' && request.headers['sec-fetch-site'] !== 'none' && !isSameOrigin(request)) {
      throw new HubError('forbidden', 'A backup can only be downloaded from a page of this hub.')
    }
    await hub.store.read((db) => requireHubOwner(db, viewer.userId))
    await hub.store.read((db) => requireReauthenticated(db, viewer, hub.clock()))
    const point = await backupsOf(hub).findPoint(request.params.pointId)
    await backupsOf(hub).requireRoom(point)
    if (sending.has(hub)) {
      throw new HubError('busy', 'Another download of a backup is under way. Wait until it has ended.', {
        retryAfter: 30,
      })
    }
    sending.add(hub)
    const archive = await openArchive(hub, point).catch((error: unknown) => {
      sending.delete(hub)
      throw error
    })
    archive.once('close', () => sending.delete(hub))
    await runOperation(hub, { locks: [] }, (op) => {
      const detail = { madeAt: point.madeAt }
      audit(op, { action: 'backup.downloaded', by: viewer.userId, address: request.clientAddress, detail })
      return Promise.resolve()
    }).catch((error: unknown) => {
      archive.destroy()
      throw error
    })
    return reply
      .header('content-type', 'application/octet-stream')
      .header('content-disposition', `attachment; filename="hubbub-${point.name}.hubbub"`)
      .header('cache-control', 'no-store')
      .send(archive)
  })
}

/** The database and the key are unpacked first, which verifies them; files are read from the pool as they are sent. */
async function openArchive(hub: HubContext, point: FoundPoint): Promise<Readable> {
  const work = mkdtempSync(path.join(hub.dataDir, workFolderPrefix))
  const clean = (): void => rmSync(work, { recursive: true, force: true })
  try {
    const { blobs = [], files, format: _, ...about } = await unpack(point.file, work, () => true, 'skip')
    const isBlob = new Set(blobs.map(({ name }) => name))
    const pool = poolDirOf(point.file)
    const sources: ArchiveSource[] = [
      ...files
        .filter(({ name }) => !isBlob.has(name))
        .map(({ name }) => fileSource(name, path.join(work, name))),
      ...blobs.map(({ name }) => fileSource(name, blobFileOf(pool, name))),
    ]
    const stream = streamArchive(about, sources)
    stream.once('close', clean)
    return stream
  } catch (error) {
    clean()
    throw error
  }
}
