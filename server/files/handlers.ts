import type { ServedFile } from '../../shared/contract/values.ts'
import { limits } from '../../shared/contract/values.ts'
import { notFound } from '../../shared/errors.ts'
import { requireChat, requireFile } from '../access.ts'
import { read } from '../dispatch.ts'
import type { HubContext } from '../context.ts'
import { filesOfChat, type FileRow, toFile } from './queries.ts'

export const fileHandlers = {
  'files.list': read(
    'files.list',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    async (hub, { viewer: { userId } }, { chatId, kind, before, limit }) => {
      const count = Math.min(limit ?? limits.page.files, limits.page.files)
      const { rows, more } = await filesOfChat(hub.reader, { chatId, userId, kind, before, count })
      return {
        files: rows.map((row) => ({
          file: toFile(row),
          messageId: row.messageId,
          no: row.no,
          seq: row.seq,
          author: row.authorId,
          at: row.at,
        })),
        more,
      }
    },
  ),
  'files.get': read(
    'files.get',
    (db, viewer, ids) => requireFile(db, viewer, ids['fileId']),
    (hub, _caller, _input, file) => Promise.resolve(toServedFile(hub, file, file.digest, file.size)),
  ),
  'files.preview': read(
    'files.preview',
    (db, viewer, ids) => requireFile(db, viewer, ids['fileId']),
    async (hub, _caller, { size }, file) => {
      const digest = size === 'screen' ? (file.screenDigest ?? file.listDigest) : file.listDigest
      if (digest === null) throw notFound('A preview of this file')
      const smaller = toServedFile(hub, file, digest, await hub.files.sizeOf(digest))
      return {
        ...smaller,
        type: 'image/webp',
        name: `${file.name}.webp`,
        etag: `${file.id}-${size ?? 'list'}`,
      }
    },
  ),
}

function toServedFile(hub: HubContext, file: FileRow, digest: string | null, size: number): ServedFile {
  if (digest === null) throw notFound('This file')
  return { path: hub.files.pathOf(digest), size, type: file.type, name: file.name, etag: file.id }
}
