import { constants } from 'node:fs'
import { copyFile, type FileHandle, open, stat } from 'node:fs/promises'
import type { FileRow } from './queries.ts'

/* The files of uploads on their way: `uploads/<id>`, and `uploads/<id>-<suffix>` once another process has taken it over. */

export type UploadName = Pick<FileRow, 'id' | 'suffix'>

/** The id is the first group. */
export const uploadNamePattern = /^((?:[0-9a-f]{2})+)(?:-[0-9a-f]+)?$/

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

/** Opened for it: a share tells the size that it remembers, until a file is opened. Returns -1 if it is missing. */
export async function sizeOf(file: string): Promise<number> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
  if (!handle) return -1
  try {
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

export async function copySynced(from: string, to: string): Promise<void> {
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
