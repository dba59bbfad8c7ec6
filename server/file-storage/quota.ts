import { HubError } from '../../shared/errors.ts'
import type { Db } from '../db/schema.ts'
import { hubLimits, storageUsageOf } from './queries.ts'

const maxUnattachedFiles = 300

/** @throws HubError `too_large`, `conflict` */
export async function requireQuota(db: Db, userId: string, size: number): Promise<void> {
  const [limits] = await hubLimits(db, {})
  const [usage] = await storageUsageOf(db, { userId })
  if (!limits || !usage) throw new Error('a hub without its row')
  if (size > limits.fileBytes) {
    throw new HubError(
      'too_large',
      `A file can have at most ${formatBytes(limits.fileBytes)} on this hub. Send a smaller one.`,
    )
  }
  if (usage.bytes + size > limits.userBytes) {
    throw new HubError(
      'too_large',
      `Your files would exceed your storage limit of ${formatBytes(limits.userBytes)}. Delete messages with large files, or ask the owner of this hub to raise the limit.`,
    )
  }
  if (usage.loose >= maxUnattachedFiles) {
    throw new HubError(
      'conflict',
      'Too many of your uploads are not in a message yet. Send or cancel them first.',
    )
  }
}

function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let power = 0
  let shown = bytes
  while (shown >= 1024 && power < units.length - 1) {
    shown /= 1024
    power += 1
  }
  return `${Number(shown.toFixed(1))} ${units[power] ?? ''}`
}
