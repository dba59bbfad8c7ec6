import { rmSync } from 'node:fs'
import path from 'node:path'
import { filesLockName, lockFiles } from '../db/files-lock.ts'
import type { FolderPlace } from './files-place.ts'
import type { FolderContents } from './folder-contents.ts'
import type { Quarantine } from './quarantine.ts'

/*
 * Files of a hub of one process, in a folder. Invariants:
 * 1. A content is written before its row. After a crash there may be a file without a row, never the reverse.
 * 2. A file whose last row was deleted is removed, unless it was added again meanwhile: its row may not be written yet.
 *    During a backup no file is removed, so that the backup finds every file its copy of the database refers to.
 * 3. A file that no row refers to, without a deletion, proves nothing: the database may be the wrong one. It is set
 *    aside for some days (quarantine.ts), and not even that if it would be most of the files.
 *    For several processes, and for files in a bucket, see shared-files.ts.
 */

/** What a comparison of the files with the rows has found. */
export interface FileSurvey {
  /** Files that are here. */
  total: number
  /** Files that no row refers to and that were left where they are, because they are most of the files. */
  unreferenced: number
  /** Files that were set aside now. */
  setAside: number
  /** Files that rows refer to and that are not here. */
  missing: number
}

type FindReferenced = (digests: readonly string[]) => Promise<ReadonlySet<string>>

/** Longer than the time between writing a file and its row, for a caller that fails before it settles. */
const expectedMs = 10 * 60_000
/** The hub waits for one step of moves. */
const filesPerStep = 100

export class ExclusiveFiles {
  readonly #quarantine: Quarantine
  readonly #contents: FolderContents
  readonly #lock: string
  /** Contents whose row may be on its way: how often each was put, and when last in monotonic ms. */
  readonly #expected = new Map<string, { count: number; at: number }>()

  constructor({ contents, quarantine }: FolderPlace, dataDir: string) {
    this.#contents = contents
    this.#quarantine = quarantine
    this.#lock = path.join(dataDir, filesLockName)
  }

  requireWritable(): Promise<void> {
    return Promise.resolve()
  }

  /** This content is about to be written. */
  expect(digest: string): Promise<void> {
    const now = performance.now()
    this.#expected.set(digest, { count: (this.#expected.get(digest)?.count ?? 0) + 1, at: now })
    for (const [old, { at }] of this.#expected) if (now - at > expectedMs) this.#expected.delete(old)
    return Promise.resolve()
  }

  settle(digests: readonly string[]): void {
    for (const digest of digests) {
      const expected = this.#expected.get(digest)
      if (!expected) continue
      expected.count -= 1
      if (expected.count <= 0) this.#expected.delete(digest)
    }
  }

  /**
   * Removes those contents that no row refers to, which is asked once it is certain that no backup reads. Returns
   * those that are dealt with: removed, or referred to. Undefined if a backup is in the way.
   */
  async remove(digests: readonly string[], findReferenced: FindReferenced): Promise<string[] | undefined> {
    const lock = lockFiles(this.#lock, 'removing')
    if (!lock) return undefined
    try {
      const kept = await findReferenced(digests)
      const done = digests.filter((digest) => kept.has(digest) || !this.#isExpected(digest))
      // synchronous between the check and the removal, so no file can be added meanwhile
      for (const digest of done) if (!kept.has(digest)) rmSync(this.#contents.pathOf(digest), { force: true })
      return done
    } finally {
      lock.release()
    }
  }

  /**
   * Compares the files with the rows, and sets aside what no row refers to (rule 3). Returns undefined if a backup is
   * in the way.
   * @param allReferenced at the start: every digest that a row refers to, to find what is missing and put it back
   */
  async survey(
    now: number,
    findReferenced: FindReferenced,
    allReferenced?: readonly string[],
  ): Promise<FileSurvey | undefined> {
    const lock = lockFiles(this.#lock, 'removing')
    if (!lock) return undefined
    try {
      const { files, unfinished } = await this.#contents.listFiles()
      const orphans = await this.#findOrphans([...files.keys()], findReferenced)
      const isMost = orphans.length * 2 > files.size
      let setAside = 0
      for (let at = 0; !isMost && at < orphans.length; at += filesPerStep) {
        // looked at once more, since rows may have been written meanwhile
        for (const digest of await this.#findOrphans(orphans.slice(at, at + filesPerStep), findReferenced)) {
          this.#quarantine.add(files.get(digest) as string, now)
          setAside += 1
        }
      }
      if (allReferenced) for (const file of unfinished) this.#quarantine.add(file, now)
      const missing = allReferenced ? this.#putBackMissing(allReferenced, files) : 0
      return { total: files.size, unreferenced: isMost ? orphans.length : 0, setAside, missing }
    } finally {
      lock.release()
    }
  }

  async #findOrphans(digests: readonly string[], findReferenced: FindReferenced): Promise<string[]> {
    const kept = await findReferenced(digests)
    return digests.filter((digest) => !kept.has(digest) && !this.#isExpected(digest))
  }

  /** Returns the number of files that are not in quarantine either. */
  #putBackMissing(referenced: readonly string[], files: ReadonlyMap<string, string>): number {
    const lacking = referenced.filter((digest) => !files.has(digest))
    if (lacking.length === 0) return 0
    const setAside = this.#quarantine.list()
    let missing = 0
    for (const digest of lacking) {
      const from = setAside.get(digest)
      if (from === undefined) missing += 1
      else this.#quarantine.putBack(from, this.#contents.pathOf(digest))
    }
    return missing
  }

  #isExpected(digest: string): boolean {
    const expected = this.#expected.get(digest)
    return expected !== undefined && performance.now() - expected.at <= expectedMs
  }
}
