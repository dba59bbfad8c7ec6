import Database from 'better-sqlite3'
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { copyFile, link, open } from 'node:fs/promises'
import path from 'node:path'
import { filesPlaceOf } from '../db/files-mark.ts'
import { syncDirectory } from '../db/fsync.ts'
import { fileNameOf } from '../file-storage/contents.ts'
import { readIdentity } from '../identity.ts'
import { StartError } from '../start-error.ts'
import { unpack, writeArchive, type ArchiveMember } from './archive.ts'
import { defaultPlace, isWithin } from './backup-settings.ts'
import {
  collectDatabase,
  findBackupProblems,
  type HubPlaces,
  isDiskFull,
  lockFilesForBackup,
} from './backup.ts'
import { digestOf } from './digest.ts'
import { recordBackup } from './last-backup.ts'
import { PlaceError, Pool, type PointSummary } from './pool.ts'
import { spareBytes } from './room.ts'
import { choosePointsToRemove, type KeepRule } from './retention.ts'
import { referencedDigests } from '../db/verify.ts'

export interface PlaceTask extends HubPlaces {
  place: string
  /** Names the data directory among all that could write to the pool. */
  writer: string
  /** The pool was made before. */
  isKnown: boolean
  takesOver?: boolean
}

export interface PointTask extends PlaceTask {
  /** The time by the hub's clock. */
  now: number
  /** Undefined: nothing is pruned, since the clock is in doubt. */
  keep: KeepRule | undefined
}

export interface MadePoint {
  name: string
  messages: number
  files: number
  lost: number
  /** Points that were pruned. */
  removed: number
}

/** Files that were in the pool before are read again in this many nights. */
const rereadDays = 7
const dayMs = 24 * 60 * 60_000

/**
 * Makes a point, verifies it and prunes older ones. Blocks the thread while the database is copied.
 * @throws PlaceError, StartError; then the earlier points are as they were
 */
export async function makePoint(task: PointTask): Promise<MadePoint> {
  const { dataDir, place, now, keep } = task
  const pool = openPool(task)
  const lock = pool.lock()
  try {
    const work = pool.makeWorkFolder()
    const release = await lockFilesForBackup(task)
    let made: { name: string; summary: PointSummary }
    try {
      const { size = 0 } = statSync(path.join(dataDir, 'hub.db'), { throwIfNoEntry: false }) ?? {}
      requireSpace(place, size * 2)
      made = await writePoint(task, pool, work)
    } finally {
      await release()
      rmSync(work, { recursive: true, force: true })
    }
    recordBackup(dataDir, now)
    const removed = keep ? prune(pool, keep, now) : 0
    const { messages, blobs, lost } = made.summary
    return { name: made.name, messages, files: blobs.length, lost: lost.length, removed }
  } finally {
    lock.release()
  }
}

/** Makes the folder of the hub in a place, or finds it. @throws PlaceError */
export function openPool({ dataDir, place, writer, isKnown, takesOver = false }: PlaceTask): Pool {
  requireOutside(dataDir, place)
  const { hubId } = readIdentity(path.join(dataDir, 'identity', 'hub-key.pem'))
  const pool = new Pool(place, hubId)
  pool.open({ hubId, writer }, { isKnown, takesOver })
  return pool
}

/**
 * Also through links, and from the command line: a pool among the files of the hub would be part of its own backups.
 * @throws PlaceError
 */
function requireOutside(dataDir: string, place: string): void {
  if (place === defaultPlace(dataDir) || !existsSync(place)) return
  const [data, folder] = [realpathSync(dataDir), realpathSync(place)]
  // the data directory may have been reached by another name when the folder was set
  if (isWithin(data, folder) && folder !== defaultPlace(data)) {
    throw new PlaceError('failed', 'The folder is in the hub’s data. Choose one outside of it.')
  }
}

async function writePoint(
  { dataDir, database, place, now }: PointTask,
  pool: Pool,
  work: string,
): Promise<{ name: string; summary: PointSummary }> {
  const [about, sources] = await collectDatabase({ dataDir, database }, work, now)
  const digests = readDigests(path.join(work, 'hub.db'))
  const { blobs, lost } = await collectBlobs({ filesRoot: filesPlaceOf(dataDir), place, pool, now }, digests)
  const archive = path.join(work, 'point.tar')
  const written = await writeArchive(archive, { ...about, blobs, lost }, sources)
  rmSync(path.join(work, 'hub.db'))
  const check = path.join(work, 'check')
  const manifest = await unpack(archive, check, () => true, 'skip')
  const [problem] = findBackupProblems(check, manifest)
  if (problem !== undefined) {
    throw new StartError(`The backup was discarded, because its content is damaged (${problem}).`)
  }
  const name = pool.nameAt(now)
  const summary: PointSummary = {
    ...{
      format: 1,
      madeAt: now,
      program: written.program,
      messages: about.messages ?? 0,
      blobs,
      lost,
      verifiedAt: now,
    },
    bytes: statSync(archive).size,
    fileBytes: blobs.reduce((sum, { size }) => sum + size, 0),
  }
  pool.addPoint(name, archive, summary)
  return { name, summary }
}

function readDigests(file: string): string[] {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  try {
    return [...new Set(referencedDigests(raw))].sort()
  } finally {
    raw.close()
  }
}

interface BlobTarget {
  filesRoot: string
  place: string
  pool: Pool
  now: number
}

/** Brings every file into the pool that is not there yet. */
async function collectBlobs(
  target: BlobTarget,
  digests: readonly string[],
): Promise<{ blobs: ArchiveMember[]; lost: string[] }> {
  const blobs: ArchiveMember[] = []
  const lost: string[] = []
  const folders = new Set<string>()
  for (const digest of digests) {
    const blob = await collectBlob(target, digest, folders)
    if (blob) blobs.push(blob)
    else lost.push(digest)
  }
  for (const folder of folders) syncDirectory(folder)
  return { blobs, lost }
}

/** Returns nothing if neither the hub nor the pool has this content any more. */
async function collectBlob(
  { filesRoot, place, pool, now }: BlobTarget,
  digest: string,
  folders: Set<string>,
): Promise<ArchiveMember | undefined> {
  const name = fileNameOf(digest)
  const to = pool.blobFile(name)
  const there = statSync(to, { throwIfNoEntry: false })
  const isDue = Number.parseInt(digest.slice(0, 2), 16) % rereadDays === Math.floor(now / dayMs) % rereadDays
  if (there?.isFile()) {
    const source = statSync(path.join(filesRoot, name), { throwIfNoEntry: false })
    const isSame = source === undefined || source.size === there.size
    if (isSame && !isDue) return { name, size: there.size, sha256: digest }
    if ((await digestOf(to)) === digest) return { name, size: there.size, sha256: digest }
  }
  const from = path.join(filesRoot, name)
  if (!existsSync(from)) return undefined
  makeFolders(pool, to, folders)
  const unfinished = `${to}.new`
  rmSync(unfinished, { force: true })
  try {
    await linkOrCopy(from, unfinished, place)
    if ((await digestOf(unfinished)) !== digest) return undefined
    renameSync(unfinished, to)
  } finally {
    // after an error a part of it takes the room that is lacking
    rmSync(unfinished, { force: true })
  }
  folders.add(path.dirname(to))
  return { name, size: statSync(to).size, sha256: digest }
}

function makeFolders(pool: Pool, file: string, folders: Set<string>): void {
  const folder = path.dirname(file)
  if (existsSync(folder)) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const one of [path.dirname(folder), path.join(pool.dir, 'blobs')]) folders.add(one)
}

/** A stored file is never changed, only replaced: on the same disk a second name of it is enough. */
async function linkOrCopy(from: string, to: string, place: string): Promise<void> {
  try {
    await link(from, to)
    return
  } catch {
    // another disk, or a file system without links
  }
  requireSpace(place, statSync(from).size)
  await copyFile(from, to)
  const handle = await open(to, 'r+')
  try {
    await handle.chmod(0o600)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** @throws PlaceError `full` */
function requireSpace(place: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(place)
  if (bavail * bsize < bytes + spareBytes) throw placeFull()
}

function placeFull(cause?: unknown): PlaceError {
  return new PlaceError('full', 'There is not enough space in the folder.', { cause })
}

/** Returns how many points were removed. Nothing is, while a point cannot be read. */
function prune(pool: Pool, keep: KeepRule, now: number): number {
  const { points, isWhole } = pool.list()
  if (!isWhole) return 0
  const gone = choosePointsToRemove(points, keep, now)
  for (const { name } of gone) pool.removePoint(name)
  pool.removeBlobs(points.filter((point) => !gone.includes(point)))
  return gone.length
}

/**
 * Reads a point and all of its files. Notes the result in its summary, and returns the problem if there is one.
 * @throws PlaceError
 */
export async function verifyPoint(
  task: PlaceTask & { name: string; now: number },
): Promise<string | undefined> {
  const pool = openPool(task)
  const lock = pool.lock()
  try {
    const point = pool.list().points.find(({ name }) => name === task.name)
    if (!point) throw new PlaceError('failed', 'This backup is not there any more.')
    const { name, file, problem: _, ...summary } = point
    const problem = await findPointProblem(pool, file)
    pool.writeSummary(name, {
      ...summary,
      verifiedAt: task.now,
      ...(problem === undefined ? {} : { problem }),
    })
    return problem
  } finally {
    lock.release()
  }
}

async function findPointProblem(pool: Pool, file: string): Promise<string | undefined> {
  const work = pool.makeWorkFolder()
  try {
    const manifest = await unpack(file, work, (name) => !name.startsWith('files/'))
    return findBackupProblems(work, manifest)[0]
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** What an error means for a place: it is away or full, or the backup failed for another reason. */
export function toPlaceError(error: unknown, { place }: { place: string }): PlaceError {
  if (error instanceof PlaceError) return error
  if (isDiskFull(error)) return placeFull(error)
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof StartError) return new PlaceError('failed', message, { cause: error })
  const { code, path: at } = error as NodeJS.ErrnoException
  const isAway = !existsSync(place) || (code === 'ENOENT' && at?.startsWith(place) === true)
  if (isAway) return new PlaceError('away', 'The folder is not there.', { cause: error })
  return new PlaceError('failed', code === undefined ? message : `The system reports ${code}.`, {
    cause: error,
  })
}
