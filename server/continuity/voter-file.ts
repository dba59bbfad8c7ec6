import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseTerm } from '../../shared/term.ts'
import { continuityFolder, replaceSynced } from './state-file.ts'
import { newVoterRecord, type VoterRecord } from './voter-rules.ts'

/*
 * What the third computer remembers, in `continuity/vote.json`. The file also says that this directory is one of a third
 * computer. A file that is damaged or was set back does no harm: after a start, the rules believe the disk only once hub
 * and standby have said where they are.
 */

const fileName = 'vote.json'

/** True if this directory belongs to a third computer. */
export function isVoteFolder(dataDir: string): boolean {
  return existsSync(path.join(continuityFolder(dataDir), fileName))
}

/** Returns undefined if the file is missing or damaged. */
export function readVote(dataDir: string): VoterRecord | undefined {
  try {
    return parseVote(JSON.parse(readFileSync(path.join(continuityFolder(dataDir), fileName), 'utf8')))
  } catch {
    return undefined
  }
}

/** Replaces the file. On return it survives a power cut. */
export function writeVote(dataDir: string, record: VoterRecord): void {
  replaceSynced(dataDir, fileName, `${JSON.stringify(record)}\n`)
}

/** The directory is that of a third computer from now on. What it has decided before is kept. */
export function beginVote(dataDir: string): void {
  if (!isVoteFolder(dataDir)) writeVote(dataDir, newVoterRecord)
}

function parseVote(value: unknown): VoterRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { v, term: record, isAlone, markV, promised } = value as Record<string, unknown>
  const term = record === undefined ? undefined : parseTerm(record)
  if (v !== 1 || (record !== undefined && !term) || typeof isAlone !== 'boolean') return undefined
  if (!Number.isSafeInteger(markV) || !(promised === undefined || typeof promised === 'string'))
    return undefined
  return {
    ...{ v, isAlone, markV: markV as number },
    ...(term ? { term } : {}),
    ...(promised === undefined ? {} : { promised }),
  }
}
