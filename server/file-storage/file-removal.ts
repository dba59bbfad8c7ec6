import type { FastifyBaseLogger } from 'fastify'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Store } from '../db/store.ts'
import type { Jobs } from '../jobs.ts'
import { findReferencedDigests, listReferencedDigests } from './queries.ts'
import { ExclusiveFiles, type FileSurvey } from './exclusive-files.ts'
import { SharedFiles } from './shared-files.ts'
import type { FileStore } from './store.ts'

/*
 * Files whose last row was deleted go from the disk a moment later. A trigger of the database notes each such content
 * in the transaction that deletes its row (`released_file`), so a note is the proof of a deletion: it survives a crash,
 * and no path that deletes rows can forget it. A file without a row and without a note is another matter: see
 * ExclusiveFiles.survey.
 */

const contentsPerStep = 200
/** How long a removal waits that a backup, or a row on its way, is in the way of. */
const retryMs = 5_000
const dueCheckIntervalMs = 5 * 60_000
/** Of a file that another process may be writing. */
const unfinishedAfterMs = 60 * 60_000

interface FileRemovalOptions {
  readonly files: FileStore
  readonly store: Store
  readonly jobs: Jobs
  readonly log: FastifyBaseLogger
  readonly isLeader: () => boolean
}

export class FileRemoval {
  /** What the latest survey found; undefined before the first. */
  lastSurvey: FileSurvey | undefined
  readonly #options: FileRemovalOptions

  constructor(options: FileRemovalOptions) {
    this.#options = options
    const { access } = options.files
    if (access instanceof SharedFiles) {
      options.jobs.add('files.remove', { everyMs: dueCheckIntervalMs, run: () => this.#removeDue(access) })
    } else options.jobs.add('files.remove', { run: () => this.#removeReleased() })
  }

  /** Rows that refer to files were deleted, by a transaction that is committed. */
  schedule(): void {
    if (this.#options.files.access instanceof ExclusiveFiles) this.#options.jobs.runSoon('files.remove')
  }

  /** Resolves when it was tried. */
  removeNow(): Promise<void> {
    return this.#options.jobs.run('files.remove')
  }

  /** The rows of these contents are written, or will never be: see FileStore.writeContent. */
  settle(digests: readonly string[]): void {
    this.#options.files.settle(digests)
  }

  /** See ExclusiveFiles.survey. */
  async survey(now: number, allReferenced?: readonly string[]): Promise<void> {
    const { files, store, log } = this.#options
    const { access } = files
    if (!(access instanceof ExclusiveFiles)) {
      // by the leader, and not by each process that starts
      if (access === 'none' || allReferenced) return
      this.lastSurvey = await this.#surveyShared()
      if (this.lastSurvey.missing > 0) log.warn(this.lastSurvey, 'files and database do not agree')
      return
    }
    const survey = await access.survey(
      now,
      (digests) => store.read(async (db) => findKnownDigests(db, digests)),
      allReferenced,
    )
    if (!survey) return
    this.lastSurvey = { ...survey, missing: allReferenced ? survey.missing : (this.lastSurvey?.missing ?? 0) }
    if (survey.unreferenced > 0 || survey.setAside > 0 || survey.missing > 0) {
      log.warn(survey, 'files and database do not agree')
    }
  }

  /** Removes what a killed process has not finished, and counts what is missing. */
  async #surveyShared(): Promise<FileSurvey> {
    const { files, store } = this.#options
    // read before the files, so that one that is removed meanwhile does not count
    const referenced = await store.read(listReferencedDigests)
    await files.contents.removeUnfinished(unfinishedAfterMs)
    const found = await files.contents.list()
    const missing = referenced.filter((digest) => !found.has(digest)).length
    return { total: found.size, unreferenced: 0, setAside: 0, missing }
  }

  /** In a hub of several processes, whose leader does it. */
  async #removeDue(shared: SharedFiles): Promise<void> {
    const { isLeader, files, jobs } = this.#options
    if (!isLeader()) return
    const remove = (digests: readonly string[]): Promise<void> => files.contents.remove(digests)
    if (!(await shared.removeDue(findReferencedDigests, remove))) jobs.runSoon('files.remove', retryMs)
  }

  async #removeReleased(): Promise<void> {
    const { files, store, jobs } = this.#options
    const { access } = files
    if (!(access instanceof ExclusiveFiles)) return
    for (;;) {
      const rows = await store.read((db) => releasedFiles(db, { count: contentsPerStep }))
      if (rows.length === 0) return
      const done = await access.remove(
        rows.map(({ digest }) => digest),
        (digests) => store.read((db) => findReferencedDigests(db, digests)),
      )
      if (done && done.length > 0) {
        await store.writer.write(
          ({ db }) => db.deleteFrom('releasedFile').where('digest', 'in', done).execute(),
          { locks: [] },
        )
      }
      if (!done || done.length < rows.length) {
        jobs.runSoon('files.remove', retryMs)
        return
      }
    }
  }
}

const releasedFiles = prepared((db, p: { count: number }) =>
  db.selectFrom('releasedFile').select('digest').limit(p.count),
)

/** Which of these some row refers to, or a deletion has noted: those are not orphans either. */
async function findKnownDigests(db: Db, digests: readonly string[]): Promise<Set<string>> {
  const known = await findReferencedDigests(db, digests)
  const released = await db.selectFrom('releasedFile').select('digest').execute()
  for (const { digest } of released) known.add(digest)
  return known
}
