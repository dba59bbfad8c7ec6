import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { HubError } from '../../shared/errors.ts'

/*
 * Files, by what is in them: the SHA-256 of the content is the name (hex, files/ab/cd/abcd…), so the same picture is
 * there once and a name can be checked. A digest never leaves the hub: addresses carry ids of the rows that refer to it.
 *
 * 1. First the file, then the row: it is written under a temporary name, synced, renamed, and the directory synced.
 *    Only then may a row refer to it. What a crash leaves between is a file without a row.
 * 2. While the hub runs no file is removed, so that a backup finds every file its copy of the database refers to.
 *    Files without a row go at the next start, before the doors open.
 */
export class FileStore {
  readonly #dir: string

  constructor(dataDir: string) {
    this.#dir = path.join(dataDir, 'files')
  }

  /** Keeps the content; answers its digest once it is on the disk. @throws HubError disk_full */
  async put(bytes: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const file = this.#fileOf(digest)
    try {
      await this.#write(file, bytes)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
      throw new HubError(
        'disk_full',
        'The hub has no room left for files. Ask its owner to make room there.',
        {
          cause: error,
        },
      )
    }
    return digest
  }

  /** @throws Error when it is not there, which rule 1 excludes */
  read(digest: string): Promise<Buffer> {
    return readFile(this.#fileOf(digest))
  }

  /** At the start only: removes what no row refers to, and what was never finished. Answers how many. */
  async removeOrphans(referred: ReadonlySet<string>): Promise<number> {
    const found = await readdir(this.#dir, { recursive: true, withFileTypes: true }).catch(ifMissing)
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
    // also when it was there: whoever put it may not have come to this line yet
    const parent = path.dirname(directory)
    for (const one of [directory, parent, this.#dir, path.dirname(this.#dir)]) await syncNames(one)
  }

  #fileOf(digest: string): string {
    return path.join(this.#dir, ...fileNameOf(digest).split('/').slice(1))
  }
}

/** Its name within the data directory and in a backup. */
export function fileNameOf(digest: string): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new Error('not a SHA-256 in hex')
  return `files/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`
}

/** A file that a failing disk has cut short is written again. */
async function hasContent(file: string, bytes: Uint8Array): Promise<boolean> {
  const found = await readFile(file).catch(() => undefined)
  return found?.equals(bytes) ?? false
}

/** See durable.ts; this one does not hold up the loop. */
async function syncNames(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function ifMissing(error: unknown): [] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
  throw error
}
