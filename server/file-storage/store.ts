import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { filesLockName, lockFiles } from '../db/files-lock.ts'
import { HubError } from '../../shared/errors.ts'
import { Quarantine } from './quarantine.ts'
import type { SharedFiles } from './shared-files.ts'
import { isOlderThan } from './upload-files.ts'

/*
 * Content-addressed files: the SHA-256 of the content is the name (hex, files/ab/cd/abcd…), so equal content is stored
 * once and can be verified. A digest never leaves the hub: URLs contain ids of the rows that refer to it. Invariants:
 * 1. The file is written before the row: under a temporary name, synced, renamed, and the directory synced. Only then
 *    may a row refer to it. After a crash there may be a file without a row, never the reverse.
 * 2. A file whose last row was deleted is removed, unless it was added again meanwhile: its row may not be written yet.
 *    During a backup no file is removed, so that the backup finds every file its copy of the database refers to.
 * 3. A file that no row refers to, without a deletion, proves nothing: the database may be the wrong one. It is set
 *    aside for some days (quarantine.ts), and not even that if it would be most of the files.
 *    Rules 2 and 3 are those of a hub of one process. For several see shared-files.ts.
 * 4. Unfinished uploads are in uploads/, and are moved here when they are complete.
 */
/** What a comparison of the files with the rows has found. */
export interface FileSurvey {
  /** Files that are here. */
  total: number
  /** Files that no row refers to and that were left where they are, because they are most of the files. */
  unreferenced: number
  /** Files that were set aside now. */
  setAside: number
  /** Files that rows refer to and that are not here. */
  missing: number
}

/** Who else may use the files: nobody, processes with the same folder, or processes that have other folders. */
type FileAccess = 'alone' | 'none' | SharedFiles

interface FilePlaces {
  /** The folder that has the files, if it is not the data directory. */
  root?: string
  access?: FileAccess
}

export class FileStore {
  readonly quarantine: Quarantine
  readonly #dir: string
  readonly #lock: string
  /** Contents whose row may be on its way: how often each was put, and when last in monotonic ms. */
  readonly #expected = new Map<string, { count: number; at: number }>()

  /** The folder that has the files, and uploads on their way. */
  readonly root: string
  readonly access: FileAccess

  constructor(dataDir: string, { root = dataDir, access = 'alone' }: FilePlaces = {}) {
    this.root = root
    this.access = access
    this.#dir = path.join(root, 'files')
    this.#lock = path.join(dataDir, filesLockName)
    this.quarantine = new Quarantine(root)
  }

  /** Called before the first byte of a content or an upload is written. @throws HubError `forbidden`, `busy` */
  async requireWritable(): Promise<void> {
    if (this.access === 'alone') return
    if (this.access === 'none') throw noSharedFolder()
    await this.access.requireFolder()
  }

  /**
   * Stores the content; returns its digest once it is on the disk. It stays until `settle` is called, whatever
   * happens to other rows with this content. @throws HubError `disk_full`
   */
  async writeContent(bytes: Uint8Array): Promise<string> {
    await this.requireWritable()
    const digest = createHash('sha256').update(bytes).digest('hex')
    await this.#expect(digest)
    await mapDiskFull(() => this.#write(this.pathOf(digest), bytes))
    return digest
  }

  /**
   * Moves a synced file with this content in from elsewhere on the same disk. Its old name remains. It stays until
   * `settle` is called.
   */
  async moveFileIn(file: string, digest: string): Promise<void> {
    await this.requireWritable()
    await this.#expect(digest)
    const target = this.pathOf(digest)
    await mapDiskFull(async () => {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
      await replaceByLink(file, target)
      await this.#syncDirectories(path.dirname(target))
    })
  }

  /** The rows of these contents are written, or will never be. */
  settle(digests: readonly string[]): void {
    for (const digest of digests) {
      const expected = this.#expected.get(digest)
      if (!expected) continue
      expected.count -= 1
      if (expected.count <= 0) this.#expected.delete(digest)
    }
  }

  /** @throws MissingContentError if the disk has lost it */
  read(digest: string): Promise<Buffer> {
    return readFile(this.pathOf(digest)).catch(rethrowMissing)
  }

  /** @throws MissingContentError if the disk has lost it */
  async sizeOf(digest: string): Promise<number> {
    return (await stat(this.pathOf(digest)).catch(rethrowMissing)).size
  }

  pathOf(digest: string): string {
    return path.join(this.#dir, ...fileNameOf(digest).split('/').slice(1))
  }

  /**
   * Removes those contents that no row refers to, which is asked once it is certain that no backup reads. Returns
   * those that are dealt with: removed, or referred to. Undefined if a backup is in the way.
   */
  async remove(digests: readonly string[], findReferenced: FindReferenced): Promise<string[] | undefined> {
    const lock = this.access === 'alone' ? lockFiles(this.#lock, 'removing') : undefined
    if (!lock) return undefined
    try {
      const kept = await findReferenced(digests)
      const done = digests.filter((digest) => kept.has(digest) || !this.#isExpected(digest))
      // synchronous between the check and the removal, so no file can be added meanwhile
      for (const digest of done) if (!kept.has(digest)) rmSync(this.pathOf(digest), { force: true })
      return done
    } finally {
      lock.release()
    }
  }

  /**
   * Compares the files with the rows, and sets aside what no row refers to (rule 3). Returns undefined if a backup is
   * in the way, and in a hub of several processes: none of them knows what the others are about to write.
   * @param allReferenced at the start: every digest that a row refers to, to find what is missing and put it back
   */
  async survey(
    now: number,
    findReferenced: FindReferenced,
    allReferenced?: readonly string[],
  ): Promise<FileSurvey | undefined> {
    const lock = this.access === 'alone' ? lockFiles(this.#lock, 'removing') : undefined
    if (!lock) return undefined
    try {
      const { files, unfinished } = await this.#list()
      const orphans = await this.#findOrphans([...files.keys()], findReferenced)
      const isMost = orphans.length * 2 > files.size
      let setAside = 0
      for (let at = 0; !isMost && at < orphans.length; at += filesPerStep) {
        // looked at once more, since rows may have been written meanwhile
        for (const digest of await this.#findOrphans(orphans.slice(at, at + filesPerStep), findReferenced)) {
          this.quarantine.add(files.get(digest) as string, now)
          setAside += 1
        }
      }
      if (allReferenced) for (const file of unfinished) this.quarantine.add(file, now)
      const missing = allReferenced ? this.#putBackMissing(allReferenced, files) : 0
      return { total: files.size, unreferenced: isMost ? orphans.length : 0, setAside, missing }
    } finally {
      lock.release()
    }
  }

  /**
   * In a folder that processes share: removes what a killed one has not finished, and counts what is missing.
   * @param allReferenced read before this, so that a file that is removed meanwhile does not count
   */
  async surveyShared(allReferenced: readonly string[]): Promise<FileSurvey> {
    const { files, unfinished } = await this.#list()
    for (const file of unfinished)
      if (await isOlderThan(file, unfinishedAfterMs)) await rm(file, { force: true })
    const missing = allReferenced.filter((digest) => !files.has(digest)).length
    return { total: files.size, unreferenced: 0, setAside: 0, missing }
  }

  async #findOrphans(digests: readonly string[], findReferenced: FindReferenced): Promise<string[]> {
    const kept = await findReferenced(digests)
    return digests.filter((digest) => !kept.has(digest) && !this.#isExpected(digest))
  }

  /** Returns the number of files that are not in quarantine either. */
  #putBackMissing(referenced: readonly string[], files: ReadonlyMap<string, string>): number {
    const lacking = referenced.filter((digest) => !files.has(digest))
    if (lacking.length === 0) return 0
    const setAside = this.quarantine.list()
    let missing = 0
    for (const digest of lacking) {
      const from = setAside.get(digest)
      if (from === undefined) missing += 1
      else this.quarantine.putBack(from, this.pathOf(digest))
    }
    return missing
  }

  /** The files with the name of a digest, and those that a killed hub has not finished. Others are not ours. */
  async #list(): Promise<{ files: Map<string, string>; unfinished: string[] }> {
    const found = await readdir(this.#dir, { recursive: true, withFileTypes: true }).catch(emptyIfMissing)
    const files = new Map<string, string>()
    const unfinished: string[] = []
    for (const entry of found) {
      if (!entry.isFile()) continue
      const file = path.join(entry.parentPath, entry.name)
      if (isDigest(entry.name)) files.set(entry.name, file)
      else if (unfinishedPattern.test(entry.name)) unfinished.push(file)
    }
    return { files, unfinished }
  }

  async #expect(digest: string): Promise<void> {
    if (typeof this.access === 'object') {
      await this.access.expect(digest)
      return
    }
    const now = performance.now()
    this.#expected.set(digest, { count: (this.#expected.get(digest)?.count ?? 0) + 1, at: now })
    for (const [old, { at }] of this.#expected) if (now - at > expectedMs) this.#expected.delete(old)
  }

  #isExpected(digest: string): boolean {
    const expected = this.#expected.get(digest)
    return expected !== undefined && performance.now() - expected.at <= expectedMs
  }

  async #write(file: string, bytes: Uint8Array): Promise<void> {
    const directory = path.dirname(file)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    if (!(await hasContent(file, bytes))) {
      const unfinished = `${file}.${randomBytes(6).toString('hex')}.new`
      try {
        const handle = await open(unfinished, 'wx', 0o600)
        try {
          await handle.writeFile(bytes)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(unfinished, file)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
    }
    // also if the directory existed: the call that created it may not have synced it yet
    await this.#syncDirectories(directory)
  }

  async #syncDirectories(directory: string): Promise<void> {
    const parent = path.dirname(directory)
    for (const one of [directory, parent, this.#dir, path.dirname(this.#dir)]) await syncDirectoryAsync(one)
  }
}

/** Longer than the time between writing a file and its row, for a caller that fails before it settles. */
const expectedMs = 10 * 60_000
/** Of a file that another process may be writing. */
const unfinishedAfterMs = 60 * 60_000
/** The hub waits for one step of moves. */
const filesPerStep = 100

type FindReferenced = (digests: readonly string[]) => Promise<ReadonlySet<string>>

function noSharedFolder(): HubError {
  return new HubError(
    'forbidden',
    'This hub runs as several processes without a folder that they share, so it takes no files. Its owner names one with --files.',
  )
}

/** A row refers to this content, but the disk has lost it. */
export class MissingContentError extends HubError {
  constructor(state: 'missing' | 'damaged' = 'missing', cause?: unknown) {
    super('not_found', `This file is ${state} on the hub’s disk. Ask its sender to send it again.`, { cause })
  }
}

/** @throws MissingContentError for a file that does not exist, or the error itself */
export function rethrowMissing(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException
  throw code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
    ? new MissingContentError('missing', error)
    : error
}

/** Maps a full disk, and a folder that cannot be used, to an error for the user. @throws HubError */
export async function mapDiskFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(error)
    if (!unusableFolderCodes.has(code)) throw error
    throw new HubError(
      'internal',
      `The hub cannot store files (${code}): a folder on its disk was moved, replaced or closed to it. Tell its owner.`,
      { cause: error },
    )
  }
}

const unusableFolderCodes = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS'])

export function diskFull(cause?: unknown): HubError {
  return new HubError(
    'disk_full',
    'The hub has no space left for files. Ask its owner to free up disk space.',
    {
      cause,
    },
  )
}

/** As #write names them. */
const unfinishedPattern = /^[0-9a-f]{64}\.[0-9a-f]{12}\.new$/

/**
 * Gives a file a second name, by a link, so that a hub that is killed before the row is written finds it where it was.
 * Replaces what is there: a failing disk may have changed it.
 */
async function replaceByLink(file: string, target: string): Promise<void> {
  const unfinished = `${target}.${randomBytes(6).toString('hex')}.new`
  try {
    await link(file, unfinished)
  } catch {
    // a file system without links
    await rename(file, target)
    return
  }
  try {
    await rename(unfinished, target)
  } finally {
    // a rename between two names of one file leaves both
    await rm(unfinished, { force: true })
  }
}

function isDigest(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}

/** Its name within the data directory and in a backup. */
export function fileNameOf(digest: string): string {
  if (!isDigest(digest)) throw new Error('not a SHA-256 in hex')
  return `files/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`
}

/** A file that a failing disk has cut short is written again. */
async function hasContent(file: string, bytes: Uint8Array): Promise<boolean> {
  const found = await readFile(file).catch(() => undefined)
  return found?.equals(bytes) ?? false
}

/** Syncs a directory without blocking the loop; see db/fsync.ts. */
async function syncDirectoryAsync(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function emptyIfMissing(error: unknown): [] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
  throw error
}
