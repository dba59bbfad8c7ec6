import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { lockFiles } from '../db/files-lock.ts'
import { syncDirectory } from '../db/fsync.ts'
import type { DataDirLock } from '../db/data-dir-lock.ts'
import type { ArchiveMember } from './archive.ts'
import { blobFileOf } from './pool-names.ts'

/*
 * The folder of a hub in a place for backups. Invariants:
 *
 * 1. A point counts if both its archive and its summary are there. The summary is written first and the archive gets its
 *    name last, so a killed backup leaves none.
 * 2. Only the data directory that `pool.json` names writes here, and only under the lock.
 * 3. A file in `blobs/` is written under another name, synced and renamed. Its name is its SHA-256.
 */

/** Why a place cannot be used now. `away`: the pool that was made there is not. `taken`: another hub writes there. */
export type PlaceProblem = 'away' | 'taken' | 'full' | 'failed'

export class PlaceError extends Error {
  override name = 'PlaceError'
  readonly problem: PlaceProblem

  constructor(problem: PlaceProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}

/** What is said of a point without reading its archive. */
export interface PointSummary {
  format: 1
  /** When it was made, by the clock of the hub. */
  madeAt: number
  program: string
  messages: number
  /** Bytes of the archive, and of all files it refers to. */
  bytes: number
  fileBytes: number
  blobs: ArchiveMember[]
  /** Digests of files that the hub had lost already. */
  lost: string[]
  /** When it was last read as a whole, and what was wrong with it. */
  verifiedAt: number
  problem?: string
}

export interface Point extends PointSummary {
  /** Without extension. */
  name: string
  file: string
}

interface PoolMark {
  format: 1
  hubId: string
  /** Random; in the settings of the data directory that writes here. */
  writer: string
}

const markFile = 'pool.json'
const archiveExtension = '.hubbub'
const summaryExtension = '.json'
const pointNamePattern = /^\d{8}T\d{6}Z(-\d+)?$/

export class Pool {
  readonly dir: string

  constructor(place: string, hubId: string) {
    this.dir = path.join(place, `hubbub-${Buffer.from(hubId, 'base64url').toString('hex').slice(0, 12)}`)
  }

  /**
   * Makes the pool if it is not there, and requires that this hub may write to it.
   * @param isKnown it was made before: then it is not made again
   * @throws PlaceError
   */
  open(mark: { hubId: string; writer: string }, { isKnown = false, takesOver = false } = {}): void {
    const found = this.#readMark()
    if (!found && isKnown) throw new PlaceError('away', 'The folder of the backups is not there.')
    if (found && found.hubId !== mark.hubId) throw new PlaceError('taken', 'Another hub has this folder.')
    if (found && found.writer !== mark.writer && !takesOver) {
      throw new PlaceError('taken', 'Another copy of this hub writes its backups here.')
    }
    if (found?.writer === mark.writer) return
    if (!existsSync(path.dirname(this.dir))) throw new PlaceError('away', 'The folder is not there.')
    for (const name of ['', 'points', 'blobs']) {
      const folder = path.join(this.dir, name)
      // not recursive: in a folder such as /proc/self that never ends
      if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
    }
    // its name is in the folder of the user
    syncDirectory(path.dirname(this.dir))
    writeDurably(path.join(this.dir, markFile), JSON.stringify({ format: 1, ...mark } satisfies PoolMark))
  }

  /** Keeps other writers out, this hub's own commands among them. @throws PlaceError */
  lock(): DataDirLock {
    const lock = lockFiles(path.join(this.dir, 'pool.lock'), 'removing', 1000)
    if (!lock) throw new PlaceError('taken', 'Another backup is being written to this folder.')
    return lock
  }

  /** The points that count, the newest first. `isWhole`: every summary could be read. */
  list(): { points: Point[]; isWhole: boolean } {
    const names = listNames(path.join(this.dir, 'points'))
    const archives = new Set(names.filter((name) => name.endsWith(archiveExtension)))
    const points: Point[] = []
    let isWhole = true
    for (const archive of archives) {
      const name = archive.slice(0, -archiveExtension.length)
      // a user who renames or copies an archive wants to keep it, and with it its files
      const summary = pointNamePattern.test(name) ? this.#readSummary(name) : undefined
      if (summary) points.push({ ...summary, name, file: path.join(this.dir, 'points', archive) })
      else isWhole = false
    }
    return { points: points.sort((a, b) => b.madeAt - a.madeAt || (a.name < b.name ? 1 : -1)), isWhole }
  }

  /** A name that no point has. */
  nameAt(madeAt: number): string {
    const time = new Date(madeAt).toISOString().replace(/[-:]|\.\d+/g, '')
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? time : `${time}-${count}`
      if (!existsSync(this.archiveOf(name))) return name
    }
  }

  archiveOf(name: string): string {
    return path.join(this.dir, 'points', `${name}${archiveExtension}`)
  }

  /** The archive is complete and verified: from now on the point counts. */
  addPoint(name: string, archive: string, summary: PointSummary): void {
    this.writeSummary(name, summary)
    renameSync(archive, this.archiveOf(name))
    syncDirectory(path.join(this.dir, 'points'))
  }

  writeSummary(name: string, summary: PointSummary): void {
    writeDurably(path.join(this.dir, 'points', `${name}${summaryExtension}`), JSON.stringify(summary))
  }

  removePoint(name: string): void {
    // the archive first: without it the summary counts for nothing
    for (const extension of [archiveExtension, summaryExtension]) {
      rmSync(path.join(this.dir, 'points', `${name}${extension}`), { force: true })
    }
    syncDirectory(path.join(this.dir, 'points'))
  }

  /** Removes files that no point refers to. Returns how many. Called under the lock, with all points known. */
  removeBlobs(points: readonly PointSummary[]): number {
    const kept = new Set(points.flatMap(({ blobs }) => blobs.map(({ sha256 }) => sha256)))
    let removed = 0
    const dir = path.join(this.dir, 'blobs')
    for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || kept.has(entry.name)) continue
      rmSync(path.join(entry.parentPath, entry.name), { force: true })
      removed += 1
    }
    return removed
  }

  /** A folder for unfinished work, without what a killed backup has left. Called under the lock. */
  makeWorkFolder(): string {
    for (const name of listNames(this.dir)) {
      if (name.startsWith(workPrefix)) rmSync(path.join(this.dir, name), { recursive: true, force: true })
    }
    const work = path.join(this.dir, `${workPrefix}${randomBytes(6).toString('hex')}`)
    mkdirSync(work, { mode: 0o700 })
    return work
  }

  blobFile(member: string): string {
    return blobFileOf(this.dir, member)
  }

  #readMark(): PoolMark | undefined {
    let text: string
    try {
      text = readFileSync(path.join(this.dir, markFile), 'utf8')
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw new PlaceError('away', `The folder cannot be read (${code}).`, { cause: error })
    }
    try {
      const mark = JSON.parse(text) as Partial<PoolMark>
      if (typeof mark.hubId === 'string' && typeof mark.writer === 'string') return mark as PoolMark
    } catch {
      // said below
    }
    throw new PlaceError('taken', `${markFile} in the folder of the backups is damaged.`)
  }

  #readSummary(name: string): PointSummary | undefined {
    try {
      const file = path.join(this.dir, 'points', `${name}${summaryExtension}`)
      const summary: unknown = JSON.parse(readFileSync(file, 'utf8'))
      return isSummary(summary) ? summary : undefined
    } catch {
      return undefined
    }
  }
}

/** The place may be on a computer of others: of a summary nothing is taken for granted. */
function isSummary(value: unknown): value is PointSummary {
  const { format, madeAt, program, blobs, lost, problem, ...counts } = { ...(value as Partial<PointSummary>) }
  const numbers = [counts.messages, counts.bytes, counts.fileBytes, counts.verifiedAt]
  return (
    format === 1 &&
    isTime(madeAt) &&
    typeof program === 'string' &&
    numbers.every((number) => Number.isSafeInteger(number) && (number ?? -1) >= 0) &&
    isArrayOf(blobs, (blob: Partial<ArchiveMember> | null) => isDigest(blob?.sha256)) &&
    isArrayOf(lost, isDigest) &&
    (problem === undefined || typeof problem === 'string')
  )
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && !Number.isNaN(new Date(value as number).getTime())
}

function isArrayOf<T>(value: unknown, is: (one: T) => boolean): boolean {
  return Array.isArray(value) && value.every((one: T) => is(one))
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

const workPrefix = '.work-'

function listNames(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Replaces a small file as a whole, or not at all. */
export function writeDurably(file: string, text: string): void {
  const unfinished = `${file}.new`
  const handle = openSync(unfinished, 'w', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(unfinished, file)
  syncDirectory(path.dirname(file))
}
