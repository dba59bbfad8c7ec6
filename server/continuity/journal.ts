import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { syncDirectory } from '../db/fsync.ts'
import { makeDirectory } from '../db/make-directory.ts'
import { nextPosition } from './chain.ts'
import { decodeFrameAt, frameTypes, type RowFrame } from './frame.ts'
import { isSamePosition, type Position } from './position.ts'

/*
 * The frames that a standby has acknowledged and that may not be in its database yet. Invariants:
 *
 * 1. A frame is written, then synced, then acknowledged. Writes of one turn of the loop share a sync.
 * 2. On opening, every frame is checked against the chain from the database on. The first that does not fit, and
 *    all after it, are cut off: a crash leaves a part of a frame, and a disk may leave worse.
 * 3. A segment goes only when the database is synced beyond its last frame.
 * 4. After a failed write or sync nobody knows what is on the disk: nothing more is acknowledged until it was opened again.
 */

const maxSegmentBytes = 8 * 1024 * 1024
const nameDigits = 16

interface Segment {
  file: string
  fd: number
  bytes: number
  /** The number of its last frame; 0 while it is empty. */
  last: number
  /** Where each frame that is still needed begins. */
  starts: Map<number, number>
}

export class Journal {
  readonly #directory: string
  readonly #onSynced: (end: Position) => void
  readonly #onFailed: (error: unknown) => void
  #segments: Segment[] = []
  #end: Position
  /** Frames that are written and not synced. */
  #isDirty = false
  #syncing: Promise<void> | undefined
  #failure: Error | undefined
  #rotates = false
  #isClosed = false

  /**
   * @param applied where the database ends. Use `frames` for what is beyond it.
   * @param onSynced called after each sync with the end that is durable now
   */
  constructor(
    directory: string,
    applied: Position,
    on: { synced: (end: Position) => void; failed: (error: unknown) => void },
  ) {
    this.#directory = directory
    this.#end = applied
    this.#onSynced = on.synced
    this.#onFailed = on.failed
    makeDirectory(directory)
  }

  /** The last frame that was appended, synced or not. */
  get end(): Position {
    return this.#end
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Reads the frames beyond the database, and cuts off what does not fit. Called once, first. */
  open(): RowFrame[] {
    const frames: RowFrame[] = []
    const names = readdirSync(this.#directory).filter((name) => /^\d{16}$/.test(name))
    let isWhole = true
    for (const name of names.sort()) {
      const file = path.join(this.#directory, name)
      if (!isWhole) {
        rmSync(file)
        continue
      }
      const segment = this.#openSegment(file)
      isWhole = this.#readSegment(segment, readFileSync(file), frames)
      // a process that was killed may have left it in the memory of the system
      fdatasyncSync(segment.fd)
    }
    syncDirectory(this.#directory)
    return frames
  }

  /** Returns false if the segment was cut: nothing after it belongs to the log. */
  #readSegment(segment: Segment, bytes: Buffer, frames: RowFrame[]): boolean {
    let at = 0
    while (at < bytes.length) {
      const found = readFrame(bytes, at)
      if (!found || !this.#accepts(found.frame)) break
      const { frame, end } = found
      if (frame.position.lsn > this.#end.lsn) {
        this.#end = frame.position
        frames.push(frame)
      }
      segment.starts.set(frame.position.lsn, at)
      segment.last = frame.position.lsn
      at = end
    }
    segment.bytes = at
    if (at === bytes.length) return true
    ftruncateSync(segment.fd, at)
    return false
  }

  /** Frames that the database has were checked before; those beyond it continue the chain. */
  #accepts({ type, position, body }: RowFrame): boolean {
    if (type !== frameTypes.rows) return false
    if (position.lsn < this.#end.lsn) return true
    if (position.lsn === this.#end.lsn) return isSamePosition(position, this.#end)
    return isSamePosition(nextPosition(this.#end, body), position)
  }

  /**
   * Writes a frame. `synced` is called with its position once it is on the disk.
   * @throws Error if it cannot be written, as on a full disk; then the journal ends before it
   */
  append(frame: RowFrame): void {
    if (this.#failure) throw this.#failure
    if (this.#isClosed) throw new Error('the journal is closed')
    if (!isSamePosition(nextPosition(this.#end, frame.body), frame.position)) {
      throw new Error(
        `frame ${frame.position.lsn} does not continue the journal, which ends at ${this.#end.lsn}`,
      )
    }
    const segment = this.#currentSegment(frame.position.lsn)
    this.#write(segment, frame.encoded)
    segment.starts.set(frame.position.lsn, segment.bytes)
    segment.bytes += frame.encoded.length
    segment.last = frame.position.lsn
    this.#end = frame.position
    this.#isDirty = true
    if (!this.#syncing) this.#syncing = this.#syncSoon()
  }

  /** Resolves when all that was appended is on the disk. */
  async settle(): Promise<void> {
    while (this.#syncing) await this.#syncing
    if (this.#failure) throw this.#failure
  }

  /** Cuts off all frames after this position, which the hub does not have. Durable when it resolves. */
  async cutTo(position: Position): Promise<void> {
    await this.settle()
    if (position.lsn >= this.#end.lsn) return
    while (this.#segments.length > 0) {
      const segment = this.#segments.at(-1) as Segment
      const start = segment.starts.get(position.lsn + 1)
      if (start === undefined && segment.last > position.lsn) {
        this.#removeSegment(segment)
        this.#segments.pop()
        continue
      }
      if (start !== undefined) await this.#truncate(segment, start, position.lsn)
      break
    }
    this.#end = position
  }

  async #truncate(segment: Segment, start: number, last: number): Promise<void> {
    ftruncateSync(segment.fd, start)
    for (const lsn of segment.starts.keys()) if (lsn > last) segment.starts.delete(lsn)
    segment.bytes = start
    segment.last = segment.starts.size > 0 ? last : 0
    await syncData(segment.fd)
  }

  /** The next frame begins a new segment, so that the ones until now can go. */
  rotate(): void {
    if ((this.#segments.at(-1)?.bytes ?? 0) > 0) this.#rotates = true
  }

  /** The database is synced up to `lsn`: segments that end there are removed. */
  async release(lsn: number): Promise<void> {
    // no file is closed while it is being synced
    while (this.#syncing) await this.#syncing
    if (this.#isClosed) return
    const keep = this.#segments.filter((segment, at) => {
      const isCurrent = at === this.#segments.length - 1 && !this.#rotates
      if (isCurrent || segment.last > lsn) return true
      this.#removeSegment(segment)
      return false
    })
    this.#segments = keep
    if (keep.length === 0) this.#rotates = false
  }

  /** Removes everything: the database was replaced, and ends here. */
  async restart(position: Position): Promise<void> {
    await this.settle().catch(() => undefined)
    for (const segment of this.#segments.splice(0)) this.#removeSegment(segment)
    syncDirectory(this.#directory)
    this.#end = position
    this.#rotates = false
    this.#failure = undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.settle().catch(() => undefined)
    for (const { fd } of this.#segments.splice(0)) closeSync(fd)
  }

  /** @throws the error of the system; then the segment ends as before */
  #write({ fd, bytes }: Segment, content: Buffer): void {
    try {
      for (let done = 0; done < content.length;) {
        done += writeSync(fd, content, done, content.length - done)
      }
    } catch (error) {
      try {
        ftruncateSync(fd, bytes)
      } catch (cause) {
        this.#failure = new Error('the journal cannot be written', { cause })
      }
      throw error
    }
  }

  async #syncSoon(): Promise<void> {
    // frames of the same turn share the sync
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#isDirty && !this.#failure) {
      this.#isDirty = false
      const end = this.#end
      try {
        await syncData((this.#segments.at(-1) as Segment).fd)
        this.#onSynced(end)
      } catch (error) {
        this.#fail(error)
      }
    }
    this.#syncing = undefined
  }

  #fail(error: unknown): void {
    this.#failure = new Error('the journal cannot be written', { cause: error })
    this.#onFailed(this.#failure)
  }

  #currentSegment(lsn: number): Segment {
    const current = this.#segments.at(-1)
    if (current && current.bytes < maxSegmentBytes && !this.#rotates) return current
    this.#rotates = false
    // a sync of the new one leaves the frames of the earlier one where they are
    if (current && this.#isDirty) fdatasyncSync(current.fd)
    const segment = this.#openSegment(path.join(this.#directory, String(lsn).padStart(nameDigits, '0')))
    syncDirectory(this.#directory)
    return segment
  }

  #openSegment(file: string): Segment {
    const fd = openSync(file, 'a+', 0o600)
    const segment: Segment = { file, fd, bytes: 0, last: 0, starts: new Map() }
    this.#segments.push(segment)
    return segment
  }

  #removeSegment({ fd, file }: Segment): void {
    closeSync(fd)
    rmSync(file, { force: true })
  }
}

function readFrame(bytes: Buffer, at: number): { frame: RowFrame; end: number } | undefined {
  try {
    return decodeFrameAt(bytes, at)
  } catch {
    return undefined
  }
}

function syncData(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()))
  })
}
