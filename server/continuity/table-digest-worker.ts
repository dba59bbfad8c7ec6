import { setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { openReader, type SqliteConnection } from '../db/sqlite/connection.ts'
import { serveTasks } from '../workers/serve-tasks.ts'
import { digestTables, type TablesAt } from './digest-tables.ts'
import { readPosition } from './stored-position.ts'

/** The worker of table-digests.ts. */
export interface DigestTask {
  t: 'prepare' | 'snapshot' | 'digest'
}

export type DigestAnswer = TablesAt | undefined

const niceness = 10
if (process.platform === 'linux') setPriority(niceness)

const { file } = workerData as { file: string }
let snapshot: SqliteConnection | undefined

serveTasks(({ t }: DigestTask): DigestAnswer => {
  if (t === 'snapshot') {
    snapshot?.raw.close()
    snapshot = openReader(file)
    // the first read fixes the state
    snapshot.raw.exec('begin')
    readPosition(snapshot.raw)
  }
  if (t !== 'digest' || !snapshot) return undefined
  const { raw } = snapshot
  snapshot = undefined
  try {
    const { position } = readPosition(raw)
    if (!position) throw new Error('the database has no place in the log')
    return { position, tables: digestTables(raw) }
  } finally {
    raw.close()
  }
})
