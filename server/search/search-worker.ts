import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Input } from '../../shared/contract.ts'
import { HubError, type WireError } from '../../shared/errors.ts'
import { openReader } from '../db/sqlite/connection.ts'
import { executeSearch, type SearchResult } from './execute.ts'
import { TermList } from './terms.ts'

/** The thread that searches, with a connection of its own: see thread.ts. */

export interface SearchJob {
  id: number
  userId: string
  input: Input<'search.messages'>
  now: number
}

/** `ready`: everything is loaded, so that what follows is searching. */
export type SearchJobResult =
  | { ready: true }
  | { id: number; findings: SearchResult }
  | { id: number; refused: WireError }
  | { id: number; failed: string }

/** Who sends comes first. On Linux that is of this thread alone, elsewhere it would be of the whole hub. */
const niceness = 5
if (process.platform === 'linux') setPriority(niceness)

const { file } = workerData as { file: string }
const db = openReader(file)
db.raw.pragma('mmap_size = 268435456')
const vocabulary = new TermList(db)

parentPort?.postMessage({ ready: true } satisfies SearchJobResult)
parentPort?.on('message', ({ id, userId: me, input, now }: SearchJob) => {
  parentPort?.postMessage(runJob(id, () => executeSearch(db, vocabulary, me, input, now)))
})

function runJob(id: number, work: () => SearchResult): SearchJobResult {
  try {
    return { id, findings: work() }
  } catch (error) {
    if (error instanceof HubError) return { id, refused: error.toWire() }
    return { id, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
