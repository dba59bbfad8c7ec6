import { HubError } from '../../shared/errors.ts'
import type { ReadDiskSpace } from '../file-storage/uploads.ts'

/** Left free on a disk, so that a backup does not fill one that others use. */
export const spareBytes = 64 * 1024 * 1024

/** A copy of a backup next to the data must not take the room of new messages. @throws HubError `disk_full` */
export async function requireRoom(readDiskSpace: ReadDiskSpace, bytes: number): Promise<void> {
  const { free } = await readDiskSpace()
  if (free >= bytes + spareBytes) return
  throw new HubError(
    'disk_full',
    'The disk with the hub’s data has not enough space for a copy of this backup. Free some, then try again.',
  )
}
