import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { pino } from 'pino'
import { toMessage, messageRows } from '../messages/message-view.ts'
import { poolDirOf, unpack } from './archive.ts'
import { digestOf } from './digest.ts'
import { blobFileOf } from './pool-names.ts'

/*
 * Starts a real hub on a copy of a point, on loopback, asks it for its messages, and ends it: as a child process, or as a
 * thread where there is no Node to start (rehearsal.ts).
 */

export interface RehearsalTask {
  archive: string
  /** An absent folder; it is removed afterwards. */
  scratch: string
  messages: number
}

export type RehearsalResult = { messages: number; ms: number } | { problem: string }

const readMessages = 10
const readFiles = 3

async function rehearse({ archive, scratch, messages }: RehearsalTask): Promise<RehearsalResult> {
  try {
    mkdirSync(scratch, { mode: 0o700 })
    const dataDir = path.join(scratch, 'hub')
    mkdirSync(dataDir, { mode: 0o700 })
    const manifest = await unpack(archive, dataDir, () => true, 'skip')
    const blobs = (manifest.blobs ?? []).slice(-readFiles)
    const { startHub } = await import('../start.ts')
    const begun = performance.now()
    const hub = await startHub({
      ...{ dataDir, host: '127.0.0.1', port: 0, allowPlainHttp: false, loadTest: false, backups: 'none' },
      log: pino({ level: 'silent' }),
      onFatal: (error) => {
        throw error
      },
    })
    try {
      const response = await fetch(`${hub.url}/api/meta`)
      const ms = Math.round(performance.now() - begun)
      if (!response.ok) return { problem: `The hub answered ${response.status}.` }
      const found = await hub.hub.store.read(async (db) => {
        const rows = await messageRows(db).orderBy('message.n', 'desc').limit(readMessages).execute()
        rows.forEach(toMessage)
        return db
          .selectFrom('message')
          .where('deletedAt', 'is', null)
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
      })
      for (const { name, sha256 } of blobs) {
        // where it is: a copy of a large file would take the room of the hub
        const digest = await digestOf(blobFileOf(poolDirOf(archive), name))
        if (digest !== sha256) return { problem: `The file ${name} is damaged.` }
      }
      if (found.count !== messages) return { problem: `${messages - found.count} messages are missing.` }
      return { messages: found.count, ms }
    } finally {
      await hub.close()
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
  }
}

if (isMainThread) {
  process.umask(0o077)
  process.on('disconnect', () => process.exit(1))
  process.once('message', (task: RehearsalTask) => {
    void rehearse(task).then((result) => process.send?.(result, () => process.exit(0)))
  })
} else {
  parentPort?.postMessage(await rehearse(workerData as RehearsalTask))
}
