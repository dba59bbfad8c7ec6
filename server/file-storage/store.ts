import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { filesLockName, lockFiles } from '../db/files-lock.ts'
import { HubError } from '../../shared/errors.ts'

/*
 * Files, by what is in them: the SHA-256 of the content is the name (hex, files/ab/cd/abcd…), so the same picture is
 * there once and a name can be checked. A digest never leaves the hub: addresses carry ids of the rows that refer to it.
 *
 * 1. First the file, then the row: it is written under a temporary name, synced, renamed, and the directory synced.
 *    Only then may a row refer to it. What a crash leaves between is a file without a row.
 * 2. A file goes when no row refers to it any more, but not within a while of having been put: its row may be on the
 *    way. While a backup runs none goes, so that it finds every file its copy of the database refers to.
 * 3. What is on its way in lies in uploads/, and moves here when it is whole.
 */
export class FileStore {
  readonly #dir: string
  readonly #lock: string
  /** When each was put last, monotonic ms. */
  readonly #recentlyAdded = new Map<string, number>()

  constructor(dataDir: string) {
    this.#dir = path.join(dataDir, 'files')
    this.#lock = path.join(dataDir, filesLockName)
  }

  /** Stores the content; returns its digest once it is on the disk. @throws HubError `disk_full` */
  async writeContent(bytes: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(bytes).digest('hex')
    this.#markRecent(digest)
    await mapDiskFull(() => this.#write(this.pathOf(digest), bytes))
    return digest
  }

  /** Moves a synced file with this content in from elsewhere on the same disk. Its old name remains. */
  async moveFileIn(file: string, digest: string): Promise<void> {
    this.#markRecent(digest)
    const target = this.pathOf(digest)
    await mapDiskFull(async () => {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
      const there = await stat(target).catch(() => undefined)
      if (there?.size !== (await stat(file)).size) {
        await rm(target, { force: true })
        // by a link, so that a hub that is killed before the row is written finds it where it was
        await link(file, target).catch(() => rename(file, target))
      }
      await this.#syncDirectories(path.dirname(target))
    })
  }

  /** @throws Error when it is not there, which rule 1 excludes */
  read(digest: string): Promise<Buffer> {
    return readFile(this.pathOf(digest))
  }

  /** @throws Error when it is not there, which rule 1 excludes */
  async sizeOf(digest: string): Promise<number> {
    return (await stat(this.pathOf(digest))).size
  }

  pathOf(digest: string): string {
    return path.join(this.#dir, ...fileNameOf(digest).split('/').slice(1))
  }

  /**
   * Removes those files that are not in `referred`, which is read once it is certain that no backup reads. Recent
   * files stay until the next run. Returns the number of removed files.
   */
  async remove(
    digests: readonly string[],
    referred: (digests: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<number> {
    const lock = lockFiles(this.#lock, 'removing')
    if (!lock) return 0
    try {
      const referenced = await referred(digests)
      const gone = [...new Set(digests)].filter(
        (digest) => !referenced.has(digest) && !this.#isRecent(digest),
      )
      // synchronous between the check and the removal, so no file can be added meanwhile
      for (const digest of gone) rmSync(this.pathOf(digest), { force: true })
      return gone.length
    } finally {
      lock.release()
    }
  }

  /** Digests of everything that is here. */
  async list(): Promise<string[]> {
    const found = await readdir(this.#dir, { recursive: true, withFileTypes: true }).catch(emptyIfMissing)
    return found.filter((entry) => entry.isFile() && isDigest(entry.name)).map(({ name }) => name)
  }

  #markRecent(digest: string): void {
    const now = performance.now()
    this.#recentlyAdded.set(digest, now)
    for (const [old, at] of this.#recentlyAdded) if (now - at > recentMs) this.#recentlyAdded.delete(old)
  }

  #isRecent(digest: string): boolean {
    const at = this.#recentlyAdded.get(digest)
    return at !== undefined && performance.now() - at <= recentMs
  }

  /**
   * Removes files that no row refers to, and unfinished files; at the start of the hub only. Returns their number.
   */
  async removeOrphans(referred: ReadonlySet<string>): Promise<number> {
    const lock = lockFiles(this.#lock, 'removing')
    if (!lock) return 0
    try {
      return await this.#removeAllBut(referred)
    } finally {
      lock.release()
    }
  }

  async #removeAllBut(referred: ReadonlySet<string>): Promise<number> {
    const found = await readdir(this.#dir, { recursive: true, withFileTypes: true }).catch(emptyIfMissing)
    const orphans = found.filter((entry) => entry.isFile() && !referred.has(entry.name))
    for (const { parentPath, name } of orphans) await rm(path.join(parentPath, name))
    return orphans.length
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
    // also if it existed: the call that created it may not have reached this line yet
    await this.#syncDirectories(directory)
  }

  async #syncDirectories(directory: string): Promise<void> {
    const parent = path.dirname(directory)
    for (const one of [directory, parent, this.#dir, path.dirname(this.#dir)]) await syncDirectoryAsync(one)
  }
}

/** Longer than it takes from a file to its row. */
const recentMs = 10 * 60_000

/** Maps a full disk to an error for the user. @throws HubError `disk_full` */
export async function mapDiskFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    throw diskFull(error)
  }
}

export function diskFull(cause?: unknown): HubError {
  return new HubError(
    'disk_full',
    'The hub has no space left for files. Ask its owner to free up disk space.',
    {
      cause,
    },
  )
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
