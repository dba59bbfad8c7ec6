import Database from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { setPriority } from 'node:os'
import { openReader } from '../db/sqlite/connection.ts'
import { serveTasks } from '../workers/serve-tasks.ts'
import type { Position } from './position.ts'
import { readPosition } from './stored-position.ts'

/** The worker of copy.ts. */
export interface CopyTask {
  from: string
  to: string
}

export interface MadeCopy {
  readonly file: string
  readonly bytes: number
  /** SHA-256 in hex. */
  readonly digest: string
  readonly position: Position
}

const niceness = 10
if (process.platform === 'linux') setPriority(niceness)

serveTasks(async ({ from, to }: CopyTask): Promise<MadeCopy> => {
  const raw = new Database(from, { readonly: true, fileMustExist: true, timeout: 10_000 })
  try {
    raw.prepare('vacuum into ?').run(to)
  } finally {
    raw.close()
  }
  const copy = openReader(to)
  try {
    const { position } = readPosition(copy.raw)
    if (!position) throw new Error('the log is off: there is nothing that a copy could follow')
    return { file: to, bytes: statSync(to).size, digest: await digestOf(to), position }
  } finally {
    copy.raw.close()
  }
})

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
