import Database from 'better-sqlite3'
import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { StartError } from '../start-error.ts'
import { requireKinds } from './data-dir-kinds.ts'
import { makeDirectory } from './make-directory.ts'
import { inspectDatabase } from './sqlite/inspect.ts'

/** While this is in a data directory, a restore into it has not finished. */
export const restoreStagingName = '.restoring'
/** Locked by the process that uses the directory. */
export const lockFileName = 'hub.lock'

export interface DataDirLock {
  release(): void
}

export interface HubLock extends DataDirLock {
  /**
   * Takes the lock again if its file was removed or replaced, which lets another hub in.
   * @throws StartError `locked` if another hub is in
   */
  renew(): void
}

/**
 * Creates the data directory if it is absent, and keeps every other process out of it. The lock is an open
 * transaction on a small file: the system drops it with the process, however the process ends, so no stale lock
 * file has to be judged.
 * @throws StartError if the directory is in use, cannot be written or is no place for a database
 */
export function lockDataDir(dataDir: string): HubLock {
  // a thread has the mask of its process
  if (isMainThread) process.umask(0o077)
  createDataDir(dataDir)
  restrictPermissions(dataDir)
  requireLocalFileSystem(dataDir)
  requireKinds(dataDir)
  for (const name of ['', lockFileName, 'hub.db']) requireWritable(path.join(dataDir, name))
  if (existsSync(path.join(dataDir, restoreStagingName))) {
    throw new StartError(
      `A restore into ${dataDir} did not finish: empty the directory and run the restore again.`,
    )
  }
  const file = path.join(dataDir, lockFileName)
  if (!existsSync(file)) requireUnusedDatabase(dataDir)
  let lock = acquireLock(dataDir)
  let held = identityOf(file)
  return {
    release: () => lock.release(),
    renew: () => {
      if (identityOf(file) === held) return
      if (!existsSync(dataDir)) throw new StartError(`${dataDir} is gone: the hub stops.`)
      const renewed = acquireLock(dataDir)
      lock.release()
      lock = renewed
      held = identityOf(file)
    },
  }
}

function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

function createDataDir(dataDir: string): void {
  try {
    if (makeDirectory(dataDir)) return
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOTDIR') throw unwritable(dataDir, error)
  }
  throw new StartError(
    `${dataDir} is not a directory: choose a directory for the hub's data with --data, or move that file away.`,
  )
}

/**
 * From here on only the hub's own account can read new files; wider permissions of existing files are restricted
 * now.
 */
function restrictPermissions(dataDir: string): void {
  for (const name of ['', lockFileName, 'hub.db', 'hub.db-wal', 'hub.db-shm']) {
    const file = path.join(dataDir, name)
    try {
      if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, name === '' ? 0o700 : 0o600)
    } catch {
      // absent, or its permissions cannot be changed: an unusable directory is reported below
    }
  }
}

function requireWritable(file: string): void {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw unwritable(file, error)
  }
}

/**
 * The lock file is left behind by every hub. If it was removed, a hub may still run, and has its database open: no
 * lock file is created then, so that no later start is fooled by it. A hub that was killed has nothing open.
 */
function requireUnusedDatabase(dataDir: string): void {
  const file = path.join(dataDir, 'hub.db')
  let raw: Database.Database | undefined
  try {
    // the database of another program is not touched, and a damaged one is reported later
    if (inspectDatabase(file) !== 'hub') return
    raw = new Database(file, { fileMustExist: true, timeout: databaseWaitMs })
    raw.pragma('locking_mode = exclusive')
    raw.exec('begin exclusive; rollback')
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) return
    throw new StartError(
      `Another hub or a backup is using the database in ${dataDir}, although hub.lock was removed: stop it, or wait for the backup, and start again.`,
      { code: 'locked' },
    )
  } finally {
    raw?.close()
  }
}

/** A backup that reads the database may end meanwhile. */
const databaseWaitMs = 2_000

function acquireLock(dataDir: string): DataDirLock {
  const file = path.join(dataDir, lockFileName)
  let raw: Database.Database | undefined
  try {
    // no waiting: another hub holds it for as long as it runs
    const held = (raw = new Database(file, { timeout: 0 }))
    held.pragma('journal_mode = memory')
    held.exec('begin exclusive')
    return { release: () => held.close() }
  } catch (error) {
    raw?.close()
    const code = String((error as { code?: unknown }).code)
    if (code.startsWith('SQLITE_BUSY')) {
      throw new StartError(
        `Another hub is running on ${dataDir}: stop that one, or choose another directory with --data.`,
        { code: 'locked' },
      )
    }
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
      throw new StartError(`${file} is not a lock of Hubbub: delete that file and start again.`)
    }
    throw unwritable(file, error)
  }
}

function unwritable(file: string, cause: unknown): StartError {
  const code = String((cause as { code?: unknown }).code)
  const why = code === 'ENOSPC' || code === 'SQLITE_FULL' ? 'the disk is full' : code
  return new StartError(
    `${file} cannot be written (${why}): give your account write access to it, or choose another directory with --data.`,
  )
}

function requireLocalFileSystem(dataDir: string): void {
  const name = networkFileSystem(dataDir)
  if (name === undefined) return
  throw new StartError(
    `${dataDir} is on a network file system (${name}), where a database can lose messages: choose a directory on a disk of this machine with --data.`,
  )
}

/** Linux's numbers for file systems whose locks and flushes cannot be relied on. */
const networkFileSystemTypes = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
])
const fuseType = 0x65735546
const networkFusePattern = /^(fuse\.(sshfs|rclone|s3fs|gcsfuse|gvfsd-fuse|glusterfs)|davfs2?)$/

/** Returns the name of the network file system that a directory is on, if the system reports it. macOS does not. */
export function networkFileSystem(
  directory: string,
  type = fileSystemType(directory),
  mounts = mountTable,
): string | undefined {
  if (process.platform === 'win32') return directory.startsWith('\\\\') ? 'a shared folder' : undefined
  if (process.platform !== 'linux') return undefined
  if (type !== fuseType) return networkFileSystemTypes.get(type)
  const kind = mountTypeOf(path.resolve(directory), mounts())
  return kind !== undefined && networkFusePattern.test(kind) ? kind : undefined
}

function fileSystemType(directory: string): number {
  return statfsSync(directory).type >>> 0
}

function mountTable(): string {
  return readFileSync('/proc/self/mounts', 'utf8')
}

/** The kind of the innermost mount that holds `directory`. */
function mountTypeOf(directory: string, mounts: string): string | undefined {
  let best = ''
  let found: string | undefined
  for (const line of mounts.split('\n')) {
    const [, at = '', kind] = line.split(' ')
    const point = at.replaceAll('\\040', ' ')
    const inside = directory === point || directory.startsWith(point === '/' ? '/' : `${point}/`)
    if (inside && point.length >= best.length) [best, found] = [point, kind]
  }
  return found
}
