import { createHash, type Hash, randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { mapDiskFull, MissingContentError } from '../contents.ts'
import { writeAll } from '../folder-uploads.ts'
import type { FindUpload, UploadName, UploadPlace, UploadRow, UploadWriter } from '../upload-place.ts'
import type { S3Client } from './client.ts'
import { toHubError } from './error.ts'
import { deleteObject, type ListedObject, listObjects, openObject, putObject } from './objects.ts'

/*
 * The bytes of uploads on their way, in a bucket. Invariants:
 *
 * 1. Each save is an object, `uploads/<id>/<from>-<to>-<name before>-<name>`, that is never changed. Its name is a digest of
 *    its bytes and of the name before it.
 * 2. The suffix in the row is the name of the latest object that counts. From there the names lead back to the first byte. So
 *    what a writer sends that has lost its claim, or whose request comes late, is never taken for a part of the upload.
 * 3. The received bytes are in a file of this computer too, to be hashed and sent once more when they are complete. Where they
 *    are not (another process has received some, or this one has started again), they are read from the bucket.
 */

const offsetDigits = 13
const nameLength = 32
const firstName = '0'.repeat(nameLength)
const objectPattern = /^uploads\/((?:[0-9a-f]{2})+)\/(\d+)-(\d+)-([0-9a-f]+)-([0-9a-f]+)$/
const localFileKeptMs = 60 * 60_000
const doneKeptMs = 60 * 60_000
/** Longer than an unfinished upload is kept. */
const unknownKeptMs = 8 * 24 * 60 * 60_000

interface Piece {
  key: string
  from: number
  to: number
  before: string
  name: string
}

/** A local file with all bytes up to `to`, of the upload whose suffix this is. */
interface LocalFile {
  suffix: string
  to: number
  at: number
}

export class S3Uploads implements UploadPlace {
  readonly #client: S3Client
  readonly #scratch: string
  readonly #local = new Map<string, LocalFile>()

  /** @param scratch a folder of this computer */
  constructor(client: S3Client, scratch: string) {
    this.#client = client
    this.#scratch = scratch
  }

  /** What another process writes has other names, so nothing has to be copied. */
  async takeOver(upload: UploadRow): Promise<string> {
    if (!(await this.has(upload))) throw new MissingContentError()
    return upload.suffix
  }

  async open(upload: UploadRow): Promise<UploadWriter> {
    if (!(await this.has(upload))) throw new MissingContentError()
    await this.#forgetOld()
    const local = this.#local.get(upload.id)
    const isKnown = local?.suffix === upload.suffix && local.to === upload.received
    this.#local.delete(upload.id)
    return new PieceWriter(this.#client, upload, {
      file: this.#fileOf(upload.id),
      hasAll: upload.received === 0 || isKnown,
      isNew: !isKnown,
      note: (suffix, to) => this.#local.set(upload.id, { suffix, to, at: performance.now() }),
    })
  }

  async has(upload: UploadRow): Promise<boolean> {
    return upload.received === 0 || (await this.#findPieces(upload)) !== undefined
  }

  async withFile<T>(upload: UploadRow, use: (file: string) => Promise<T>): Promise<T> {
    const local = this.#local.get(upload.id)
    if (upload.size > 0 && local?.suffix === upload.suffix && local.to === upload.size) {
      return use(this.#fileOf(upload.id))
    }
    const file = `${this.#fileOf(upload.id)}-${randomBytes(6).toString('hex')}`
    try {
      await this.#fetch(upload, file)
      return await use(file)
    } finally {
      await rm(file, { force: true })
    }
  }

  async remove({ id }: UploadName): Promise<void> {
    await this.#forget(id)
    try {
      for await (const { key } of listObjects(this.#client, folderOf(id))) {
        await deleteObject(this.#client, key)
      }
    } catch (error) {
      throw toHubError(error)
    }
  }

  async removeLeftovers(find: FindUpload, now: number): Promise<void> {
    try {
      for await (const { key, modifiedAt } of listObjects(this.#client, 'uploads/')) {
        const [, idInHex] = objectPattern.exec(key) ?? []
        if (idInHex === undefined) continue
        const found = find(Buffer.from(idInHex, 'hex').toString('base64url'), undefined)
        const keptMs = found === 'done' ? doneKeptMs : unknownKeptMs
        if (found !== 'use' && now - modifiedAt > keptMs) await deleteObject(this.#client, key)
      }
    } catch (error) {
      throw toHubError(error)
    }
  }

  /** Returns the pieces from the first byte to the last that was received; undefined if one is missing. */
  async #findPieces(upload: UploadRow): Promise<Piece[] | undefined> {
    const byName = new Map<string, Piece>()
    try {
      for await (const object of listObjects(this.#client, folderOf(upload.id))) {
        const piece = toPiece(object)
        if (piece) byName.set(piece.name, piece)
      }
    } catch (error) {
      throw toHubError(error)
    }
    const pieces: Piece[] = []
    let [name, to] = [upload.suffix, upload.received]
    while (to > 0) {
      const piece = byName.get(name)
      if (piece?.to !== to) return undefined
      pieces.unshift(piece)
      ;[name, to] = [piece.before, piece.from]
    }
    return pieces
  }

  async #fetch(upload: UploadRow, file: string): Promise<void> {
    const pieces = await this.#findPieces({ ...upload, received: upload.size })
    if (!pieces) throw new MissingContentError()
    await mkdir(this.#scratch, { recursive: true, mode: 0o700 })
    const handle = await mapDiskFull(() => open(file, 'wx', 0o600))
    try {
      for (const piece of pieces) await this.#fetchPiece(piece, handle)
    } catch (error) {
      throw toHubError(error)
    } finally {
      await handle.close()
    }
  }

  async #fetchPiece({ key, from, to, before, name }: Piece, handle: FileHandle): Promise<void> {
    const hash = createHash('sha256')
    const { size, bytes, close } = await openObject(this.#client, key)
    if (size === to - from) {
      let at = from
      for await (const chunk of bytes) {
        hash.update(chunk)
        await mapDiskFull(() => writeAll(handle, chunk, at))
        at += chunk.length
      }
    } else close()
    if (nameOf(before, hash.digest('hex')) !== name) throw new MissingContentError('damaged')
  }

  async #forgetOld(): Promise<void> {
    const now = performance.now()
    for (const [id, { at }] of this.#local) if (now - at > localFileKeptMs) await this.#forget(id)
  }

  async #forget(id: string): Promise<void> {
    this.#local.delete(id)
    await rm(this.#fileOf(id), { force: true })
  }

  #fileOf(id: string): string {
    return path.join(this.#scratch, hexOf(id))
  }
}

interface WriterOptions {
  file: string
  /** The file will have all bytes from the first one on. */
  hasAll: boolean
  isNew: boolean
  note: (suffix: string, to: number) => void
}

class PieceWriter implements UploadWriter {
  readonly file: string | undefined
  readonly #client: S3Client
  readonly #options: WriterOptions
  readonly #id: string
  #handle: FileHandle | undefined
  #hash: Hash = createHash('sha256')
  #saved: number
  #at: number
  #suffix: string

  constructor(client: S3Client, { id, suffix, received }: UploadRow, options: WriterOptions) {
    this.#client = client
    this.#options = options
    this.#id = id
    this.#suffix = suffix
    this.#saved = received
    this.#at = received
    this.file = options.hasAll ? options.file : undefined
  }

  async write(chunk: Buffer): Promise<void> {
    const handle = (this.#handle ??= await this.#open())
    await mapDiskFull(() => writeAll(handle, chunk, this.#at))
    this.#hash.update(chunk)
    this.#at += chunk.length
  }

  async save(): Promise<string> {
    const [from, to] = [this.#saved, this.#at]
    if (from === to) return this.#suffix
    // a save that failed is tried again at the end
    const sha256 = this.#hash.copy().digest('hex')
    const before = this.#suffix === '' ? firstName : this.#suffix
    const name = nameOf(before, sha256)
    const key = `${folderOf(this.#id)}${offset(from)}-${offset(to)}-${before}-${name}`
    try {
      await putObject(this.#client, key, { file: this.#options.file, start: from, size: to - from }, sha256)
    } catch (error) {
      throw toHubError(error)
    }
    this.#saved = to
    this.#suffix = name
    this.#hash = createHash('sha256')
    if (this.#options.hasAll) this.#options.note(name, to)
    return name
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }

  #open(): Promise<FileHandle> {
    const { file, isNew } = this.#options
    return mapDiskFull(async () => {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
      return open(file, isNew ? 'w' : 'r+', 0o600)
    })
  }
}

function toPiece({ key }: ListedObject): Piece | undefined {
  const [, , from, to, before = '', name = ''] = objectPattern.exec(key) ?? []
  return from === undefined ? undefined : { key, from: Number(from), to: Number(to), before, name }
}

function nameOf(before: string, sha256: string): string {
  return createHash('sha256').update(`${before} ${sha256}`).digest('hex').slice(0, nameLength)
}

const offset = (bytes: number): string => String(bytes).padStart(offsetDigits, '0')
const hexOf = (id: string): string => Buffer.from(id, 'base64url').toString('hex')
const folderOf = (id: string): string => `uploads/${hexOf(id)}/`
