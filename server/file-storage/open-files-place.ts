import type { FastifyBaseLogger } from 'fastify'
import { isBucket } from '../files-address.ts'
import { type FilesPlace, FolderPlace } from './files-place.ts'

/**
 * Opens the place that `--files` names; without it the data directory has the files. What a bucket needs is loaded only for one.
 * @throws StartError
 */
export async function openFilesPlace(
  dataDir: string,
  files = dataDir,
  log?: FastifyBaseLogger,
): Promise<FilesPlace> {
  if (!isBucket(files)) return new FolderPlace(files)
  const { S3Place } = await import('./s3/place.ts')
  return new S3Place(dataDir, files, log ? { log } : {})
}
