import { closeSync, fsyncSync, openSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { openWriter } from '../db/sqlite/connection.ts'
import { serveTasks } from '../workers/serve-tasks.ts'

/** The worker of checkpointer.ts. */
export type CheckpointTask = Record<string, never>

const { file } = workerData as { file: string }
const { raw } = openWriter(file)

serveTasks((_: CheckpointTask): void => {
  // a checkpoint that a reader holds back syncs nothing; the locks of SQLite are on other files than this
  const wal = openSync(`${file}-wal`, 'r+')
  try {
    fsyncSync(wal)
  } finally {
    closeSync(wal)
  }
  raw.pragma('wal_checkpoint(passive)')
})
