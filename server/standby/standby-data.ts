import { existsSync } from 'node:fs'
import path from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { Term } from '../../shared/term.ts'
import type { RowChange } from '../continuity/capture.ts'
import { DivergenceError } from '../continuity/apply.ts'
import { CopyIntake, type CopyProgress } from '../continuity/copy-intake.ts'
import { setAside } from '../continuity/diverged.ts'
import { parseBody, type RowFrame } from '../continuity/frame.ts'
import { listLoggedTables } from '../continuity/logged-tables.ts'
import { isSamePosition, noPosition, type Position } from '../continuity/position.ts'
import { Replica } from '../continuity/replica.ts'
import { type ReadRoom, roomOf } from '../continuity/room-for-copy.ts'
import { type StateRecord, writeState } from '../continuity/state-file.ts'
import { latestStoredTime } from '../db/latest-time.ts'
import { openReader, type SqliteConnection } from '../db/sqlite/connection.ts'
import { isDamaged, isInDoubt } from '../db/sqlite/errors.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { referencedDigests } from '../db/verify.ts'
import { FolderContents } from '../file-storage/folder-contents.ts'
import { fetchCopy, fetchFileFrom } from './copy-client.ts'
import { FileChanges } from './file-changes.ts'
import { readHubFile } from './hub-file.ts'
import { requestPinned } from './pinned.ts'
import { ReplicaFiles } from './replica-files.ts'
import { SetAsideAnswers } from './set-aside-answers.ts'

const redialMs = 500
const maxRedialMs = 30_000
const removalIntervalMs = 60 * 60_000
/** A hub that was set back further gets a copy of what it lacks aside. */
const maxSeen = 100_000

export interface StandbyDataOptions {
  dataDir: string
  log: FastifyBaseLogger
  term: () => Term | undefined
  /** Tests set the free space of the disk. */
  room?: ReadRoom | undefined
  onDurable: (position: Position) => void
  onDiverged: () => void
  /** What was here is in a folder of its own. */
  onMovedAside: () => void
  onCopied: (position: Position) => void
  /** The connection must end: what waits is asked for again. */
  onFailed: (reason: string) => void
}

/** What a standby has of the hub: journal, database and files, and the copy that replaces them. */
export class StandbyData {
  readonly #options: StandbyDataOptions
  readonly #store: FolderContents
  readonly #intake: CopyIntake
  readonly setAside: SetAsideAnswers
  replica: Replica | undefined
  files: ReplicaFiles | undefined
  /** What frames say about files, once the hub has named its tables. */
  fileChanges: FileChanges | undefined
  /** The right to read from the hub at this address, in this session. */
  ticket = ''
  address = ''
  #hasFailed = false
  #removal: ReturnType<typeof setInterval> | undefined
  isCopying = false
  #copied: CopyProgress | undefined
  /** Why the hub has refused this computer. */
  refusal: string | undefined
  #copyProblem: string | undefined
  /** The last ends that this process has applied: to tell a hub whose disk was set back. */
  #seen: Position[] = []
  /** The term that the last applied frame was written in. */
  #appliedTerm = 0

  constructor(options: StandbyDataOptions) {
    this.#options = options
    this.#store = new FolderContents(options.dataDir)
    this.#intake = new CopyIntake(options.dataDir)
    this.setAside = new SetAsideAnswers(options.dataDir, options.log, () => this.replica?.applied.lsn ?? 0)
  }

  async close(): Promise<void> {
    const replica = this.replica
    this.replica = undefined
    clearInterval(this.#removal)
    this.files?.close()
    this.files = undefined
    await replica?.close()
  }

  /** The number of the last applied frame; undefined if it was written in another term than that of now. */
  get appliedLsn(): number | undefined {
    return this.#appliedTerm === this.#options.term()?.n ? this.replica?.applied.lsn : undefined
  }

  /** Where this computer is, for a hub that ends there. `isAhead`: the disk of the hub was set back. */
  async placeFor(end: Position): Promise<{ applied: Position; isAhead: boolean }> {
    const { replica } = this
    // what the hub has in its database was committed
    if (replica?.has(end)) replica.committed(end.lsn)
    await replica?.settle()
    const applied = replica?.has(end) ? end : (replica?.applied ?? noPosition)
    const isOfTerm = this.appliedLsn !== undefined
    const isAhead =
      isOfTerm && applied.lsn > end.lsn && this.#seen.some((position) => isSamePosition(position, end))
    return { applied, isAhead }
  }

  /** How long to wait for the next connection: a copy that fails again and again costs the hub each time. */
  get redialMs(): number {
    return Math.min(redialMs * 2 ** this.#failures, maxRedialMs)
  }
  #failures = 0

  /** After a failed write, journal and database are read again before anything is said about them. */
  async recover(): Promise<void> {
    if (!this.#hasFailed) return
    this.#hasFailed = false
    await this.close()
    this.open(false)
  }

  /** Opens what is here. If it cannot be read, only a copy helps: the returned state says so, on disk too. */
  openWith(state: StateRecord): StateRecord {
    const { dataDir, log } = this.#options
    try {
      this.open(state.mustCopy === true)
      return state
    } catch (error) {
      if (!isDamaged(error) && !isInDoubt(error) && !(error instanceof DivergenceError)) throw error
      log.error({ err: error }, 'the database of this standby cannot be read, so it is copied again')
    }
    this.#closing = this.close()
    const damaged: StateRecord = { ...state, mustCopy: true }
    writeState(dataDir, damaged)
    return damaged
  }
  #closing: Promise<void> | undefined

  open(mustCopy: boolean): void {
    const { dataDir, log } = this.#options
    if (mustCopy || !existsSync(databaseFile(dataDir))) return
    const replica = new Replica({
      dataDir,
      log,
      on: {
        durable: (position) => this.#options.onDurable(position),
        applied: (end, changes) => {
          this.#seen.push(end)
          if (this.#seen.length >= 2 * maxSeen) this.#seen.splice(0, maxSeen)
          this.#appliedTerm = replica.term.n
          this.#releaseFiles(changes)
        },
        diverged: (error) => {
          log.error({ err: error }, 'the copy of this standby is of no use any more')
          this.#options.onDiverged()
        },
        failed: (error) => {
          log.error({ err: error }, 'the standby cannot write')
          this.#hasFailed = true
          this.#options.onFailed('the standby cannot write')
        },
      },
    })
    this.replica = replica
    this.#seen = [replica.applied]
    this.#appliedTerm = replica.term.n
    this.#openFiles(replica)
  }

  #openFiles(replica: Replica): void {
    const { applied } = replica
    const { dataDir, log } = this.#options
    const request = (url: string, headers: Record<string, string>): ReturnType<typeof requestPinned> =>
      this.#requestHub(url, headers)
    const files = new ReplicaFiles({
      ...{ dataDir, files: this.#store, log, fetch: fetchFileFrom(request) },
      onComplete: () => this.#options.onDurable(replica.durable),
    })
    this.files = files
    this.#read((raw) => {
      files.expect(applied.lsn, referencedDigests(raw))
      const changes = new FileChanges(listLoggedTables(raw))
      for (const frame of replica.unapplied)
        files.expect(frame.position.lsn, changes.find(parseBody(frame) as RowChange[]).named)
    })
    this.removeReleasedFiles()
    clearInterval(this.#removal)
    this.#removal = setInterval(() => this.removeReleasedFiles(), removalIntervalMs).unref()
  }

  append(frame: RowFrame): void {
    const replica = this.replica
    if (!replica) return
    try {
      replica.append(frame)
    } catch (error) {
      this.#options.log.warn({ err: error }, 'a frame was not taken')
      this.#options.onFailed((error as Error).message)
      return
    }
    const changes = parseBody(frame) as RowChange[]
    this.files?.expect(frame.position.lsn, this.fileChanges?.find(changes).named ?? [])
  }

  /**
   * The hub asks for the digests of all tables at this position, or says which of them differ. Called in the order of the
   * frames; resolves at once, so that what it starts holds none of them up.
   */
  compare(body: Record<string, unknown>, position: Position, answer: (body: object) => void): Promise<void> {
    const { id, differing } = body
    const { log } = this.#options
    if (Array.isArray(differing)) {
      log.error({ differing }, 'the hub has other rows than this standby')
      this.#options.onDiverged()
      return Promise.resolve()
    }
    const digest = this.replica?.digest(position) ?? Promise.reject(new Error('a copy is on its way'))
    digest.then(
      ({ tables }) => answer({ id, tables }),
      (error: unknown) => {
        log.warn({ err: error }, 'the tables were not compared')
        // the hub waits for nothing then
        answer({ id, problem: String(error) })
      },
    )
    return Promise.resolve()
  }

  /** The hub has removed these files: they go a day later. */
  #releaseFiles(changes: readonly RowChange[]): void {
    const removed = this.fileChanges?.find(changes).removed ?? []
    if (removed.length === 0) return
    this.#read((raw) => this.files?.release(removed, latestStoredTime(raw) ?? 0))
  }

  /** Removes the files that the hub has removed a day ago. */
  removeReleasedFiles(): void {
    this.#read((raw) => {
      this.files?.removeDue(latestStoredTime(raw) ?? 0, () => new Set(referencedDigests(raw)))
    })
  }

  #read(run: (raw: SqliteConnection['raw']) => void): void {
    const { raw } = openReader(databaseFile(this.#options.dataDir))
    try {
      run(raw)
    } finally {
      raw.close()
    }
  }

  #requestHub(url: string, headers: Record<string, string>): ReturnType<typeof requestPinned> {
    const hubId = readHubFile(this.#options.dataDir)?.hubId ?? ''
    const authorization = `Standby ${this.ticket}`
    return requestPinned({ address: this.address, hubId }, url, { headers: { ...headers, authorization } })
  }

  /** What is on its way. */
  get progress(): { isCopying: boolean; copied?: CopyProgress; missingFiles: number } {
    return {
      isCopying: this.isCopying,
      ...(this.#copied && { copied: this.#copied }),
      missingFiles: this.files?.missing ?? 0,
    }
  }

  refused(reason: string): void {
    this.refusal = reason.slice(0, 200)
    this.#options.log.warn({ problem: this.refusal }, 'the hub has refused this computer')
  }

  /** What is wrong, for the owner. */
  get problem(): string | undefined {
    return this.refusal ?? this.#copyProblem
  }

  /** Takes the place of what is here by a copy of the hub. What only this computer may have is moved aside first (R8). */
  async copy(keepsOld: boolean): Promise<void> {
    if (this.isCopying) return
    this.isCopying = true
    const { dataDir, log } = this.#options
    try {
      await this.#closing
      await this.close()
      if (keepsOld) {
        const aside = setAside(dataDir, (digest) => path.relative(dataDir, this.#store.pathOf(digest)))
        if (aside !== undefined) log.warn({ aside }, 'what this computer had was moved aside')
        this.#options.onMovedAside()
      }
      await fetchCopy(this.#intake, (url, headers) => this.#requestHub(url, headers), {
        room: this.#options.room ?? (() => roomOf(dataDir)),
        onProgress: (copied) => (this.#copied = copied),
      })
      this.#intake.install()
      this.open(false)
      const position = this.replica?.applied
      const term = this.#options.term()
      if (this.replica && term) this.replica.term.n = term.n
      this.#failures = 0
      this.#copyProblem = undefined
      if (position) this.#options.onCopied(position)
    } catch (error) {
      this.#failures += 1
      this.#copyProblem = `The copy of the hub did not come whole: ${(error as Error).message}`
      log.warn({ err: error }, 'the copy did not come whole')
      this.#options.onFailed('the copy did not come whole')
    } finally {
      this.isCopying = false
      this.#copied = undefined
    }
  }
}
