import Database from 'better-sqlite3'
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Contents, fileNameOf } from '../file-storage/contents.ts'
import { openFilesPlace } from '../file-storage/open-files-place.ts'
import { keyFile, readIdentity } from '../identity.ts'
import { StartError } from '../start-error.ts'
import { recordBackup } from './last-backup.ts'
import {
  fileSource,
  isMemberName,
  unpack,
  writeArchive,
  type Manifest,
  type ManifestInfo,
  type ArchiveSource,
} from './archive.ts'
import { checkContents, checkFiles, checkInvariants, checkStructure } from '../db/verify.ts'
import { requireKinds } from '../db/data-dir-kinds.ts'
import { withCleanup } from '../db/with-cleanup.ts'
import { syncDirectory } from '../db/fsync.ts'
import { filesPlaceOf } from '../db/files-mark.ts'
import { filesLockName, lockFiles } from '../db/files-lock.ts'
import type { DataDirLock } from '../db/data-dir-lock.ts'
import { NewerDatabaseError } from '../db/newer-database.ts'
import { migrations } from '../db/migrations/index.ts'
import { applicationId } from '../db/sqlite/connection.ts'
import { programVersion } from '../program-files.ts'

/** A folder in the data directory for a short time. The next start of the hub removes one that was left. */
export const workFolderPrefix = '.download-'

/** Where a hub keeps its files, and its rows if they are in a database server. */
export interface HubPlaces {
  dataDir: string
  database?: string | undefined
}

export interface BackupResult {
  /** Bytes of its content. */
  bytes: number
  files: number
}

/**
 * Writes the database, files and identity of a hub into one file, also while the hub runs. The file gets its name
 * only after it was read back and verified. Copying the database blocks the thread: do not call it in the hub's
 * main thread.
 * @param database the address of the server that has the rows; without it they are in the data directory
 * @throws StartError if the backup cannot be made; then there is no file
 */
export async function backUp(dataDir: string, to: string, database?: string): Promise<BackupResult> {
  if (!existsSync(database === undefined ? path.join(dataDir, 'hub.db') : keyFile(dataDir))) {
    throw new StartError(`There is no hub in ${dataDir}: give its data directory with --data.`)
  }
  requireKinds(dataDir)
  requireNewFile(to)
  const work = makeWorkDirectory(to)
  const workLock = lockFiles(path.join(work, workLockName), 'removing')
  return withCleanup(
    () => {
      workLock?.release()
      // a write in the thread pool may still create a file during this removal
      rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
    },
    async () => {
      try {
        return await backUpLocked(work, { dataDir, database }, to)
      } catch (error) {
        throw diskFullError(error, path.dirname(to)) ?? error
      }
    },
  )
}

async function backUpLocked(work: string, from: HubPlaces, to: string): Promise<BackupResult> {
  const release = await lockFilesForBackup(from)
  try {
    return await writeBackup(work, from, to)
  } finally {
    await release()
  }
}

/**
 * Keeps the processes of a hub from removing files during the backup. Returns what ends that. A read-only directory has no hub
 * that could remove any.
 */
export async function lockFilesForBackup({ dataDir, database }: HubPlaces): Promise<() => Promise<void>> {
  const lock = lockFilesHere(dataDir)
  try {
    const { holdFiles } = database === undefined ? {} : await import('../db/postgres/files-link.ts')
    const release = holdFiles && database !== undefined ? await holdFiles(database) : undefined
    return async () => {
      lock?.release()
      await release?.()
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

function lockFilesHere(dataDir: string): DataDirLock | undefined {
  try {
    return lockFiles(path.join(dataDir, filesLockName), 'reading', 10_000)
  } catch (error) {
    if (error instanceof StartError) throw error
    return undefined
  }
}

async function writeBackup(work: string, from: HubPlaces, to: string): Promise<BackupResult> {
  const unfinished = path.join(work, 'backup.tar')
  const place = await openFilesPlace(from.dataDir, filesPlaceOf(from.dataDir))
  const manifest = await collectSources(from, work, place.contents)
    .then(([info, sources]) => writeArchive(unfinished, info, sources))
    .finally(() => place.close())
  rmSync(path.join(work, 'hub.db'))
  await verifyBackup(unfinished, path.join(work, 'check'))
  requireNewFile(to)
  renameSync(unfinished, to)
  syncDirectory(path.dirname(to))
  recordBackup(from.dataDir)
  return {
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, { size }) => sum + size, 0),
  }
}

function requireNewFile(to: string): void {
  if (existsSync(to)) {
    throw new StartError(`${to} already exists and is not overwritten: choose another name with --to.`)
  }
}

/** Longer than any backup takes; an older directory was left by a killed backup, and holds a copy of everything. */
const staleWorkMs = 24 * 60 * 60 * 1000

function removeStaleWork(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(workPrefix)) continue
    const left = path.join(directory, name)
    try {
      if (Date.now() - statSync(left).mtimeMs > staleWorkMs && !isInUse(left)) {
        rmSync(left, { recursive: true, force: true })
      }
    } catch {
      // it belongs to another account, or another backup has just removed it
    }
  }
}

/** A clock that was set makes a running backup look old too, but that one holds its lock. */
function isInUse(work: string): boolean {
  const file = path.join(work, workLockName)
  if (!existsSync(file)) return false
  const lock = lockFiles(file, 'removing')
  lock?.release()
  return lock === undefined
}

const workLockName = 'work.lock'
const workPrefix = '.hubbub-backup-'

/** Next to the target, so that the finished file only needs a rename. Only this account can read it. */
function makeWorkDirectory(to: string): string {
  try {
    removeStaleWork(path.dirname(to))
    return mkdtempSync(path.join(path.dirname(to), workPrefix))
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    throw new StartError(
      `No file can be written in ${path.dirname(to)} (${code}): make that directory, or choose another one with --to.`,
    )
  }
}

async function collectSources(
  from: HubPlaces,
  work: string,
  contents: Contents,
): Promise<[ManifestInfo, ArchiveSource[]]> {
  const [info, sources] = await collectDatabase(from, work)
  // after the database: a file that a message refers to was there before the message
  return [info, [...sources, ...selectMembers(await contents.listNamed())]]
}

/** Copies the database to `work`, and returns it with the identity: all of a backup but the files. */
export async function collectDatabase(
  { dataDir, database }: HubPlaces,
  work: string,
  now = Date.now(),
): Promise<[ManifestInfo, ArchiveSource[]]> {
  const copy = path.join(work, 'hub.db')
  const { hubId } = readIdentity(path.join(dataDir, 'identity', 'hub-key.pem'))
  if (database === undefined) copyDatabase(path.join(dataDir, 'hub.db'), copy)
  else {
    const { exportDatabase } = await import('../db/postgres/copy.ts')
    await exportDatabase(database, copy, { dataDir, hubId })
  }
  const about = readHubInfo(copy)
  const sources = [
    fileSource('hub.db', copy),
    // a restored hub issues a new leaf certificate: this one is for the names of the old computer
    ...listSources(dataDir, 'identity').filter(({ name }) => name !== 'identity/leaf.pem'),
  ]
  return [{ program: programVersion(), hubId, ...about, madeAt: now }, sources]
}

/** Copies one state of a database while other connections write to it. */
function copyDatabase(from: string, to: string): void {
  const raw = new Database(from, { readonly: true, fileMustExist: true, timeout: 10_000 })
  try {
    const schema = raw.pragma('user_version', { simple: true }) as number
    if (schema > migrations.length) {
      throw new NewerDatabaseError(`schema ${schema}, this program knows ${migrations.length}`)
    }
    raw.prepare('vacuum into ?').run(to)
  } finally {
    raw.close()
  }
}

const countMessages = 'select count(*) from message where deleted_at is null'

function readHubInfo(file: string): Pick<Manifest, 'epoch' | 'schema' | 'hubName' | 'messages'> {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const schema = raw.pragma('user_version', { simple: true }) as number
    const row = schema > 0 ? raw.prepare('select epoch, name from hub').get() : undefined
    const { epoch, name = '' } = (row ?? {}) as { epoch?: string; name?: string }
    const messages = schema > 0 ? raw.prepare(countMessages).pluck().get() : 0
    if (epoch !== undefined) return { epoch, schema, hubName: name, messages: messages as number }
  } finally {
    raw.close()
  }
  throw new StartError('This hub never finished starting, so there is nothing to back up: start it first.')
}

function listSources(dataDir: string, folder: string): ArchiveSource[] {
  const directory = path.join(dataDir, folder)
  if (!existsSync(directory)) return []
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => fileSource(path.relative(dataDir, file).split(path.sep).join('/'), file))
  return selectMembers(files)
}

function selectMembers(sources: readonly ArchiveSource[]): ArchiveSource[] {
  return sources
    .filter(({ name }) => isMemberName(name) && !/\.(new|tmp)$/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Verifies a finished archive by reading it as a restore would. */
async function verifyBackup(archive: string, scratch: string): Promise<void> {
  const manifest = await unpack(archive, scratch, (name) => !name.startsWith('files/'))
  const [problem] = findBackupProblems(scratch, manifest)
  if (problem === undefined) return
  throw new StartError(
    `The backup was discarded, because its content is damaged (${problem}): keep the data directory as it is, replace what is damaged from an earlier backup or delete what it belongs to, and back up again.`,
  )
}

/** Returns the problems of an unpacked backup, beyond its digests. */
export function findBackupProblems(directory: string, manifest: Manifest): string[] {
  for (const name of ['hub.db', 'identity/hub-key.pem']) {
    if (!manifest.files.some((file) => file.name === name)) return [`${name} is not in it`]
  }
  try {
    if (readIdentity(path.join(directory, 'identity', 'hub-key.pem')).hubId !== manifest.hubId) {
      return ['its key belongs to another hub']
    }
    return findDatabaseProblems(path.join(directory, 'hub.db'), manifest)
  } catch (error) {
    // the words of these errors are for a data directory, and name the folder of the check
    if (error instanceof StartError) return ['its key is damaged']
    if (error instanceof Database.SqliteError && !isDiskFull(error)) {
      return [`its database is damaged: ${error.message}`]
    }
    throw error
  }
}

function findDatabaseProblems(file: string, manifest: Manifest): string[] {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  try {
    raw.pragma('trusted_schema = off')
    if (raw.pragma('application_id', { simple: true }) !== applicationId) {
      return ['its database is not one of Hubbub']
    }
    const schema = raw.pragma('user_version', { simple: true }) as number
    if (schema > migrations.length) {
      throw new NewerDatabaseError(`schema ${schema}, this program knows ${migrations.length}`)
    }
    const structure = checkStructure(raw)
    if (structure.length > 0) return structure
    const hub = schema > 0 ? raw.prepare('select epoch from hub where id = 1').get() : undefined
    if (hub === undefined) return ['its database has lost its content']
    const digests = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256]))
    const lost = new Set(manifest.lost)
    return [
      ...checkInvariants(raw),
      ...checkFiles(raw, (digest) => digests.has(fileNameOf(digest)) || lost.has(digest)),
      ...checkContents(raw, (digest) => digests.get(fileNameOf(digest))),
    ]
  } finally {
    raw.close()
  }
}

/** Returns the message for a full disk, or undefined for any other error. */
export function diskFullError(error: unknown, directory: string): StartError | undefined {
  if (!isDiskFull(error)) return undefined
  return new StartError(`There is not enough space in ${directory}: free some and try again.`)
}

export function isDiskFull(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code)
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL'
}
