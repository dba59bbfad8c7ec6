import { createHash, randomBytes } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ServedContent } from '../../shared/contract/values.ts'
import {
  type Contents,
  fileNameOf,
  isDigest,
  mapDiskFull,
  type NamedContent,
  MissingContentError,
  rethrowMissing,
  type StoredContent,
} from './contents.ts'
import { isOlderThan } from './folder-uploads.ts'

/** Contents in a folder: each is written under a temporary name, synced, renamed, and its directory synced. */
export class FolderContents implements Contents {
  readonly #dir: string

  /** @param root has the folder `files` */
  constructor(root: string) {
    this.#dir = path.join(root, 'files')
  }

  pathOf(digest: string): string {
    return path.join(this.#dir, ...fileNameOf(digest).split('/').slice(1))
  }

  write(digest: string, bytes: Uint8Array): Promise<void> {
    return mapDiskFull(() => this.#write(this.pathOf(digest), bytes))
  }

  /** The file has to be on the same disk, and becomes the content under a second name. */
  async writeFile(digest: string, file: string): Promise<void> {
    const target = this.pathOf(digest)
    await mapDiskFull(async () => {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
      await replaceByLink(file, target)
      await this.#syncDirectories(path.dirname(target))
    })
  }

  read(digest: string): Promise<Buffer> {
    return readFile(this.pathOf(digest)).catch(rethrowMissing)
  }

  async sizeOf(digest: string): Promise<number> {
    return (await stat(this.pathOf(digest)).catch(rethrowMissing)).size
  }

  open(digest: string): Promise<StoredContent> {
    return openFile(this.pathOf(digest)).catch(rethrowMissing)
  }

  serve(digest: string, size: number): ServedContent {
    return serveFile(this.pathOf(digest), size)
  }

  withFile<T>(digest: string, use: (file: string) => Promise<T>): Promise<T> {
    return use(this.pathOf(digest))
  }

  async verify(digest: string): Promise<string> {
    const hash = createHash('sha256')
    try {
      await pipeline(createReadStream(this.pathOf(digest)), hash)
    } catch {
      return ''
    }
    return hash.digest('hex')
  }

  async remove(digests: readonly string[]): Promise<void> {
    for (const digest of digests) await rm(this.pathOf(digest), { force: true })
  }

  async list(): Promise<ReadonlySet<string>> {
    return new Set((await this.listFiles()).files.keys())
  }

  async listNamed(): Promise<NamedContent[]> {
    const root = path.dirname(this.#dir)
    return (await this.#listAll()).map((file) => ({
      name: path.relative(root, file).split(path.sep).join('/'),
      open: () => openFile(file),
    }))
  }

  async measure(): Promise<{ count: number; bytes: number }> {
    let [count, bytes] = [0, 0]
    for (const file of await this.#listAll().catch(() => [])) {
      count += 1
      bytes += await stat(file).then(
        ({ size }) => size,
        () => 0,
      )
    }
    return { count, bytes }
  }

  async removeUnfinished(olderThanMs: number): Promise<void> {
    const { unfinished } = await this.listFiles()
    for (const file of unfinished) if (await isOlderThan(file, olderThanMs)) await rm(file, { force: true })
  }

  /** The files with the name of a digest, and those that a killed hub has not finished. Others are not ours. */
  async listFiles(): Promise<{ files: Map<string, string>; unfinished: string[] }> {
    const files = new Map<string, string>()
    const unfinished: string[] = []
    for (const file of await this.#listAll()) {
      const name = path.basename(file)
      if (isDigest(name)) files.set(name, file)
      else if (unfinishedPattern.test(name)) unfinished.push(file)
    }
    return { files, unfinished }
  }

  async #listAll(): Promise<string[]> {
    const found = await readdir(this.#dir, { recursive: true, withFileTypes: true }).catch(emptyIfMissing)
    return found.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
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

/** Opens a file to read all of it. */
export async function openFile(file: string): Promise<StoredContent> {
  const handle = await open(file, 'r')
  const { size } = await handle.stat()
  return { size, stream: handle.createReadStream({ highWaterMark: 256 * 1024 }) }
}

/** Opening a pipe in the place of a file would wait for a writer, and take a thread of the hub with it. Windows has no such
 * flag, and nothing counts as 0. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK

/** Serves a file of this computer that has this size. */
export function serveFile(file: string, size: number): ServedContent {
  /** A file that a disk has cut would leave the client waiting for the rest. */
  const requireWhole = (found: { isFile: () => boolean; size: number }): void => {
    if (!found.isFile() || found.size !== size) throw new MissingContentError('damaged')
  }
  return {
    check: async () => requireWhole(await stat(file).catch(rethrowMissing)),
    open: async ({ start, end }) => {
      const handle: FileHandle = await open(file, openFlags).catch(rethrowMissing)
      try {
        requireWhole(await handle.stat())
      } catch (error) {
        await handle.close()
        throw error
      }
      const stream = handle.createReadStream({ start, end, highWaterMark: 256 * 1024 })
      return { stream, isWhole: () => stream.bytesRead === end - start + 1 }
    },
  }
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
