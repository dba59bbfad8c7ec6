import type { Db } from '../db/schema.ts'
import type { Viewer } from '../caller.ts'
import type { FileRow } from '../file-storage/queries.ts'
import { findVisibleFile } from './queries.ts'
import { notFound } from '../../shared/errors.ts'

/** Requires a file of a message that the viewer can see, or an unsent file of theirs. @throws not_found */
export async function requireFile(db: Db, viewer: Viewer, fileId: string | undefined): Promise<FileRow> {
  const [file] = fileId === undefined ? [] : await findVisibleFile(db, { fileId, userId: viewer.userId })
  if (!file) throw notFound('This file')
  return file
}
