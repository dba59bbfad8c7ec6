import { sql } from 'kysely'
import type { File } from '../../shared/contract/files.ts'
import { gatherJson, jsonObject } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { FileRow } from '../file-storage/queries.ts'
import { notHidden } from '../access/hidden.ts'

export type AttachmentRow = Pick<
  FileRow,
  'id' | 'name' | 'type' | 'size' | 'width' | 'height' | 'duration' | 'moves' | 'listDigest' | 'previewOwed'
>

export const attachmentColumns = [
  'file.id',
  'file.name',
  'file.type',
  'file.size',
  'file.width',
  'file.height',
  'file.duration',
  'file.moves',
  'file.listDigest',
  'file.previewOwed',
] as const

/** Returns the public data of a file, without its place on the disk. */
export function toFile(row: AttachmentRow): File {
  const file: File = { id: row.id, name: row.name, type: row.type, size: row.size }
  if (row.width !== null) file.width = row.width
  if (row.height !== null) file.height = row.height
  if (row.duration !== null) file.duration = row.duration
  if (row.listDigest !== null) file.preview = true
  if (row.previewOwed === 1) file.previewPending = true
  if (row.moves === 1) file.moves = true
  return file
}

const attachmentAsJson = jsonObject({
  ...{ id: 'f.id', name: 'f.name', type: 'f.type', size: 'f.size', width: 'f.width', height: 'f.height' },
  ...{ duration: 'f.duration', moves: 'f.moves', listDigest: 'f.list_digest', previewOwed: 'f.preview_owed' },
})

/**
 * Builds the attachments of the message with this id in a query, as JSON, or null. Each member is an
 * `AttachmentRow`.
 */
export function filesOfMessage(message: 'message' | 'l' | 'reply') {
  return sql<string | null>`(
  select ${gatherJson(attachmentAsJson)}
  from (select * from file where file.message_id = ${sql.ref(`${message}.id`)} order by file.position) as f
  having count(*) > 0)`
}

export function parseFiles(json: string | null): File[] {
  return json === null ? [] : (JSON.parse(json) as AttachmentRow[]).map(toFile)
}

/** Finds a file for a user who may read it: in a message of one of their chats, or unsent and their own. */
export const findVisibleFile = prepared((db, p: { fileId: string; userId: string }) =>
  db
    .selectFrom('file')
    .leftJoin('message', 'message.id', 'file.messageId')
    .leftJoin('chat', 'chat.id', 'message.chatId')
    .leftJoin('membership', (join) =>
      join.onRef('membership.chatId', '=', 'message.chatId').on('membership.userId', '=', p.userId),
    )
    .where('file.id', '=', p.fileId)
    .where('file.digest', 'is not', null)
    .where((eb) =>
      eb.or([
        eb.and([eb('file.messageId', 'is', null), eb('file.userId', '=', p.userId)]),
        eb.and([
          eb('membership.userId', 'is not', null),
          eb('message.deletedAt', 'is', null),
          eb('chat.deletedAt', 'is', null),
        ]),
      ]),
    )
    .selectAll('file'),
)

interface FileListQuery {
  chatId: string
  /** The viewer. */
  userId: string
  kind: 'media' | 'other' | undefined
  before: number | undefined
  count: number
}

/** The files of a chat, the newest first, whole messages at a time. */
export async function filesOfChat(db: Db, p: FileListQuery) {
  let query = db
    .selectFrom('file')
    .innerJoin('message', 'message.id', 'file.messageId')
    .where('file.chatId', '=', p.chatId)
    .where('message.deletedAt', 'is', null)
    .where(notHidden(p.userId))
    .orderBy('file.seq', 'desc')
    .orderBy('file.position')
    .select(attachmentColumns)
    .select(['message.id as messageId', 'message.no', 'message.seq', 'message.authorId', 'message.at'])
  if (p.before !== undefined) query = query.where('file.seq', '<', p.before)
  if (p.kind !== undefined) {
    const isMedia = sql<boolean>`(file.type like 'image/%' or file.type like 'video/%')`
    query = query.where((eb) => (p.kind === 'media' ? isMedia : eb.not(isMedia)))
  }
  // fetch as many more as a message can have, so that no message is split
  const found = await query.limit(p.count + 10).execute()
  const last = found[p.count - 1]
  const rows = found.filter((row, at) => at < p.count || row.seq === last?.seq)
  return { rows, more: found.length > rows.length }
}
