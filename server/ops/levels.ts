import type { HubContext } from '../context.ts'
import type { Live } from '../live/live.ts'
import type { ActivityLevels } from './activity.ts'

const mebibyte = 1024 * 1024
/** With less free space on the disk, someone has to act: soon, or now. */
export const lowSpaceBytes = { attention: 2048 * mebibyte, bad: 256 * mebibyte }
export const backupDueAfterMs = 7 * 24 * 60 * 60 * 1000

/** Looks at each socket: not for the way of a request. */
export function readLevels({ live, store, turns }: HubContext): ActivityLevels {
  return {
    connections: live.connectionCount,
    slow: countSlow(live),
    waiting: (store.writer.queuedCount ?? 0) + turns.waitingCount,
    deliveries: live.deliveryCount,
    memory: readMemoryBytes(),
  }
}

/** Returns 0 if the system does not say: it opens a file for that, and the process may have as many as it is allowed. */
function readMemoryBytes(): number {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}

/** Sockets whose client does not read as fast as the hub sends. */
export function countSlow(live: Live): number {
  let count = 0
  for (const { isBehind } of live.connections()) if (isBehind) count += 1
  return count
}

/** Bytes that wait in the buffers of all sockets. */
export function countBuffered(live: Live): number {
  let bytes = 0
  for (const { bufferedBytes } of live.connections()) bytes += bufferedBytes
  return bytes
}
