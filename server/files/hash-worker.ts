import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { HashResult, HashJob } from './hasher.ts'

interface HashInProgress {
  hash: Hash
  offset: number
}

/** Those that nobody went on with go first. */
const maxOpenHashes = 256
const chunkBytes = 256 * 1024
const buffer = Buffer.allocUnsafeSlow(chunkBytes)
const hashes = new Map<string, HashInProgress>()

parentPort?.on('message', (job: HashJob) => {
  if ('forget' in job) {
    hashes.delete(job.forget)
    return
  }
  try {
    const file = hashUpTo(job.id, job.path, job.upTo)
    if (job.finish === undefined) return
    hashes.delete(job.id)
    postResult({ finish: job.finish, digest: file.hash.digest('hex') })
  } catch (error) {
    hashes.delete(job.id)
    if (job.finish !== undefined) postResult({ finish: job.finish, problem: String(error) })
  }
})

function hashUpTo(id: string, path: string, upTo: number): HashInProgress {
  let file = hashes.get(id)
  // it became shorter: what was read is not what is there
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

function postResult(answer: HashResult): void {
  parentPort?.postMessage(answer)
}
