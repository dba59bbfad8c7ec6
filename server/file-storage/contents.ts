import type { Readable } from 'node:stream'
import { HubError } from '../../shared/errors.ts'
import type { ServedContent } from '../../shared/contract/values.ts'

/*
 * Content-addressed files: the SHA-256 of the content is the name (hex, files/ab/cd/abcd…), so equal content is stored
 * once and can be verified. A digest never leaves the hub: URLs contain ids of the rows that refer to it. Invariants:
 * 1. A content is complete under its name, or not there. It is never changed, only replaced by the same.
 * 2. What was written survives a crash once the call that wrote it has resolved.
 */
export interface Contents {
  /** @throws HubError `disk_full`, `busy` */
  write(digest: string, bytes: Uint8Array): Promise<void>
  /** Stores the content of a synced file on this computer, which stays where it is. @throws as `write` */
  writeFile(digest: string, file: string): Promise<void>
  /** @throws MissingContentError */
  read(digest: string): Promise<Buffer>
  /** @throws MissingContentError */
  sizeOf(digest: string): Promise<number>
  /** @throws MissingContentError */
  open(digest: string): Promise<StoredContent>
  /** For a response. `size` is what the row says. */
  serve(digest: string, size: number): ServedContent
  /** Passes a file on this computer that has the content. @throws MissingContentError */
  withFile<T>(digest: string, use: (file: string) => Promise<T>): Promise<T>
  /** Returns the digest of the bytes that are there; an empty text if they cannot be read. */
  verify(digest: string): Promise<string>
  remove(digests: readonly string[]): Promise<void>
  list(): Promise<ReadonlySet<string>>
  /** All that a backup copies, with names such as `fileNameOf` gives. */
  listNamed(): Promise<NamedContent[]>
  measure(): Promise<{ count: number; bytes: number }>
  /** Removes what a killed process has begun to write longer than this ago. */
  removeUnfinished(olderThanMs: number): Promise<void>
}

export interface NamedContent {
  name: string
  open: () => Promise<StoredContent>
}

/** The stream fails if bytes are lacking. */
export interface StoredContent {
  size: number
  stream: Readable
}

/** A row refers to this content, but it is lost. */
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

/** Maps a full disk, too many open files, and a folder that cannot be used, to an error for the user. @throws HubError */
export async function mapDiskFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(error)
    if (code === 'EMFILE' || code === 'ENFILE') throw tooManyOpenFiles(error)
    if (!unusableFolderCodes.has(code)) throw error
    throw new HubError(
      'internal',
      `The hub cannot store files (${code}): a folder on its disk was moved, replaced or closed to it. Tell its owner.`,
      { cause: error },
    )
  }
}

const unusableFolderCodes = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS'])

/** Connections are open files too. */
function tooManyOpenFiles(cause: unknown): HubError {
  const words = 'The hub has as many files and connections open as its system allows. Try again in a moment.'
  return new HubError('busy', words, { cause, retryAfter: 5 })
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

export function isDigest(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}

/** Its name within the data directory, in a bucket and in a backup. */
export function fileNameOf(digest: string): string {
  if (!isDigest(digest)) throw new Error('not a SHA-256 in hex')
  return `files/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`
}
