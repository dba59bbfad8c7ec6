import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { mapDiskFull, MissingContentError } from './contents.ts'
import type { Quarantine } from './quarantine.ts'
import type { FindUpload, UploadName, UploadPlace, UploadRow, UploadWriter } from './upload-place.ts'

/*
 * The files of uploads on their way: `uploads/<id>`, and `uploads/<id>-<suffix>` once another process has taken it over: that
 * one writes to a copy.
 */

interface FolderUploadsOptions {
  /** Other processes use the folder too. */
  isShared: boolean
  /** For files that no row knows. */
  quarantine: Quarantine
}

export class FolderUploads implements UploadPlace {
  readonly #dir: string
  readonly #options: FolderUploadsOptions

  /** @param root has the folder `uploads` */
  constructor(root: string, options: FolderUploadsOptions) {
    this.#dir = path.join(root, 'uploads')
    this.#options = options
  }

  async takeOver(upload: UploadRow): Promise<string> {
    const suffix = randomBytes(8).toString('hex')
    if (upload.received > 0) {
      if (!(await this.has(upload))) throw new MissingContentError()
      const to = this.#pathOf({ id: upload.id, suffix })
      await mapDiskFull(() => copySynced(this.#pathOf(upload), to))
    }
    return suffix
  }

  async open(upload: UploadRow): Promise<UploadWriter> {
    if (upload.received > 0 && !(await this.has(upload))) throw new MissingContentError()
    await mapDiskFull(() => mkdir(this.#dir, { recursive: true, mode: 0o700 }))
    const file = this.#pathOf(upload)
    const handle = await mapDiskFull(() => open(file, upload.received > 0 ? 'r+' : 'w', 0o600))
    try {
      await handle.truncate(upload.received)
    } catch (error) {
      await handle.close()
      throw error
    }
    return new FileWriter(handle, file, upload)
  }

  has(upload: UploadRow): Promise<boolean> {
    return mapDiskFull(async () => (await sizeOf(this.#pathOf(upload))) >= upload.received)
  }

  async withFile<T>(upload: UploadRow, use: (file: string) => Promise<T>): Promise<T> {
    if (upload.size === 0) await (await this.open(upload)).close()
    if (!(await this.has(upload))) throw new MissingContentError()
    return use(this.#pathOf(upload))
  }

  remove(upload: UploadName): Promise<void> {
    return rm(this.#pathOf(upload), { force: true })
  }

  async removeLeftovers(find: FindUpload, now: number): Promise<void> {
    const { isShared, quarantine } = this.#options
    for (const name of await readdir(this.#dir).catch(() => [])) {
      const [, idInHex = '', suffix = ''] = uploadNamePattern.exec(name) ?? []
      const found = idInHex === '' ? 'use' : find(Buffer.from(idInHex, 'hex').toString('base64url'), suffix)
      if (found === 'use') continue
      const file = path.join(this.#dir, name)
      // another process may be about to use it
      if (isShared && !(await isOlderThan(file, leftoverAfterMs))) continue
      if (found === 'done') await rm(file, { force: true })
      else quarantine.add(file, now)
    }
  }

  #pathOf(upload: UploadName): string {
    return path.join(this.#dir, uploadFileName(upload))
  }
}

const leftoverAfterMs = 60 * 60_000

class FileWriter implements UploadWriter {
  readonly file: string
  readonly #handle: FileHandle
  readonly #suffix: string
  #at: number

  constructor(handle: FileHandle, file: string, { received, suffix }: UploadRow) {
    this.#handle = handle
    this.file = file
    this.#suffix = suffix
    this.#at = received
  }

  async write(chunk: Buffer): Promise<void> {
    await mapDiskFull(() => writeAll(this.#handle, chunk, this.#at))
    this.#at += chunk.length
  }

  async save(): Promise<string> {
    await mapDiskFull(() => this.#handle.datasync())
    return this.#suffix
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** The id is the first group, the suffix the second. */
const uploadNamePattern = /^((?:[0-9a-f]{2})+)(?:-([0-9a-f]+))?$/

/** Ids are case-sensitive, but not every disk is. */
export function uploadFileName({ id, suffix }: UploadName): string {
  const name = Buffer.from(id, 'base64url').toString('hex')
  return suffix === '' ? name : `${name}-${suffix}`
}

/** Of the clock of the folder, which may be that of another computer. */
export async function isOlderThan(file: string, ms: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > ms
}

/**
 * Opened for it: a share tells the size that it remembers, until a file is opened. Returns -1 if it is missing: only then is
 * the upload given up, so any other error is thrown.
 */
async function sizeOf(file: string): Promise<number> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(undefinedIfMissing)
  if (!handle) return -1
  try {
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  const handle = await open(to, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function writeAll(handle: FileHandle, chunk: Buffer, at: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, at + done)
    done += bytesWritten
  }
}
