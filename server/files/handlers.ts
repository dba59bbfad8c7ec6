import { type ServedFile, limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { requireChat } from '../access/chats.ts'
import { requireFile } from './access.ts'
import { read, defineHandlers } from '../define-handlers.ts'
import type { HubContext } from '../context.ts'
import type { FileRow } from '../file-storage/queries.ts'
import { filesOfChat, toFile } from './queries.ts'

export const fileHandlers = defineHandlers({
  'files.list': read({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: async ({ db, viewer: { userId } }, { chatId, kind, before, limit }) => {
      const count = Math.min(limit ?? limits.page.files, limits.page.files)
      const { rows, more } = await filesOfChat(db, { chatId, userId, kind, before, count })
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
  }),
  'files.get': read({
    access: (db, viewer, ids) => requireFile(db, viewer, ids['fileId']),
    run: ({ hub }, _input, file) => Promise.resolve(toServedFile(hub, file, file.digest, file.size)),
  }),
  'files.preview': read({
    access: (db, viewer, ids) => requireFile(db, viewer, ids['fileId']),
    run: async ({ hub }, { size }, file) => {
      const digest = size === 'screen' ? (file.screenDigest ?? file.listDigest) : file.listDigest
      if (digest === null)
        throw file.previewOwed === 1 ? previewPending() : notFound('A preview of this file')
      const smaller = toServedFile(hub, file, digest, await hub.files.sizeOf(digest).catch(() => 0))
      return {
        ...smaller,
        type: 'image/webp',
        name: `${file.name}.webp`,
        etag: `${file.id}-${size ?? 'list'}`,
      }
    },
  }),
})

function previewPending(): HubError {
  return new HubError('not_found', 'The hub has not made the preview of this file yet. Try again shortly.')
}

function toServedFile(hub: HubContext, file: FileRow, digest: string | null, size: number): ServedFile {
  if (digest === null) throw notFound('This file')
  return { content: hub.files.serve(digest, size), size, type: file.type, name: file.name, etag: file.id }
}
