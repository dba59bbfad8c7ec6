import type { Message } from '../../shared/contract/messages.ts'
import type { File } from '../../shared/contract/files.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import type { KeptFile } from '../continuity/set-aside-messages.ts'
import type { Db } from '../db/schema.ts'
import { newId } from '../ids.ts'
import {
  type FileRow,
  findOwnFile,
  hubLimits,
  countNewBytes,
  storageUsageOf,
} from '../file-storage/queries.ts'
import { toFile } from './queries.ts'
import type { Operation } from '../operation.ts'

/*
 * Attachments of messages. A file is in at most one message. A forwarded file is a row of its own with the same
 * content, so that deleting a message leaves the file of the other.
 */

type MessagePosition = Pick<Message, 'id' | 'chatId' | 'seq'>

/** Requires complete files of the viewer that are in no message yet. @throws not_found, invalid */
export async function requireUnattached(
  db: Db,
  userId: string,
  fileIds: readonly string[],
): Promise<FileRow[]> {
  if (new Set(fileIds).size < fileIds.length) {
    throw new HubError('invalid', 'A message can contain each file only once.', { field: 'attachments' })
  }
  const found: FileRow[] = []
  for (const fileId of fileIds) {
    const [file] = await findOwnFile(db, { fileId, userId })
    if (!file || file.digest === null || file.messageId !== null) throw attachmentNotFound()
    found.push(file)
  }
  return found
}

/** Attaches the files: all users who can see the message can read them now. */
export async function attachFiles(
  op: Operation,
  files: readonly FileRow[],
  message: MessagePosition,
): Promise<File[]> {
  for (const [position, { id }] of files.entries()) {
    await op.db
      .updateTable('file')
      .set({ messageId: message.id, chatId: message.chatId, seq: message.seq, position })
      .where('id', '=', id)
      .execute()
  }
  return files.map(toFile)
}

/**
 * Requires the files of a message for forwarding. Only content that the user does not store yet counts towards their
 * quota. @throws too_large
 */
export async function requireQuotaForCopies(db: Db, userId: string, messageId: string): Promise<FileRow[]> {
  const files = await db
    .selectFrom('file')
    .where('messageId', '=', messageId)
    .orderBy('position')
    .selectAll()
    .execute()
  const digests = JSON.stringify(files.map(({ digest }) => digest))
  const [limits] = await hubLimits(db, {})
  const [usage] = await storageUsageOf(db, { userId })
  const [more] = await countNewBytes(db, { userId, digests })
  if (!limits || !usage || !more) throw new Error('a hub without its row')
  if (more.bytes > 0 && usage.bytes + more.bytes > limits.userBytes) {
    throw new HubError(
      'too_large',
      'These files exceed your storage limit. Delete messages with large files, then forward again.',
      { field: 'forward' },
    )
  }
  return files
}

/** Copies the file rows to another message. They count towards the quota of the user who forwards. */
export async function copyFiles(
  op: Operation,
  files: readonly FileRow[],
  to: MessagePosition,
  userId: string,
): Promise<File[]> {
  const copies = files.map((file) => ({
    ...file,
    id: newId(),
    userId,
    messageId: to.id,
    chatId: to.chatId,
    seq: to.seq,
    createdAt: op.now,
    touchedAt: op.now,
  }))
  for (const copy of copies) await op.db.insertInto('file').values(copy).execute()
  return copies.map(toFile)
}

/**
 * Attaches the files of a message that is brought back. An upload that is here and was not sent is taken; otherwise there is
 * a new row, by the same id if it is free. Previews are made again.
 */
export async function restoreFiles(
  op: Operation,
  files: readonly KeptFile[],
  { id: messageId, chatId, seq }: MessagePosition,
  userId: string,
): Promise<File[]> {
  const rows: FileRow[] = []
  for (const [position, file] of files.entries()) {
    const place = { messageId, chatId, seq, position }
    const known = await op.db.selectFrom('file').where('id', '=', file.id).selectAll().executeTakeFirst()
    if (known && known.messageId === null && known.userId === userId && known.digest === file.digest) {
      await op.db.updateTable('file').set(place).where('id', '=', file.id).execute()
      rows.push({ ...known, ...place })
      continue
    }
    const { hasPreview, ...kept } = file
    const row: FileRow = {
      ...kept,
      ...place,
      id: known ? newId() : file.id,
      userId,
      received: file.size,
      writer: '',
      suffix: '',
      previewOwed: hasPreview ? 1 : 0,
      listDigest: null,
      screenDigest: null,
      createdAt: op.now,
      touchedAt: op.now,
    }
    await op.db.insertInto('file').values(row).execute()
    rows.push(row)
  }
  if (rows.some(({ previewOwed }) => previewOwed === 1)) op.after(() => op.hub.jobs.runSoon('previews.make'))
  return rows.map(toFile)
}

/** Deletes the files of a deleted message, and their content unless another row refers to it. */
export async function removeFilesOfMessage(op: Operation, messageId: string): Promise<void> {
  const gone = await op.db.deleteFrom('file').where('messageId', '=', messageId).returning('id').execute()
  if (gone.length > 0) op.after(() => op.hub.fileRemoval.schedule())
}

function attachmentNotFound(): HubError {
  const { code, message } = notFound('A file of this message')
  return new HubError(code, message, { field: 'attachments' })
}
