import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { databaseFile } from '../db/sqlite/store.ts'
import { WorkerQueue } from '../workers/worker-queue.ts'
import { workerModule } from '../program-files.ts'
import type { CopyTask, MadeCopy } from './copy-worker.ts'
import type { Position } from './position.ts'
import { type ReadRoom, requireRoomForCopy, roomOf, sizeOfDatabase } from './room-for-copy.ts'

/*
 * Copies of a hub's database for standbys that cannot follow from where they are. A copy is made in a worker while the
 * hub writes, and says by its own `position` where it is in the log.
 */

/** A standby that has not read for so long begins again. */
const unusedCopyMs = 15 * 60_000
const idleTimeoutMs = 1_000
const maxHeapMegabytes = 64

export class Copies {
  readonly #dataDir: string
  readonly #folder: string
  readonly #room: ReadRoom
  readonly #queue: WorkerQueue<CopyTask, MadeCopy>
  #latest: MadeCopy | undefined
  /** One is made or handed out at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  #removal: ReturnType<typeof setTimeout> | undefined
  #count = 0

  /** Removes what a killed hub has left. */
  constructor(dataDir: string, room: ReadRoom = () => roomOf(dataDir)) {
    this.#dataDir = dataDir
    this.#room = room
    this.#folder = join(dataDir, 'continuity', 'outgoing')
    rmSync(this.#folder, { recursive: true, force: true })
    this.#queue = new WorkerQueue({
      module: workerModule('continuity/copy-worker'),
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
      idleTimeoutMs,
    })
  }

  /**
   * Returns the copy that is there, if the log still has the frames after it, or makes one.
   * @param isUseful returns false for a position that the log has forgotten
   */
  get(isUseful: (position: Position) => boolean): Promise<MadeCopy> {
    const next = this.#turn.then(async () => {
      if (!this.#latest || !isUseful(this.#latest.position)) this.#latest = await this.#make()
      this.#removeLater()
      return this.#latest
    })
    this.#turn = next.catch(() => undefined)
    return next
  }

  async close(): Promise<void> {
    clearTimeout(this.#removal)
    await this.#queue.close()
    this.#remove()
  }

  async #make(): Promise<MadeCopy> {
    this.#remove()
    // a full disk would stop the hub, not only its standby
    await requireRoomForCopy(this.#room, sizeOfDatabase(this.#dataDir), 'The computer of the hub')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#count += 1
    const to = join(this.#folder, `copy-${this.#count}.db`)
    try {
      return await this.#queue.run({ from: databaseFile(this.#dataDir), to })
    } catch (error) {
      // a part of it would keep the disk full
      this.#remove()
      throw error
    }
  }

  #removeLater(): void {
    clearTimeout(this.#removal)
    this.#removal = setTimeout(() => this.#remove(), unusedCopyMs).unref()
  }

  #remove(): void {
    this.#latest = undefined
    try {
      rmSync(this.#folder, { recursive: true, force: true })
    } catch {
      // Windows keeps a file that is being sent; the next start removes it
    }
  }
}
