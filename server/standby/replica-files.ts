import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import type { FolderContents } from '../file-storage/folder-contents.ts'

/*
 * The files of a standby: it fetches each one when a row that names it arrives, and keeps it for a day longer than the
 * hub does, so that a hub that comes back from its past finds them. Invariants:
 *
 * 1. A file gets its name once its content has the hash of that name, and is synced.
 * 2. `completeUpTo` never names a frame whose file is not here, unless the hub has lost that file itself.
 * 3. A file goes only if no row names it, and both the clock of this computer and the times in the hub's own rows say
 *    that a day has passed: either alone may be wrong.
 */

/** Sends a file from the byte `from` on. Undefined if the hub does not have it either. */
export type FetchFile = (
  digest: string,
  from: number,
) => Promise<{ from: number; content: Readable } | undefined>

const maxFetches = 4
const keepMs = 24 * 60 * 60 * 1000
const retryMs = 1_000
const maxRetryMs = 30_000

export interface ReplicaFilesOptions {
  dataDir: string
  files: FolderContents
  fetch: FetchFile
  /** Called when `completeUpTo` has grown. */
  onComplete: () => void
  log: FastifyBaseLogger
  clock?: () => number
}

interface Wanted {
  digest: string
  lsn: number
}

interface Released {
  /** By the clock of this computer, in ms. */
  own: number
  /** By the latest time in the hub's rows, in ms. */
  hub: number
}

export class ReplicaFiles {
  readonly #options: ReplicaFilesOptions
  readonly #folder: string
  readonly #releasedFile: string
  /** Files that are not here yet, in the order of their frames. */
  readonly #wanted = new Map<string, Wanted>()
  readonly #fetching = new Set<string>()
  readonly #released: Map<string, Released>
  readonly #clock: () => number
  #seen = 0
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(options: ReplicaFilesOptions) {
    this.#options = options
    this.#clock = options.clock ?? Date.now
    const continuity = path.join(options.dataDir, 'continuity')
    this.#folder = path.join(continuity, 'incoming-files')
    this.#releasedFile = path.join(continuity, 'released-files.json')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#released = readReleased(this.#releasedFile)
  }

  /** Every file of the frames up to this one is here. */
  get completeUpTo(): number {
    let upTo = this.#seen
    for (const { lsn } of this.#wanted.values()) upTo = Math.min(upTo, lsn - 1)
    return upTo
  }

  /** How many are on their way. */
  get missing(): number {
    return this.#wanted.size
  }

  /** The frames up to this one have come, and their rows name these files. */
  expect(lsn: number, digests: Iterable<string>): void {
    for (const digest of digests) {
      this.#released.delete(digest)
      if (this.#wanted.has(digest) || existsSync(this.#options.files.pathOf(digest))) continue
      this.#wanted.set(digest, { digest, lsn })
    }
    this.#seen = Math.max(this.#seen, lsn)
    this.#fetchMore()
  }

  /** The last row of these was deleted on the hub. */
  release(digests: Iterable<string>, hubTime: number): void {
    for (const digest of digests) {
      this.#wanted.delete(digest)
      if (!this.#released.has(digest)) this.#released.set(digest, { own: this.#clock(), hub: hubTime })
    }
  }

  /**
   * Removes what was released a day ago.
   * @param hubTime the latest time in the hub's rows
   * @param referenced returns those that some row names
   */
  removeDue(hubTime: number, referenced: (digests: readonly string[]) => ReadonlySet<string>): void {
    const now = this.#clock()
    const due = [...this.#released]
      .filter(([, { own, hub }]) => now - own >= keepMs && hubTime - hub >= keepMs)
      .map(([digest]) => digest)
    if (due.length === 0) return
    const kept = referenced(due)
    for (const digest of due) {
      if (!kept.has(digest)) rmSync(this.#options.files.pathOf(digest), { force: true })
      this.#released.delete(digest)
    }
    this.#saveReleased()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#saveReleased()
  }

  /** What a crash forgets is found when this computer becomes the hub: it compares its files with its rows. */
  #saveReleased(): void {
    try {
      writeFileSync(this.#releasedFile, JSON.stringify([...this.#released]), { mode: 0o600 })
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the list of released files was not saved')
    }
  }

  #fetchMore(): void {
    if (this.#isClosed || this.#timer) return
    for (const wanted of this.#wanted.values()) {
      if (this.#fetching.size >= maxFetches) return
      if (!this.#fetching.has(wanted.digest)) void this.#fetch(wanted)
    }
  }

  async #fetch({ digest }: Wanted): Promise<void> {
    this.#fetching.add(digest)
    try {
      await this.#receive(digest)
      this.#failures = 0
      this.#wanted.delete(digest)
      if (!this.#isClosed) this.#options.onComplete()
    } catch (error) {
      if (this.#isClosed) return
      this.#options.log.warn({ err: error }, 'a file of the hub was not received')
      this.#retryLater()
    } finally {
      this.#fetching.delete(digest)
      this.#fetchMore()
    }
  }

  #retryLater(): void {
    this.#failures += 1
    clearTimeout(this.#timer)
    const delayMs = Math.min(retryMs * 2 ** (this.#failures - 1), maxRetryMs)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#fetchMore()
    }, delayMs).unref()
  }

  /** The connection is there again: what waits is fetched at once. */
  retryNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#failures = 0
    this.#fetchMore()
  }

  async #receive(digest: string): Promise<void> {
    const { files, fetch, log } = this.#options
    const unfinished = path.join(this.#folder, digest)
    const has = statSync(unfinished, { throwIfNoEntry: false })?.size ?? 0
    const answer = await fetch(digest, has)
    if (!answer) {
      log.warn('the hub has lost a file that its rows name')
      rmSync(unfinished, { force: true })
      return
    }
    const handle = await open(unfinished, answer.from > 0 ? 'a' : 'w', 0o600)
    try {
      for await (const chunk of answer.content as AsyncIterable<Buffer>) await handle.writeFile(chunk)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if ((await digestOf(unfinished)) !== digest) {
      // a transfer that was cut short goes on; anything else begins again
      rmSync(unfinished, { force: true })
      throw new Error('the content is not the one of this name')
    }
    await files.writeFile(digest, unfinished)
    rmSync(unfinished, { force: true })
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** A line that is damaged costs the room of one file, until this computer becomes the hub. */
function readReleased(file: string): Map<string, Released> {
  try {
    const lines: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return new Map(Array.isArray(lines) ? lines.filter(isReleasedLine) : [])
  } catch {
    return new Map()
  }
}

function isReleasedLine(line: unknown): line is [string, Released] {
  if (!Array.isArray(line)) return false
  const [digest, times] = line as unknown[]
  const { own, hub } = (times ?? {}) as Partial<Released>
  return (
    typeof digest === 'string' &&
    /^[0-9a-f]{64}$/.test(digest) &&
    Number.isFinite(own) &&
    Number.isFinite(hub)
  )
}
