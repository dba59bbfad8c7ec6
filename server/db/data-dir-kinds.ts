import { statSync } from 'node:fs'
import path from 'node:path'
import { StartError } from '../start-error.ts'

export const dataFolders = ['files', 'uploads', 'identity', 'quarantine', 'backups', 'continuity']
const dataFiles = ['hub.db', 'hub.db-wal', 'hub.db-shm', 'hub.lock', 'files.lock']

/** @throws StartError if a file is where the hub has a folder, or the reverse */
export function requireKinds(dataDir: string): void {
  for (const folder of dataFolders.map((name) => path.join(dataDir, name))) {
    if (isFolder(folder) !== false) continue
    throw new StartError(
      `${folder} is a file, but the hub has a folder of this name: move the file away, put the folder back if you have it, and start again.`,
    )
  }
  for (const file of dataFiles.map((name) => path.join(dataDir, name))) {
    if (isFolder(file) !== true) continue
    throw new StartError(
      `${file} is a folder, but the hub has a file of this name: move the folder away, put the file back if you have it, and start again.`,
    )
  }
}

function isFolder(file: string): boolean | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory()
}
