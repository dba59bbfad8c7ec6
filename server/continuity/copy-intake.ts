import { createHash } from 'node:crypto'
import { createReadStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { syncDirectory } from '../db/fsync.ts'
import { makeDirectory } from '../db/make-directory.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { WorkerQueue } from '../workers/worker-queue.ts'
import { workerModule } from '../program-files.ts'
import type { CopyCheckTask } from './copy-check-worker.ts'
import { journalFolder } from './replica.ts'

/*
 * Receives a copy of the hub's database on a standby. It is kept under a name of its own until it was checked as a whole;
 * an interrupted transfer goes on where it was.
 */

/** What the hub sends. */
export interface IncomingCopy {
  /** SHA-256 of the whole in hex: a transfer goes on only with the same. */
  readonly digest: string
  readonly bytes: number
  /** The content from the first byte that is asked for. */
  readonly content: Readable
  /** The first byte that `content` has; 0 if the hub begins again. */
  readonly from: number
}

export interface CopyProgress {
  readonly received: number
  readonly bytes: number
}

/** The copy cannot be used: it was changed on its way, or its database is damaged. */
export class BadCopyError extends Error {
  override name = 'BadCopyError'
}

const idleTimeoutMs = 1_000

export class CopyIntake {
  readonly #dataDir: string
  readonly #file: string
  #digest: string | undefined

  constructor(dataDir: string) {
    this.#dataDir = dataDir
    this.#file = join(dataDir, 'continuity', 'incoming.db')
  }

  /**
   * What to ask the hub for: the rest of the copy with this digest, if it still has that one. What another process has
   * received is not used, since nobody knows of which copy it is a part.
   */
  get wanted(): { from: number; digest: string | undefined } {
    const isKnown = this.#digest !== undefined && existsSync(this.#file)
    return { from: isKnown ? statSync(this.#file).size : 0, digest: this.#digest }
  }

  /**
   * Writes what the hub sends. Resolves once all is here and synced; what was received stays if it fails.
   * @throws BadCopyError if the whole is not what the hub has announced; then it begins again
   */
  async receive(
    { digest, bytes, content, from }: IncomingCopy,
    onProgress?: (progress: CopyProgress) => void,
  ): Promise<void> {
    makeDirectory(join(this.#dataDir, 'continuity'))
    const goesOn = from > 0 && digest === this.#digest && from === this.wanted.from
    if (!goesOn && from > 0) throw new BadCopyError('the hub has sent a part that does not fit')
    this.#digest = digest
    const handle = await open(this.#file, goesOn ? 'a' : 'w', 0o600)
    try {
      let received = from
      for await (const chunk of content as AsyncIterable<Buffer>) {
        received += chunk.length
        if (received > bytes) throw new BadCopyError('the hub has sent more than it announced')
        await handle.writeFile(chunk)
        onProgress?.({ received, bytes })
      }
      if (received < bytes) throw new Error('the transfer of the copy was interrupted')
      await handle.sync()
    } catch (error) {
      if (error instanceof BadCopyError) this.discard()
      throw error
    } finally {
      await handle.close()
    }
    if ((await digestOf(this.#file)) === digest) return
    this.discard()
    throw new BadCopyError('the copy was changed on its way')
  }

  /**
   * Checks what was received: structure, invariants, place in the log. Empties its search index, which a standby has no
   * use for. In a thread.
   * @throws BadCopyError with the first problem
   */
  async check(): Promise<void> {
    const queue = new WorkerQueue<CopyCheckTask, string[]>({
      module: workerModule('continuity/copy-check-worker'),
      idleTimeoutMs,
    })
    try {
      const [problem] = await queue.run({ file: this.#file })
      if (problem === undefined) return
      this.discard()
      throw new BadCopyError(`the copy of the hub's database is damaged: ${problem}`)
    } finally {
      await queue.close()
    }
  }

  /**
   * Puts the checked copy in the place of this computer's database, which must be closed. What only a hub had written was
   * set aside before (diverged.ts). A crash leaves no database, or the new one.
   */
  install(): void {
    rmSync(journalFolder(this.#dataDir), { recursive: true, force: true })
    const file = databaseFile(this.#dataDir)
    for (const name of [`${file}-wal`, `${file}-shm`, file]) rmSync(name, { force: true })
    syncDirectory(this.#dataDir)
    renameSync(this.#file, file)
    syncDirectory(this.#dataDir)
    syncDirectory(join(this.#dataDir, 'continuity'))
    this.#digest = undefined
  }

  discard(): void {
    this.#digest = undefined
    for (const name of [this.#file, `${this.#file}-wal`, `${this.#file}-shm`]) rmSync(name, { force: true })
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
