import type { HubContext } from '../context.ts'
import {
  makePreviews,
  type PictureInfo,
  type PictureSource,
  unreadablePicture,
} from '../file-storage/inspect.ts'
import { publishMessageChange } from '../messages/publish-change.ts'
import { type Operation, runOperation } from '../operation.ts'
import { isBusy } from '../../shared/errors.ts'
import { findPictureLocks, listMessagesWith, listOwedPreviews, listQuoting, storePicture } from './queries.ts'

/*
 * Makes the previews of pictures after their uploads were acknowledged. Invariants:
 *
 * 1. The row of a file says that its preview is owed, until the hub has decoded the picture or has failed to. So a
 *    killed hub goes on at its next start.
 * 2. All rows with the same content learn the result in one operation, forwarded ones too. Each message that was sent
 *    already is published again, and so are the replies that quote it.
 * 3. A fault of the disk decides nothing about a picture: it is tried again later.
 */

const retryMs = 60_000
const leaderAfterMs = 60_000
const busyRetryMs = 1_000
/** How often the decoder may end for a reason that it does not tell. */
const maxAttempts = 3

export class Previews {
  readonly #hub: HubContext
  /** By digest. */
  readonly #running = new Map<string, Promise<void>>()
  readonly #attempts = new Map<string, number>()

  constructor(hub: HubContext) {
    this.#hub = hub
    const isAlone = hub.uploads.writer === ''
    hub.jobs.add('previews.make', { ...(!isAlone && { everyMs: leaderAfterMs }), run: () => this.#start() })
  }

  /** Resolves when nothing runs. The jobs and the decoder are closed before. */
  async close(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  /** Starts what is owed and not started yet. Users take turns at the decoder. */
  async #start(): Promise<void> {
    for (const row of await this.#hub.store.read((db) => listOwedPreviews(db, {}))) {
      const { digest, size, userId } = row
      if (digest === null || this.#running.has(digest) || !this.#isMine(row)) continue
      const work = this.#make({ digest, size, userId })
        .catch((error: unknown) => this.#postpone(error))
        .finally(() => this.#running.delete(digest))
      this.#running.set(digest, work)
    }
  }

  /** Of several processes, the one that received a picture makes its preview; the leader, if that one was killed. */
  #isMine({ writer, touchedAt }: { writer: string; touchedAt: number }): boolean {
    const { uploads, isLeader, clock } = this.#hub
    if (uploads.writer === '' || writer === uploads.writer) return true
    return isLeader() && clock() - touchedAt >= leaderAfterMs
  }

  async #make(picture: PictureSource): Promise<void> {
    const { digest } = picture
    const info = await this.#decode(picture)
    try {
      await runOperation(this.#hub, { locks: (db) => findPictureLocks(db, digest) }, (op) =>
        publishPicture(op, digest, info),
      )
    } finally {
      this.#hub.fileRemoval.settle([info.listDigest, info.screenDigest].filter((made) => made !== null))
    }
    this.#attempts.delete(digest)
  }

  async #decode(picture: PictureSource): Promise<PictureInfo> {
    try {
      return await makePreviews(this.#hub, picture)
    } catch (error) {
      const attempts = (this.#attempts.get(picture.digest) ?? 0) + 1
      this.#attempts.set(picture.digest, attempts)
      if (this.#hub.jobs.isClosed || !isBusy(error) || attempts < maxAttempts) throw error
      this.#hub.log.warn({ err: error }, 'a picture gets no preview')
      return unreadablePicture
    }
  }

  #postpone(error: unknown): void {
    const { jobs, log } = this.#hub
    if (jobs.isClosed) return
    log.warn({ err: error }, 'a preview was not made and will be tried again')
    jobs.runSoon('previews.make', isBusy(error) ? busyRetryMs : retryMs)
  }
}

async function publishPicture(op: Operation, digest: string, info: PictureInfo): Promise<void> {
  const messages = await listMessagesWith(op.db, { digest })
  await storePicture(op.db, digest, info)
  const quoting = await Promise.all(messages.map(async (message) => listQuoting(op.db, message)))
  for (const message of [...messages, ...quoting.flat()]) {
    await publishMessageChange(op, message, { type: 'attachment.updated', by: undefined })
  }
}
