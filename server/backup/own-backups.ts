import { isBucket } from '../files-address.ts'
import { StartError } from '../start-error.ts'
import type { BackupPlaces } from './backups.ts'

interface Options {
  isCluster?: boolean | undefined
  files?: string | undefined
  backups?: BackupPlaces | undefined
}

/**
 * Returns where a hub backs itself up: one process does, with its files in a folder.
 * @throws StartError if another one is asked to
 */
export function ownBackups({ isCluster, files, backups }: Options): BackupPlaces | undefined {
  if (!isCluster && (files === undefined || !isBucket(files))) return backups
  if (backups === undefined || backups === 'none') return 'none'
  throw new StartError(
    'A hub of several processes, or with its files in a bucket, makes no backups of its own: leave out --backups and HUBBUB_BACKUPS, and make them with "npm run hub -- backup" or the tools of the database server (docs/scaling.md, Backups).',
  )
}
