import { readFileSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'

const memoryDir = '/dev/shm'
/** The largest tests store less than a gigabyte at a time. */
const neededBytes = 4 * 1024 ** 3

/**
 * Where tests put their folders: in memory, if there is enough of it. A hub syncs each commit to its disk, and the tests
 * wait for that more than for anything else.
 */
export function findTempDir(): string {
  return isInMemory() ? memoryDir : tmpdir()
}

function isInMemory(): boolean {
  if (process.platform !== 'linux' || freemem() < neededBytes) return false
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, folder]) => folder === memoryDir)
  // tests start programs from their folders, which a container may forbid there
  if (mount?.[2] !== 'tmpfs' || /\b(ro|noexec)\b/.test(mount[3] ?? '')) return false
  const { bavail, bsize } = statfsSync(memoryDir)
  return bavail * bsize >= neededBytes
}
