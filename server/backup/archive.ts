import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { extract, pack, type Pack } from 'tar-stream'
import { fileNameOf, type StoredContent } from '../file-storage/contents.ts'
import { openFile } from '../file-storage/folder-contents.ts'
import { StartError } from '../start-error.ts'
import { syncDirectory } from '../db/fsync.ts'
import { blobFileOf } from './pool-names.ts'

/*
 * A backup is one file: a plain tar, which any tool can read.
 *
 *   hub.db, identity/hub-key.pem, files/…   the data of the hub
 *   manifest.json                           description, with size and SHA-256 of each member
 *   SHA256                                  digest of every byte before it
 *
 * The archive of a point (pool.ts) has no `files/`: its manifest lists them, and they are in the pool that it is in.
 *
 * The digest detects every altered or missing byte, including tar headers and padding. It guards against accidents.
 * Against forged archives, names and types of the members are checked one by one.
 */

export interface Manifest {
  /** 2: a point of a pool. */
  format: 1 | 2
  /** The version of Hubbub that made it. */
  program: string
  hubId: string
  epoch: string
  /** Number of migrations that the database has. */
  schema: number
  /** Milliseconds since 1970. */
  madeAt: number
  /** For the question before a restore. Missing in backups of earlier releases. */
  hubName?: string
  messages?: number
  files: ArchiveMember[]
  /** The files of a point, which are in its pool. */
  blobs?: ArchiveMember[]
  /** Digests of files that the hub had lost when it made the point. */
  lost?: string[]
}

export type ManifestInfo = Omit<Manifest, 'format' | 'files'>

export interface ArchiveMember {
  name: string
  size: number
  sha256: string
}

export interface ArchiveSource {
  /** The name in the archive. */
  name: string
  open: () => Promise<StoredContent>
}

/** A file on the disk. */
export function fileSource(name: string, file: string): ArchiveSource {
  return { name, open: () => openFile(file) }
}

/** The output of any stream; the chunks are Buffers. */
type ByteStream = AsyncIterable<unknown>

const manifestFileName = 'manifest.json'
const checksumFileName = 'SHA256'
/** Two empty blocks end a tar. */
const trailerBytes = 1024
/** The header, the digest in its own block, and the trailer. */
const checksumEntryBytes = 512 + 512 + trailerBytes
const maxManifestBytes = 64 * 1024 * 1024

const pathSegment = '[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}'
const memberNamePattern = new RegExp(`^(hub\\.db|identity/${pathSegment}|files(/${pathSegment}){1,4})$`)

/** Accepts only names that the hub itself would write; none that leaves the directory or is hidden in it. */
export function isMemberName(name: string): boolean {
  return memberNamePattern.test(name)
}

/** Writes a new file that only this account can read, and flushes it to the disk. */
export async function writeArchive(
  to: string,
  about: ManifestInfo,
  sources: readonly ArchiveSource[],
): Promise<Manifest> {
  const archive = pack()
  const handle = await open(to, 'wx', 0o600)
  try {
    const [manifest] = await Promise.all([
      writeEntries(archive, about, sources),
      handle.writeFile(withChecksum(archive)),
    ])
    await handle.sync()
    return manifest
  } catch (error) {
    archive.destroy()
    throw error
  } finally {
    await handle.close()
  }
}

/**
 * Makes an archive while it is read: nothing of it is on the disk, and it ends with its reader. @throws what reading a
 * source throws
 */
export function streamArchive(about: ManifestInfo, sources: readonly ArchiveSource[]): Readable {
  const archive = pack()
  writeEntries(archive, about, sources).catch((error: unknown) => archive.destroy(error as Error))
  const stream = Readable.from(withChecksum(archive), { objectMode: false })
  // a reader that left before its first byte has not begun the generator, so nothing else ends the archive
  return stream.once('close', () => archive.destroy())
}

async function writeEntries(
  archive: Pack,
  about: ManifestInfo,
  sources: readonly ArchiveSource[],
): Promise<Manifest> {
  const manifest: Manifest = { format: about.blobs ? 2 : 1, ...about, files: [] }
  for (const source of sources) manifest.files.push(await addFile(archive, source))
  await addEntry(archive, manifestFileName, Buffer.from(JSON.stringify(manifest, null, 1)))
  archive.finalize()
  return manifest
}

async function addFile(archive: Pack, source: ArchiveSource): Promise<ArchiveMember> {
  const { name } = source
  const { size, stream } = await source.open()
  const done = Promise.withResolvers<void>()
  // it is not awaited if reading the file fails
  done.promise.catch(() => undefined)
  // if the reader of the archive leaves, neither `drain` nor the end of the entry comes
  const stop = (): void => done.reject(new Error('nobody reads the archive any more'))
  archive.once('close', stop)
  try {
    if (archive.destroyed) stop()
    const hash = createHash('sha256')
    const entry = archive.entry({ ...entryHeader, name, size }, toCallback(done))
    let at = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk)
      at += chunk.length
      if (!entry.write(chunk)) await Promise.race([once(entry, 'drain'), done.promise])
    }
    if (at !== size) throw new Error('a file became shorter while it was read')
    entry.end(undefined)
    await done.promise
    return { name, size, sha256: hash.digest('hex') }
  } finally {
    archive.off('close', stop)
    stream.destroy()
  }
}

/** Returns the same header for the same content: the digest member is compared byte for byte. */
const entryHeader = { mode: 0o600, mtime: new Date(0), type: 'file' as const }

async function addEntry(archive: Pack, name: string, content: Buffer): Promise<void> {
  const done = Promise.withResolvers<void>()
  archive.entry({ ...entryHeader, name, size: content.length }, content, toCallback(done))
  await done.promise
}

function toCallback(done: PromiseWithResolvers<void>): (error?: Error | null) => void {
  return (error) => (error ? done.reject(error) : done.resolve())
}

/** Passes a tar on, and inserts the digest member between its last member and its trailer. */
async function* withChecksum(source: ByteStream): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let held = Buffer.alloc(0)
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const all = Buffer.concat([held, chunk])
    const ready = all.subarray(0, Math.max(0, all.length - trailerBytes))
    held = all.subarray(ready.length)
    hash.update(ready)
    yield ready
  }
  yield await makeChecksumEntry(hash.digest('hex'))
}

async function makeChecksumEntry(digest: string): Promise<Buffer> {
  const archive = pack()
  archive.entry({ ...entryHeader, name: checksumFileName }, `${digest}\n`)
  archive.finalize()
  return collectBuffer(archive)
}

async function collectBuffer(source: ByteStream, atMost = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > atMost) throw new Error('larger than it can be')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Reads an archive to its end and verifies every byte against its digests. Extracts the members that `keep` selects
 * into `directory`, flushed to the disk. After an error the extracted files are not valid. Of a point the files in its
 * pool are read too, unless `poolFiles` is `skip`; in the result they are members like the others.
 * @throws StartError if the archive is incomplete, is not a backup of Hubbub, or contains an unknown member
 */
export async function unpack(
  from: string,
  directory: string,
  keep: (name: string) => boolean = () => true,
  poolFiles: 'read' | 'skip' = 'read',
): Promise<Manifest> {
  await verifyChecksum(from)
  const found = new Map<string, ArchiveMember>()
  let manifest: Manifest | undefined
  const archive = extract()
  const reading = createReadStream(from)
  reading.on('error', (error) => archive.destroy(error)).pipe(archive)
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header
      if (type !== 'file' || found.has(name) || (manifest && name !== checksumFileName))
        throw invalidBackup(from)
      if (name === manifestFileName) {
        manifest = parseManifest(await collectBuffer(entry, maxManifestBytes))
      } else if (name === checksumFileName) {
        entry.resume()
      } else {
        if (!isMemberName(name)) throw invalidBackup(from)
        found.set(name, await readMember(entry, name, keep(name) ? path.join(directory, name) : undefined))
      }
    }
  } catch (error) {
    if (error instanceof StartError || (isSystemError(error) && !isNameConflict(error))) throw error
    throw invalidBackup(from, error)
  }
  if (!manifest || !matchesManifest(manifest, found)) throw invalidBackup(from)
  const { blobs = [] } = manifest
  if (poolFiles === 'read') {
    for (const blob of blobs) await readPoolFile(from, blob, keep(blob.name) ? directory : undefined)
  }
  return { ...manifest, files: [...manifest.files, ...blobs] }
}

/** The pool that an archive in its folder `points` or in a folder for work belongs to. */
export function poolDirOf(archive: string): string {
  return path.dirname(path.dirname(path.resolve(archive)))
}

/** @throws StartError if the pool does not have it, or something else under its name */
async function readPoolFile(from: string, blob: ArchiveMember, directory: string | undefined): Promise<void> {
  const file = blobFileOf(poolDirOf(from), blob.name)
  const to = directory === undefined ? undefined : path.join(directory, blob.name)
  try {
    // opened first: a stream that nobody reads yet would end the process with its error
    const handle = await open(file, 'r')
    const read = await readMember(handle.createReadStream(), blob.name, to).finally(() => handle.close())
    if (read.sha256 === blob.sha256 && read.size === blob.size) return
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(file)) throw error
  }
  throw new StartError(
    `${from} is not complete: ${file}, one of its files, is missing or damaged. Use another point, or put that file back.`,
  )
}

/** Checks that the file ends with the digest of everything before it. @throws StartError */
async function verifyChecksum(from: string): Promise<void> {
  const { size } = await stat(from)
  const body = size - checksumEntryBytes
  if (body > 0) {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(from, { end: body - 1 })) hash.update(chunk as Buffer)
    const tail = await collectBuffer(createReadStream(from, { start: body }))
    if (tail.equals(await makeChecksumEntry(hash.digest('hex')))) return
  }
  throw new StartError(
    `${from} is not a complete Hubbub backup: it was truncated or altered, so copy it again or use another one.`,
  )
}

async function readMember(content: ByteStream, name: string, to: string | undefined): Promise<ArchiveMember> {
  const hash = createHash('sha256')
  let size = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  if (to === undefined) for await (const _ of counted());
  else await writeNewFile(to, counted())
  return { name, size, sha256: hash.digest('hex') }
}

async function writeNewFile(to: string, content: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 })
  const handle = await open(to, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  syncDirectory(path.dirname(to))
}

function parseManifest(json: Buffer): Manifest {
  const manifest = JSON.parse(json.toString('utf8')) as Partial<Manifest>
  if (
    (manifest.format !== 1 && manifest.format !== 2) ||
    typeof manifest.hubId !== 'string' ||
    typeof manifest.epoch !== 'string' ||
    !Number.isInteger(manifest.schema) ||
    Number.isNaN(new Date(manifest.madeAt ?? NaN).getTime()) ||
    !Array.isArray(manifest.files) ||
    !manifest.files.every(isMember) ||
    !(manifest.blobs ?? []).every(isPoolFile) ||
    !(manifest.lost ?? []).every((digest: unknown) => typeof digest === 'string')
  ) {
    throw new Error('not a manifest of this format')
  }
  return manifest as Manifest
}

function isPoolFile(one: Partial<ArchiveMember> | null): boolean {
  const { name, size, sha256 = '' } = one ?? {}
  const isNamed = /^[0-9a-f]{64}$/.test(sha256) && name === fileNameOf(sha256)
  return isNamed && Number.isSafeInteger(size) && (size ?? -1) >= 0
}

function isMember(one: Partial<ArchiveMember> | null): boolean {
  return typeof one?.name === 'string' && typeof one.size === 'number' && typeof one.sha256 === 'string'
}

/** Requires exactly the members that the manifest lists, each with its size and digest, and each name once. */
function matchesManifest(manifest: Manifest, found: ReadonlyMap<string, ArchiveMember>): boolean {
  const { blobs = [] } = manifest
  const names = new Set([...found.keys(), ...blobs.map(({ name }) => name)])
  return (
    names.size === found.size + blobs.length &&
    manifest.files.length === found.size &&
    manifest.files.every((listed) => {
      const member = found.get(listed.name)
      return member?.size === listed.size && member.sha256 === listed.sha256
    })
  )
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as { syscall?: unknown }).syscall === 'string'
}

/** In a new directory only the names in the archive can be in each other's way. */
function isNameConflict(error: unknown): boolean {
  return ['ENOTDIR', 'EISDIR', 'EEXIST'].includes(String((error as { code?: unknown }).code))
}

function invalidBackup(from: string, cause?: unknown): StartError {
  return new StartError(
    `${from} is not a Hubbub backup: nothing was restored, so use a file that "backup" has written.`,
    { cause },
  )
}
