import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { differingTables } from '../../server/continuity/table-digests.ts'
import { digestTables, type TablesAt } from '../../server/continuity/digest-tables.ts'
import { listSetAside } from '../../server/continuity/diverged.ts'
import { isSamePosition } from '../../server/continuity/position.ts'
import { readPosition } from '../../server/continuity/stored-position.ts'
import { openReader } from '../../server/db/sqlite/connection.ts'
import { checkContents, checkFiles } from '../../server/db/verify.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { compareWithDisk } from '../kill/disk.ts'
import type { Registers } from '../kill/registers.ts'
import type { Seen } from './seen.ts'

/* What must hold after each round, read from the disks of both computers while they run and nobody writes. */

const equalWithinMs = 20_000
const retryMs = 100

/** What a round permits to be gone from the hub. It must still be in a folder that a computer has set aside. */
export type Loss = 'nothing' | 'held' | 'anything'

/** Both databases have the same place in the log, and the same rows in all tables. Returns what differs. */
export async function compareTables(hubDir: string, standbyDir: string): Promise<string[]> {
  const until = performance.now() + equalWithinMs
  for (;;) {
    const [hub, standby] = [readTables(hubDir), readTables(standbyDir)]
    if (hub && standby && isSamePosition(hub.position, standby.position)) {
      return differingTables(hub, standby).map((table) => `the tables ${table} of both computers differ`)
    }
    if (performance.now() > until) {
      const places = [hub, standby].map((at) => at?.position.lsn ?? 'none').join(' and ')
      return [`the databases stay at different places of the log: ${places}`]
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

function readTables(dataDir: string): TablesAt | undefined {
  const { raw } = openReader(path.join(dataDir, 'hub.db'))
  try {
    raw.exec('begin')
    const { position } = readPosition(raw)
    return position && { position, tables: digestTables(raw) }
  } finally {
    raw.close()
  }
}

/** Every file that a row of the standby names is there with its content. */
export function compareFiles(dataDir: string): string[] {
  const { raw } = openReader(path.join(dataDir, 'hub.db'))
  const pathOf = (digest: string): string => path.join(dataDir, fileNameOf(digest))
  try {
    return [
      ...checkFiles(raw, (digest) => existsSync(pathOf(digest))),
      ...checkContents(raw, (digest) =>
        existsSync(pathOf(digest))
          ? createHash('sha256')
              .update(readFileSync(pathOf(digest)))
              .digest('hex')
          : undefined,
      ),
    ].map((problem) => `on the standby: ${problem}`)
  } finally {
    raw.close()
  }
}

export interface Findings {
  problems: string[]
  /** Registers and messages that the hub has not, as this round permits, and that a set-aside folder has. */
  setAside: number
}

/** Compares all that clients know with the hub. */
export function compareWithClients(
  hubDir: string,
  dirs: readonly string[],
  { registers, seen, loss }: { registers: Registers; seen: Seen; loss: Loss },
): Findings {
  const kept = openSetAside(dirs)
  const lost: string[] = []
  const settle = (key: string, actual: string): string | undefined => {
    const isPermitted = loss === 'anything' || (loss === 'held' && registers.mayHaveLost(key, actual))
    const problem = registers.settle(key, actual)
    if (problem === undefined || !isPermitted) return problem
    lost.push(key)
    const [kind, cid = ''] = key.split(' ')
    // what became of a mark or of an edit is not looked for
    return kind !== 'message' || actual !== '(absent)' || kept.some((raw) => hasMessage(raw, 'cid', cid))
      ? undefined
      : `${problem}, and no folder that was set aside has it`
  }
  const { raw } = openReader(path.join(hubDir, 'hub.db'))
  try {
    const { gone, problems } = seen.settle(raw)
    const vanished = gone.filter((id) => loss === 'nothing' || !kept.some((db) => hasMessage(db, 'id', id)))
    return {
      problems: [
        ...compareWithDisk(hubDir, registers, { settle }),
        ...(loss === 'anything' ? [] : problems),
        ...vanished.map((id) => `a client has seen message ${id}, which is gone`),
      ],
      setAside: lost.length,
    }
  } finally {
    raw.close()
    for (const db of kept) db.close()
  }
}

/** The hub's messages by cid. */
export function cidsOf(hubDir: string): Set<string> {
  const { raw } = openReader(path.join(hubDir, 'hub.db'))
  try {
    return new Set(raw.prepare('select cid from message').pluck().all() as string[])
  } finally {
    raw.close()
  }
}

function openSetAside(dirs: readonly string[]): Database.Database[] {
  return dirs.flatMap(listSetAside).flatMap((folder) => {
    const file = path.join(folder, 'hub.db')
    return existsSync(file) ? [new Database(file)] : []
  })
}

function hasMessage(raw: Database.Database, column: 'id' | 'cid', value: string): boolean {
  try {
    return raw.prepare(`select 1 from message where ${column} = ?`).get(value) !== undefined
  } catch {
    return false
  }
}

/** What was set aside is compared in the round in which it was lost: nobody needs it later. */
export function removeSetAside(dirs: readonly string[]): number {
  const folders = dirs.flatMap(listSetAside)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  return folders.length
}

/** The state of a computer as its disk says, for the report of a round that failed. */
export function describeDisk(dataDir: string): string {
  const file = path.join(dataDir, 'continuity', 'state.json')
  const state = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'no state'
  const journal = path.join(dataDir, 'continuity', 'journal')
  const segments = existsSync(journal) ? readdirSync(journal).length : 0
  return `${state}, ${segments} journal segments`
}
