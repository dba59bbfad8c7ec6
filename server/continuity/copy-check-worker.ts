import { closeSync, fsyncSync, openSync } from 'node:fs'
import { resetIndex } from '../db/full-text.ts'
import { migrations } from '../db/migrations/index.ts'
import { applicationId, createKysely, openReader, openWriter } from '../db/sqlite/connection.ts'
import { checkInvariants, checkStructure } from '../db/verify.ts'
import { serveTasks } from '../workers/serve-tasks.ts'
import { readPosition } from './stored-position.ts'

/** The worker of copy-intake.ts: returns what is wrong with the copy; nothing if it may be used. */
export interface CopyCheckTask {
  file: string
}

serveTasks(async ({ file }: CopyCheckTask): Promise<string[]> => {
  const problems = findProblems(file)
  if (problems.length === 0) await emptyIndex(file)
  return problems
})

function findProblems(file: string): string[] {
  try {
    const { raw } = openReader(file)
    try {
      if (raw.pragma('application_id', { simple: true }) !== applicationId) return ['it is not one of Hubbub']
      const schema = raw.pragma('user_version', { simple: true }) as number
      if (schema > migrations.length) return ['a newer Hubbub wrote it: update this one first']
      const structure = checkStructure(raw)
      if (structure.length > 0) return structure
      if (!readPosition(raw).position) return ['it has no place in the log']
      return checkInvariants(raw)
    } finally {
      raw.close()
    }
  } catch (error) {
    return [String(error)]
  }
}

/** The index holds words of messages. A hub builds its own when it becomes one. */
async function emptyIndex(file: string): Promise<void> {
  const connection = openWriter(file)
  const { raw } = connection
  try {
    await resetIndex(createKysely(connection), { version: '' })
    raw.exec('vacuum')
    raw.pragma('wal_checkpoint(truncate)')
    // one file, which a rename moves as a whole
    raw.pragma('journal_mode = delete')
  } finally {
    raw.close()
  }
  const fd = openSync(file, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
