import { setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import type { Input } from '../../shared/contract.ts'
import { HubError, type WireError } from '../../shared/errors.ts'
import { isSqliteError } from '../db/sqlite/errors.ts'
import { createKysely, openReader } from '../db/sqlite/connection.ts'
import { serveTasks } from '../workers/serve-tasks.ts'
import { executeSearch, type SearchResult } from './execute.ts'
import { TermList } from './terms.ts'

/** The worker that searches, with a connection of its own: see search-host.ts. */

export interface SearchTask {
  userId: string
  input: Input<'search.messages'>
  now: number
}

/** `failed`: the index, or a message, could not be read. */
export type SearchOutcome = { findings: SearchResult } | { refused: WireError } | { failed: string }

/**
 * Sending has priority over searching. On Linux this sets the priority of this thread; elsewhere it would be that of
 * the whole hub.
 */
const niceness = 5
if (process.platform === 'linux') setPriority(niceness)

const { file } = workerData as { file: string }
const connection = openReader(file)
connection.raw.pragma('mmap_size = 268435456')
const db = { connection, handle: createKysely(connection) }
const vocabulary = new TermList(connection)

serveTasks(async ({ userId, input, now }: SearchTask): Promise<SearchOutcome> => {
  try {
    return { findings: await executeSearch(db, vocabulary, userId, input, now) }
  } catch (error) {
    if (error instanceof HubError) return { refused: error.toWire() }
    if (isSqliteError(error)) return { failed: String(error) }
    throw error
  }
})
