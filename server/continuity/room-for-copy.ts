import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { HubError } from '../../shared/errors.ts'
import { databaseFile } from '../db/sqlite/store.ts'

export type ReadRoom = () => Promise<{ free: number }>

/** Left free for what users write meanwhile. */
const spareBytes = 64 * 1024 * 1024
const bytesPerMegabyte = 1024 * 1024

export async function roomOf(directory: string): Promise<{ free: number }> {
  const { bavail, bsize } = await statfs(directory)
  return { free: bavail * bsize }
}

/** What a copy of the database takes at most: it is compact, the database may not be. */
export function sizeOfDatabase(dataDir: string): number {
  const file = databaseFile(dataDir)
  return [file, `${file}-wal`]
    .filter((name) => existsSync(name))
    .reduce((sum, name) => sum + statSync(name).size, 0)
}

/**
 * A copy must not fill a disk.
 * @param who the computer, for the owner
 * @throws HubError `disk_full` with the figures
 */
export async function requireRoomForCopy(room: ReadRoom, bytes: number, who: string): Promise<void> {
  const { free } = await room()
  if (free >= bytes + spareBytes) return
  const needed = Math.ceil((bytes + spareBytes) / bytesPerMegabyte)
  throw new HubError(
    'disk_full',
    `${who} has ${Math.floor(free / bytesPerMegabyte)} MB of free space, and the copy needs ${needed} MB. Free some space there: it is tried again.`,
  )
}
