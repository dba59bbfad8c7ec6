import { mkdirSync, rmSync, statSync, appendFileSync } from 'node:fs'
import path from 'node:path'

/*
 * Remembers which picture is being decoded, so that one that crashes the whole process does so twice at most: a bug of
 * a decoder in native code ends the hub, not only the thread. Invariants:
 *
 * 1. The mark is in the file system before the decode starts, and is removed when it ends, well or not.
 * 2. A mark that is left belongs to a process that ended during the decode: each adds one byte.
 * 3. Marks expire, since a new version may decode what the old one could not.
 */

const maxCrashes = 2
const markLifetimeMs = 7 * 24 * 60 * 60_000

export class DecodeMarks {
  readonly #dir: string

  /** `dir`: created with the first mark. */
  constructor(dir: string) {
    this.#dir = dir
  }

  /** Returns true if the process ended during two earlier decodes of this picture. */
  isRefused(digest: string): boolean {
    const mark = statSync(this.#fileOf(digest), { throwIfNoEntry: false })
    if (!mark) return false
    const isExpired = Date.now() - mark.mtimeMs > markLifetimeMs
    if (isExpired) this.remove(digest)
    return !isExpired && mark.size >= maxCrashes
  }

  /** Synchronous, so that nothing comes between the mark and the decode. */
  add(digest: string): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    appendFileSync(this.#fileOf(digest), '.', { mode: 0o600 })
  }

  remove(digest: string): void {
    rmSync(this.#fileOf(digest), { force: true })
  }

  #fileOf(digest: string): string {
    return path.join(this.#dir, digest)
  }
}
