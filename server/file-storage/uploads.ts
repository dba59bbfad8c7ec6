import { statfs } from 'node:fs/promises'
import { HubError, notFound } from '../../shared/errors.ts'
import { sanitizeFileName } from '../../shared/text/file-names.ts'
import type { Store, Transaction } from '../db/store.ts'
import { userLock } from '../locks.ts'
import { newId } from '../ids.ts'
import { Hasher } from './hasher.ts'
import { inspectFile } from './inspect.ts'
import { pendingUploadBytes, type FileRow, claimUpload, findOwnFile, saveReceived } from './queries.ts'
import type { FileRemoval } from './file-removal.ts'
import { diskFull, MissingContentError } from './contents.ts'
import type { FileStore } from './store.ts'
import { binaryType } from './file-type.ts'
import {
  connectionLost,
  goesOnElsewhere,
  isOfConnection,
  tooManyBytes,
  wrongOffset,
} from './upload-errors.ts'
import { requireQuota } from './quota.ts'
import type { UploadPlace } from './upload-place.ts'

/*
 * Files on their way in. Invariants:
 *
 * 1. `received` in the row is the number of durable bytes, and the only progress that is ever reported. After a
 *    crash the upload resumes there, and later bytes count no more.
 * 2. An upload has a single writer at a time. A client that reconnects has lost its earlier connection, so that
 *    connection is ended first.
 * 3. A fully received file is hashed (in a thread), inspected and stored under the name of its content. Only then does
 *    the row mark it complete. Each of these steps can be repeated. Previews are made later: the row says that they
 *    are owed.
 * 4. Where several processes share the files, the row names the process whose request writes, until that has saved its last
 *    bytes. Another one can take it over: see UploadPlace. A save by the earlier one then fails.
 * 5. Space is reserved before the first byte: on the disk, and in the user's quota.
 */

export interface NewUpload {
  name: string
  size: number
  /** Measured by the sender, for audio and video. */
  width?: number | undefined
  height?: number | undefined
  duration?: number | undefined
}

export interface UploadState extends Pick<FileRow, 'name' | 'width' | 'height' | 'duration'> {
  id: string
  size: number
  received: number
  isComplete: boolean
  expiresAt: number
}

export type ReadDiskSpace = () => Promise<{ free: number; total: number }>

const hourMs = 60 * 60_000
export const unfinishedUploadMs = 7 * 24 * hourMs
const unattachedFileMs = 24 * hourMs
/** Reserved for the database: text messages must always be accepted. */
export const reservedBytes = 512 * 1024 * 1024
/** Bytes between two syncs of a long upload. */
const bytesPerSync = 8 * 1024 * 1024

interface ActiveWrite {
  stop: () => void
  done: Promise<unknown>
}

export interface UploadOptions {
  readonly files: FileStore
  readonly place: UploadPlace
  /** Names this process among those of the hub; empty for the only one. */
  readonly writer: string
  readonly store: Store
  readonly removal: FileRemoval
  /** Wall time in ms. */
  readonly clock: () => number
  readonly room?: ReadDiskSpace | undefined
  /** Called when a picture is complete that needs a preview. */
  readonly onPreviewOwed: () => void
}

export class Uploads {
  readonly #options: UploadOptions
  readonly #place: UploadPlace
  readonly #readDiskSpace: ReadDiskSpace
  readonly #hasher = new Hasher()
  readonly #activeWrites = new Map<string, ActiveWrite>()
  readonly #finishing = new Map<string, Promise<void>>()

  constructor(options: UploadOptions) {
    this.#options = options
    this.#place = options.place
    this.#readDiskSpace = options.room ?? (() => diskSpaceOf(options.files.place.diskFolder))
  }

  get writer(): string {
    return this.#options.writer
  }

  /** @throws too_large, disk_full, conflict */
  async create(userId: string, upload: NewUpload): Promise<UploadState> {
    const { store, clock, files } = this.#options
    await files.requireWritable()
    // a file above the limit is refused as that, however full the disk is
    await store.read((db) => requireQuota(db, userId, upload.size))
    const promised = await store.read(pendingUploadBytes)
    const { free } = await this.#readDiskSpace()
    if (free - promised - upload.size < reservedBytes) throw diskFull()
    const id = newId()
    const { size, width = null, height = null, duration = null } = upload
    const file = { id, name: sanitizeFileName(upload.name), size, width, height, duration }
    await this.#write(userId, async (tx) => {
      await requireQuota(tx.db, userId, size)
      await tx.db
        .insertInto('file')
        .values({
          ...file,
          userId,
          messageId: null,
          chatId: null,
          seq: null,
          position: null,
          type: binaryType,
          digest: null,
          listDigest: null,
          screenDigest: null,
          createdAt: tx.now,
          touchedAt: tx.now,
        })
        .execute()
    })
    if (size === 0) await this.#finish(userId, id)
    return toUploadState({ ...file, received: 0, touchedAt: clock() })
  }

  /** Returns the state of an upload, once no request writes to it any more. @throws HubError `not_found` */
  async state(userId: string, fileId: string): Promise<UploadState> {
    await this.#stopWrite(fileId)
    const row = await this.#requireUpload(userId, fileId)
    if (row.digest === null && row.received === row.size) await this.#finish(userId, fileId)
    else if (row.digest === null && row.received > 0) await this.#requireContent(row)
    return toUploadState(row)
  }

  /**
   * Writes the received bytes from `offset` on. Returns the new state.
   * @throws HubError `not_found`; `conflict` if `offset` is not the current offset; `too_large` if more than
   * announced arrives; `disk_full`
   */
  async append(
    userId: string,
    fileId: string,
    offset: number,
    content: AsyncIterable<Buffer> & { destroy: () => void; readonly destroyed: boolean },
  ): Promise<UploadState> {
    // if two calls waited for the same write, the second waits for the first
    do await this.#stopWrite(fileId)
    while (this.#activeWrites.has(fileId))
    const done = Promise.withResolvers<void>()
    this.#activeWrites.set(fileId, { stop: () => content.destroy(), done: done.promise })
    try {
      const row = await this.#requireUpload(userId, fileId)
      if (offset !== row.received) throw wrongOffset()
      if (row.digest !== null) return toUploadState(row)
      await this.#options.files.requireWritable()
      const received = await this.#receive(await this.#claim(row), content)
      if (received === row.size) await this.#finish(userId, fileId)
      return toUploadState({ ...row, received })
    } catch (error) {
      // the client cannot receive this error: the received bytes are stored, and it requests the offset later
      if (content.destroyed && isOfConnection(error)) throw connectionLost(error)
      throw error
    } finally {
      this.#activeWrites.delete(fileId)
      done.resolve()
    }
  }

  /** Cancels an upload. @throws not_found; conflict if the file is in a message */
  async cancel(userId: string, fileId: string): Promise<void> {
    await this.#stopWrite(fileId)
    await this.#finishing.get(fileId)?.catch(() => undefined)
    const gone = await this.#write(userId, async ({ db }) => {
      const [row] = await findOwnFile(db, { fileId, userId })
      if (!row) throw notFound('This file')
      if (row.messageId !== null) {
        throw new HubError('conflict', 'This file belongs to a message. Delete the message to remove it.')
      }
      await db.deleteFrom('file').where('id', '=', fileId).execute()
      return row
    })
    this.#hasher.forget(fileId)
    await this.#place.remove(gone)
    this.#options.removal.schedule()
  }

  /**
   * Removes uploads that were abandoned and files that were never sent. Needs no lock: the statement that deletes a row
   * checks it.
   */
  async removeExpired(): Promise<void> {
    const { store, clock, removal } = this.#options
    const now = clock()
    const gone = await store.writer.write(({ db }) =>
      db
        .deleteFrom('file')
        .where('messageId', 'is', null)
        .where((eb) =>
          eb.or([
            eb.and([eb('digest', 'is', null), eb('touchedAt', '<=', now - unfinishedUploadMs)]),
            eb.and([eb('digest', 'is not', null), eb('touchedAt', '<=', now - unattachedFileMs)]),
          ]),
        )
        .returning(['id', 'suffix'])
        .execute(),
    )
    for (const row of gone) {
      await this.#stopWrite(row.id)
      await this.#place.remove(row)
    }
    await removal.removeNow()
  }

  async close(): Promise<void> {
    for (const id of [...this.#activeWrites.keys()]) await this.#stopWrite(id)
    await Promise.allSettled(this.#finishing.values())
    await this.#hasher.close()
  }

  async #stopWrite(fileId: string): Promise<void> {
    for (let before = this.#activeWrites.get(fileId); before; before = this.#activeWrites.get(fileId)) {
      before.stop()
      await before.done
    }
  }

  async #requireUpload(userId: string, fileId: string): Promise<FileRow> {
    const [row] = await this.#options.store.read((db) => findOwnFile(db, { fileId, userId }))
    if (!row) throw notFound('This file')
    return row
  }

  /**
   * Requires the bytes that the row promises to be there. Otherwise (a restored backup has no uploads) the
   * row is useless. @throws HubError `not_found`
   */
  async #requireContent(row: FileRow): Promise<void> {
    if (!(await this.#place.has(row))) await this.#giveUp(row)
  }

  /** Runs work with the received bytes of an upload. @throws HubError `not_found` if they are lost */
  async #withContent<T>(row: FileRow, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof MissingContentError)) throw error
      return this.#giveUp(row)
    }
  }

  async #giveUp(row: FileRow): Promise<never> {
    // a place that is away has lost nothing
    await this.#options.files.requireWritable()
    const gone = await this.#write(row.userId, ({ db }) =>
      db
        .deleteFrom('file')
        .where('id', '=', row.id)
        .where('digest', 'is', null)
        .where('writer', '=', row.writer)
        .where('suffix', '=', row.suffix)
        .returning('id')
        .execute(),
    )
    throw gone.length > 0 ? notFound('This file') : goesOnElsewhere()
  }

  /**
   * Makes this process the writer of an upload, also of one that another process still holds.
   * @throws HubError `conflict` if another process has saved or taken it meanwhile
   */
  async #claim(row: FileRow): Promise<FileRow> {
    const { writer } = this.#options
    if (row.writer === writer) return row
    const isFree = row.writer === ''
    const suffix = isFree ? row.suffix : await this.#withContent(row, () => this.#place.takeOver(row))
    const own = { ...row, writer, suffix }
    const change = { ...row, newWriter: own.writer, newSuffix: own.suffix }
    const [isClaimed] = await this.#write(row.userId, async ({ db }) => claimUpload(db, change))
    if (own.suffix !== row.suffix) await this.#place.remove(isClaimed ? row : own)
    if (!isClaimed) throw wrongOffset()
    if (!isFree) this.#hasher.forget(row.id)
    return own
  }

  async #receive(row: FileRow, content: AsyncIterable<Buffer>): Promise<number> {
    const bytes = await this.#withContent(row, () => this.#place.open(row))
    let at = row.received
    let saved = at
    const isShared = row.writer !== ''
    const save = async (isLast = false): Promise<void> => {
      if (at === saved && !(isLast && isShared)) return
      const suffix = await bytes.save()
      const now = this.#options.clock()
      const change = { fileId: row.id, writer: row.writer, next: isLast ? '' : row.writer, suffix }
      const [mine] = await this.#write(row.userId, async ({ db }) =>
        saveReceived(db, { ...change, received: at, now }),
      )
      if (!mine) throw goesOnElsewhere()
      saved = at
      if (bytes.file !== undefined) this.#hasher.advance(row.id, bytes.file, saved)
    }
    try {
      try {
        for await (const chunk of content) {
          if (at + chunk.length > row.size) throw tooManyBytes()
          await bytes.write(chunk)
          at += chunk.length
          if (at - saved >= bytesPerSync) await save()
        }
      } finally {
        // also if the connection is lost: the received bytes are saved
        await save(true)
      }
    } finally {
      await bytes.close()
    }
    return saved
  }

  #finish(userId: string, fileId: string): Promise<void> {
    const under = this.#finishing.get(fileId)
    if (under) return under
    const work = this.#completeUpload(userId, fileId).finally(() => this.#finishing.delete(fileId))
    this.#finishing.set(fileId, work)
    return work
  }

  async #completeUpload(userId: string, fileId: string): Promise<void> {
    const row = await this.#requireUpload(userId, fileId)
    if (row.digest !== null) return
    try {
      await this.#complete(row)
    } catch (error) {
      // another process may have been faster
      if ((await this.#requireUpload(userId, fileId)).digest === null) throw error
    }
  }

  /** Nobody writes to a file that has all bytes, so any process may complete it. */
  async #complete(row: FileRow): Promise<void> {
    const { id: fileId, userId } = row
    const info = await this.#withContent(row, () =>
      this.#place.withFile(row, async (file) => {
        const digest = await this.#hasher.digest(fileId, file, row.size)
        const found = await inspectFile(file, row)
        await this.#options.files.writeFile(file, digest)
        return { ...found, digest }
      }),
    )
    try {
      await this.#write(userId, ({ db, now }) =>
        db
          .updateTable('file')
          .set({ ...info, writer: this.writer, touchedAt: now })
          .where('id', '=', fileId)
          .where('digest', 'is', null)
          .execute(),
      )
    } finally {
      this.#options.removal.settle([info.digest])
    }
    if (info.previewOwed) this.#options.onPreviewOwed()
    await this.#place.remove(row)
  }

  /** Removes contents of uploads that are complete, and sets those aside that no row knows: see ExclusiveFiles.survey. */
  async setLeftoversAside(): Promise<void> {
    const { store, files, clock } = this.#options
    if (files.access === 'none') return
    const rows = await store.read((db) => db.selectFrom('file').select(['id', 'digest', 'suffix']).execute())
    const byId = new Map(rows.map((row) => [row.id, row]))
    await this.#place.removeLeftovers((id, suffix) => {
      const row = byId.get(id)
      if (this.#finishing.has(id)) return 'use'
      if (row?.digest === null && (suffix === undefined || suffix === row.suffix)) return 'use'
      return row ? 'done' : 'unknown'
    }, clock())
  }

  /** Runs an operation on the files of one user. */
  #write<T>(userId: string, run: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#options.store.writer.write(run, { locks: [userLock(userId)] })
  }
}

function toUploadState(
  row: Omit<UploadState, 'isComplete' | 'expiresAt'> & { touchedAt: number },
): UploadState {
  const { id, name, size, received, width, height, duration, touchedAt } = row
  const isComplete = received === size
  return {
    id,
    name,
    size,
    received,
    width,
    height,
    duration,
    isComplete,
    expiresAt: touchedAt + unfinishedUploadMs,
  }
}

export async function diskSpaceOf(directory: string): Promise<{ free: number; total: number }> {
  const { bavail, blocks, bsize } = await statfs(directory)
  return { free: bavail * bsize, total: blocks * bsize }
}
