import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { HashAnswer, HashJob } from './hasher.ts'

interface Begun {
  hash: Hash
  at: number
}

/** Those that nobody went on with go first. */
const atOnce = 256
const step = 256 * 1024
const buffer = Buffer.allocUnsafeSlow(step)
const begun = new Map<string, Begun>()

parentPort?.on('message', (job: HashJob) => {
  if ('forget' in job) {
    begun.delete(job.forget)
    return
  }
  try {
    const file = readTo(job.id, job.path, job.upTo)
    if (job.finish === undefined) return
    begun.delete(job.id)
    tell({ finish: job.finish, digest: file.hash.digest('hex') })
  } catch (error) {
    begun.delete(job.id)
    if (job.finish !== undefined) tell({ finish: job.finish, problem: String(error) })
  }
})

function readTo(id: string, path: string, upTo: number): Begun {
  let file = begun.get(id)
  // it became shorter: what was read is not what is there
  if (!file || file.at > upTo) file = { hash: createHash('sha256'), at: 0 }
  begun.delete(id)
  begun.set(id, file)
  if (begun.size > atOnce) begun.delete(begun.keys().next().value as string)
  const handle = openSync(path, 'r')
  try {
    while (file.at < upTo) {
      const count = readSync(handle, buffer, 0, Math.min(step, upTo - file.at), file.at)
      if (count === 0) throw new Error('a file is shorter than what came in of it')
      file.hash.update(buffer.subarray(0, count))
      file.at += count
    }
    return file
  } finally {
    closeSync(handle)
  }
}

function tell(answer: HashAnswer): void {
  parentPort?.postMessage(answer)
}
