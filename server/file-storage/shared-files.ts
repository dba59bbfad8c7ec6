import { HubError } from '../../shared/errors.ts'
import type { FilesLink } from '../db/cluster-link.ts'
import type { MarkedPlace } from '../db/files-mark.ts'
import type { Db } from '../db/schema.ts'
import type { Store } from '../db/store.ts'

/*
 * Files that several processes share, or that are in a bucket. No process knows what another is about to write, so the database does. Invariants:
 *
 * 1. Whatever is written is noted in `released_file` first, in a transaction of its own: the note is younger than an hour
 *    until the row refers to the content. What an operation releases is noted with it.
 * 2. The leader removes a content an hour after its latest note, or days after it if the administrator says so, under the lock of the hub, if no row refers to it then. So a
 *    writer either has noted the content before, or finds no file and writes it again.
 * 3. Files without a row and without a note are left where they are.
 * 4. Nothing is written to a place without the mark of this hub: a share may have gone, and left an empty folder.
 */
export class SharedFiles {
  readonly #link: FilesLink
  readonly #store: Store
  readonly #mark: MarkedPlace
  readonly #nonce: string

  /** @param nonce that of the mark */
  constructor(link: FilesLink, store: Store, mark: MarkedPlace, nonce: string) {
    this.#link = link
    this.#store = store
    this.#mark = mark
    this.#nonce = nonce
  }

  /** @throws HubError `busy` */
  async requireWritable(): Promise<void> {
    const found = await this.#mark.read().catch(() => undefined)
    if (found?.nonce === this.#nonce) return
    throw new HubError('busy', `The hub cannot reach the ${this.#mark.kind} of its files. Try again later.`)
  }

  /** This content is about to be written. */
  async expect(digest: string): Promise<void> {
    await this.#store.writer.write(({ db }) => this.#link.expect(db, digest), { locks: [] })
  }

  /** For how long a content is kept after its last row, in ms. */
  readKept(db: Db): Promise<number> {
    return this.#link.readKept(db)
  }

  settle(_digests: readonly string[]): void {
    // a note stays for an hour
  }

  /**
   * Deals with the contents that were noted long enough ago. Returns false if a backup is in the way.
   * @param findReferenced tells which of them a row refers to
   */
  async removeDue(
    findReferenced: (db: Db, digests: readonly string[]) => Promise<ReadonlySet<string>>,
    remove: (digests: readonly string[]) => Promise<void>,
  ): Promise<boolean> {
    // all requests of the hub would wait for a place that is away
    await this.requireWritable()
    const release = await this.#link.tryLock()
    if (!release) return false
    try {
      for (let count = contentsPerStep; count === contentsPerStep;) {
        count = await this.#store.writer.write(
          async ({ db }) => {
            const due = await this.#link.findDue(db, contentsPerStep)
            if (due.length === 0) return 0
            const kept = await findReferenced(db, due)
            await remove(due.filter((digest) => !kept.has(digest)))
            await db.deleteFrom('releasedFile').where('digest', 'in', due).execute()
            return due.length
          },
          { locks: 'hub' },
        )
      }
      return true
    } finally {
      await release()
    }
  }
}

/** All requests of the hub wait for one step. */
const contentsPerStep = 50
