import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { parseTerm, type Term } from '../../shared/term.ts'
import { syncDirectory } from '../db/fsync.ts'
import { makeDirectory } from '../db/make-directory.ts'
import { StartError } from '../start-error.ts'
import { isPosition, type Position } from './position.ts'

/*
 * What a computer must remember about its role, in `continuity/state.json`. Invariant: the file and its directory are
 * synced before the message, or the acknowledgement, that the new state permits.
 */

export type Role = 'hub' | 'sealed' | 'standby'

export interface StateRecord {
  readonly v: 1
  /** The id of this computer. */
  readonly node: string
  readonly role: Role
  /** The highest term that this computer knows. */
  readonly term: Term
  /** The hub acknowledges by itself. */
  readonly alone: boolean
  /** The last number of a question to the third computer. */
  readonly markV: number
  /** The hub gave its term up at this position, for that computer. */
  readonly sealed?: Position & { readonly to: string }
  /** The standby said that it leaves. */
  readonly out: boolean
  /** The standby's database is not that of the hub: only a copy makes it so. */
  readonly mustCopy?: true
  /** The database may hold what no other hub has: it is moved aside before a copy takes its place. */
  readonly mustKeep?: true
}

export function continuityFolder(dataDir: string): string {
  return path.join(dataDir, 'continuity')
}

function stateFile(dataDir: string): string {
  return path.join(continuityFolder(dataDir), 'state.json')
}

/**
 * Returns undefined for a hub that never had a standby.
 * @throws StartError if the file is damaged: a guess about the role could make two hubs
 */
export function readState(dataDir: string): StateRecord | undefined {
  const file = stateFile(dataDir)
  if (!existsSync(file)) return undefined
  const state = parseState(readFileSync(file, 'utf8'))
  if (state) return state
  throw new StartError(
    `${file} is damaged, so this computer cannot know if it may be the hub. Keep the directory. Go on with the other computer of this hub, or restore a backup into another directory.`,
  )
}

/** The state of a computer that has nothing of the hub yet. Its folder may be that of a hub without a standby. */
export function newStandbyState(node: string, term: Term): StateRecord {
  return {
    ...{ v: 1, node, role: 'standby', term, alone: false, markV: 0, out: false },
    ...{ mustCopy: true, mustKeep: true },
  }
}

/** Replaces the file. On return the new state survives a power cut. */
export function writeState(dataDir: string, state: StateRecord): void {
  replaceSynced(dataDir, 'state.json', `${JSON.stringify(state)}\n`)
}

/** Replaces a file of the continuity folder. On return it survives a power cut. */
export function replaceSynced(dataDir: string, name: string, text: string): void {
  const folder = continuityFolder(dataDir)
  makeDirectory(folder)
  const file = path.join(folder, name)
  writeSynced(`${file}.new`, text)
  renameSync(`${file}.new`, file)
  syncDirectory(folder)
}

function writeSynced(file: string, text: string): void {
  const fd = openSync(file, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function parseState(text: string): StateRecord | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null
    if (typeof value !== 'object' || value === null || value['v'] !== 1) return undefined
    const { node, role, alone, markV, out, sealed, mustCopy, mustKeep } = value
    const term = parseTerm(value['term'])
    const isRole = role === 'hub' || role === 'sealed' || role === 'standby'
    if (!term || !isRole || typeof node !== 'string' || typeof alone !== 'boolean') return undefined
    if (!Number.isSafeInteger(markV) || typeof out !== 'boolean') return undefined
    const seal = sealed === undefined ? undefined : parseSeal(sealed)
    if ((sealed !== undefined || role === 'sealed') && !seal) return undefined
    return {
      v: 1,
      ...{ node, role, term, alone, markV: markV as number, out },
      ...(seal ? { sealed: seal } : {}),
      ...(mustCopy === true ? { mustCopy } : {}),
      ...(mustKeep === true ? { mustKeep } : {}),
    }
  } catch {
    return undefined
  }
}

function parseSeal(value: unknown): StateRecord['sealed'] {
  const { to } = value as Record<string, unknown>
  return isPosition(value) && typeof to === 'string' ? { lsn: value.lsn, chain: value.chain, to } : undefined
}
