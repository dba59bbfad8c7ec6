import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { BackupStatus } from '../../shared/contract/backups.ts'
import { isBackupRecord } from './backup-record-form.ts'
import { writeDurably, type PlaceProblem } from './pool.ts'
import type { KeepRule } from './retention.ts'

/*
 * What the computer knows of its backups: `backups.json` in the data directory. It is no part of a backup, since a
 * restored hub must not write to the folders of another computer.
 */

export interface PlaceRecord {
  path: string
  /** Its pool was made: if it is not there, the place is away. */
  isKnown: boolean
  /** When its last verified point was made, and when one was last tried, by the hub's clock. */
  at?: number
  triedAt?: number
  problem?: { kind: PlaceProblem; message: string }
  /** When its last verified point was made on another disk than that of the hub's data. */
  elsewhereAt?: number
  /** Files that the last point lacks, because the hub has lost them. */
  lost?: number
}

export interface BackupRecord {
  format: 1
  /** Names this data directory in the pools. */
  writer: string
  isOn: boolean
  time: string
  keep: KeepRule
  places: PlaceRecord[]
  rehearsal?: NonNullable<BackupStatus['rehearsal']>
}

const fileName = 'backups.json'

const defaultPlaceName = 'backups'

export function defaultPlace(dataDir: string): string {
  return path.join(dataDir, defaultPlaceName)
}

export function isWithin(dir: string, file: string): boolean {
  const [first] = path.relative(dir, file).split(path.sep)
  return first !== '..' && !path.isAbsolute(path.relative(dir, file))
}

function defaultRecord(dataDir: string): BackupRecord {
  return {
    format: 1,
    writer: randomBytes(16).toString('base64url'),
    isOn: true,
    time: '03:00',
    keep: { days: 7, weeks: 4, months: 6 },
    places: [{ path: defaultPlace(dataDir), isKnown: false }],
  }
}

const damagedMessage =
  'The settings of the backups were damaged, so the defaults apply. Check the folders, the time and how many points are kept.'

/**
 * Losing the file costs a question: its pools are then those of another writer. Settings that are damaged in one place count
 * for nothing, since another rule would remove points. The file is renamed, so that its folders can be looked up.
 * @param onDamaged called with the name that it has now
 */
export function readBackupRecord(dataDir: string, onDamaged: (file: string) => void): BackupRecord {
  const file = path.join(dataDir, fileName)
  const record = defaultRecord(dataDir)
  if (!existsSync(file)) return record
  const stored = parseRecord(file)
  if (stored) return { ...record, ...stored, places: toAbsolute(stored.places, dataDir) }
  const problem = { kind: 'failed', message: damagedMessage } as const
  const replaced = { ...record, places: record.places.map((place) => ({ ...place, problem })) }
  const damaged = `${file}.damaged`
  try {
    renameSync(file, damaged)
    saveBackupRecord(dataDir, replaced)
    onDamaged(damaged)
  } catch {
    // the directory is read-only
    onDamaged(file)
  }
  return replaced
}

function parseRecord(file: string): BackupRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isBackupRecord(record) ? (record as BackupRecord) : undefined
  } catch {
    return undefined
  }
}

export function saveBackupRecord(dataDir: string, record: BackupRecord): void {
  const places = record.places.map((place) =>
    place.path === defaultPlace(dataDir) ? { ...place, path: defaultPlaceName } : place,
  )
  writeDurably(path.join(dataDir, fileName), `${JSON.stringify({ ...record, places }, null, 1)}\n`)
}

/** The folder in the data directory is stored by its name: it moves with the directory. */
function toAbsolute(places: readonly PlaceRecord[], dataDir: string): PlaceRecord[] {
  return places.map((place) =>
    place.path === defaultPlaceName ? { ...place, path: defaultPlace(dataDir) } : place,
  )
}
