import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { serveTasks } from '../workers/serve-tasks.ts'
import type { HashTask } from './hasher.ts'

interface HashInProgress {
  hash: Hash
  offset: number
}

/** Above this number, the hashes that were idle for the longest time are dropped. */
const maxOpenHashes = 256
const chunkBytes = 256 * 1024
const buffer = Buffer.allocUnsafeSlow(chunkBytes)
const hashes = new Map<string, HashInProgress>()

/** Returns the digest in hex if the task requests it, else ''. */
function runTask(task: HashTask): string {
  if ('forget' in task) {
    hashes.delete(task.forget)
    return ''
  }
  try {
    const { hash } = hashUpTo(task.id, task.path, task.upTo)
    if (!task.digest) return ''
    hashes.delete(task.id)
    return hash.digest('hex')
  } catch (error) {
    hashes.delete(task.id)
    throw error
  }
}

function hashUpTo(id: string, path: string, upTo: number): HashInProgress {
  let file = hashes.get(id)
  // the file was truncated: bytes that were read no longer exist
  if (!file || file.offset > upTo) file = { hash: createHash('sha256'), offset: 0 }
  hashes.delete(id)
  hashes.set(id, file)
  if (hashes.size > maxOpenHashes) hashes.delete(hashes.keys().next().value as string)
  const handle = openSync(path, 'r')
  try {
    while (file.offset < upTo) {
      const count = readSync(handle, buffer, 0, Math.min(chunkBytes, upTo - file.offset), file.offset)
      if (count === 0) throw new Error('a file is shorter than its synced offset')
      file.hash.update(buffer.subarray(0, count))
      file.offset += count
    }
    return file
  } finally {
    closeSync(handle)
  }
}

serveTasks(runTask)
