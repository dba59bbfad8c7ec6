import { existsSync, statSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { workerModule } from '../program-files.ts'
import { WorkerQueue } from '../workers/worker-queue.ts'
import { listSetAside } from './diverged.ts'
import type { KeptMessage } from './set-aside-messages.ts'
import type { OtherKind, SetAsideReport } from './set-aside-report.ts'
import type { SetAsideAnswer, SetAsideTask } from './set-aside-worker.ts'

/*
 * The folders with what this computer wrote as a hub and no other hub has (diverged.ts): what is in them that the database
 * of now lacks, and its content. A report is made of each, and is compared again before anything is brought back.
 */

/** What is in a folder, for the owner: numbers only. */
export interface SetAsideSummary {
  /** `diverged-1`. */
  readonly folder: string
  /** When this computer stopped to be the hub. */
  readonly movedAt: number
  readonly messages: number
  readonly people: number
  readonly files: number
  readonly unreachable: number
  readonly other: Partial<Record<OtherKind, number>>
  /** It cannot be read. */
  readonly problem?: string
}

/** Where such folders are: on this computer, or on another one of the hub. */
export interface SetAsideSource {
  readonly folders: readonly SetAsideSummary[]
  /** Compares all folders with what the hub has, up to this place in its log. */
  refresh(upTo: number): Promise<void>
  /** The messages behind this row, some at a time; none at the end. */
  readMessages(folder: string, after: number): Promise<readonly KeptMessage[]>
  /** A part of a file; empty at its end. Undefined if the folder does not have it. */
  readFile(folder: string, digest: string, from: number): Promise<Buffer | undefined>
  remove(folder: string): Promise<void>
}

const idleTimeoutMs = 1_000
const unreadable = 'Its database cannot be read.'
/** A hub takes messages of 64 KiB, and this one is sent as base64. */
const bytesPerPart = 40 * 1024

export class SetAsideFolders implements SetAsideSource {
  readonly #dataDir: string
  readonly #log: FastifyBaseLogger
  readonly #nameOf: (digest: string) => string
  readonly #queue: WorkerQueue<SetAsideTask, SetAsideAnswer>
  #folders: readonly SetAsideSummary[] = []

  /** @param nameOf where the file with a digest is, within a data directory */
  constructor(dataDir: string, log: FastifyBaseLogger, nameOf: (digest: string) => string) {
    this.#dataDir = dataDir
    this.#log = log
    this.#nameOf = nameOf
    this.#queue = new WorkerQueue({ module: workerModule('continuity/set-aside-worker'), idleTimeoutMs })
  }

  get folders(): readonly SetAsideSummary[] {
    return this.#folders
  }

  async refresh(): Promise<void> {
    const found: SetAsideSummary[] = []
    for (const folder of listSetAside(this.#dataDir)) found.push(await this.#compare(folder))
    this.#folders = found
  }

  async readMessages(folder: string, after: number): Promise<readonly KeptMessage[]> {
    const file = this.#pathOf(folder)
    try {
      const answer = await this.#queue.run({ t: 'page', folder: file, after })
      return 'messages' in answer ? answer.messages : []
    } catch (error) {
      this.#log.warn({ err: error, folder }, 'what was set aside cannot be read')
      throw new Error(unreadable, { cause: error })
    }
  }

  async readFile(folder: string, digest: string, from: number): Promise<Buffer | undefined> {
    const file = join(this.#pathOf(folder), this.#nameOf(digest))
    if (!existsSync(file)) return undefined
    const handle = await open(file, 'r')
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(bytesPerPart), 0, bytesPerPart, from)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  }

  async remove(folder: string): Promise<void> {
    await rm(this.#pathOf(folder), { recursive: true, force: true })
    this.#folders = this.#folders.filter((one) => one.folder !== folder)
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  /** @throws Error for a name that is none of a folder here */
  #pathOf(folder: string): string {
    const found = listSetAside(this.#dataDir).find((one) => basename(one) === folder)
    if (found === undefined) throw new Error(`there is no folder ${folder}`)
    return found
  }

  async #compare(folder: string): Promise<SetAsideSummary> {
    const base = { folder: basename(folder), movedAt: movedAtOf(folder) }
    try {
      const task = { t: 'compare', dataDir: this.#dataDir, folder, now: Date.now() } as const
      const answer = await this.#queue.run(task)
      return 'report' in answer ? { ...base, ...summarize(answer.report) } : { ...base, ...nothing }
    } catch (error) {
      this.#log.warn({ err: error, folder }, 'what was set aside cannot be read')
      return { ...base, ...nothing, problem: unreadable }
    }
  }
}

const nothing = { messages: 0, people: 0, files: 0, unreachable: 0, other: {} }

function summarize({
  messages,
  unreachable,
  other,
}: SetAsideReport): Omit<SetAsideSummary, 'folder' | 'movedAt'> {
  return {
    messages: messages.length,
    people: new Set(messages.map(({ author }) => author)).size,
    files: messages.reduce((sum, { files }) => sum + files, 0),
    ...{ unreachable, other },
  }
}

/** The last write to the database was when it was moved. */
function movedAtOf(folder: string): number {
  const file = join(folder, 'hub.db')
  return Math.round(statSync(existsSync(file) ? file : folder).mtimeMs)
}
