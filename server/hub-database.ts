import type { FastifyBaseLogger } from 'fastify'
import type { HubContext } from './context.ts'
import type { RowLog } from './continuity/row-log.ts'
import type { ClusterLink, FilesLink } from './db/cluster-link.ts'
import type { Store, WriterOptions } from './db/store.ts'
import type { TermLink } from './db/terms.ts'
import type { FilesPlace } from './file-storage/files-place.ts'
import type { Identity } from './identity.ts'
import type { Jobs } from './jobs.ts'
import type { Indexing } from './search-index/indexing.ts'
import type { MessageIndex } from './search-index/message-index.ts'
import type { SearchQueue } from './search-index/search-host.ts'

/*
 * Where a hub keeps its rows: a file in its data directory, or a database server. Files, identity and settings of the
 * computer are in the data directory in both cases.
 */

export interface DatabaseOptions {
  dataDir: string
  /** The address of a PostgreSQL database; without it, the rows are in the data directory. */
  database?: string | undefined
  /** Other processes serve the same hub. */
  isCluster?: boolean | undefined
  /** The key that all of them share, or its folder. */
  identity?: string | undefined
  /** The folder or the bucket with its files, if it is not the data directory. */
  files?: string | undefined
  /** How long shared files are kept after their last message. */
  keepRemovedMs?: number | undefined
  /** Random for each start of the process. */
  bootId: string
  log: FastifyBaseLogger
  /** This process must no longer serve the hub. */
  onFatal: (error: unknown) => void
  /** Called before the database is changed. */
  onIdentity: (identity: Identity) => void
}

export interface IndexingParts {
  store: Store
  index: MessageIndex
  jobs: Jobs
  /** Runs work that may find the index damaged. */
  guarded: (work: () => Promise<void>) => Promise<void>
}

/** An open database, with the parts of a hub that depend on its kind. */
export interface HubDatabase {
  readonly identity: Identity
  /** No start has finished with this database yet. */
  readonly isFirstStart: boolean
  /** The place with the files of the hub, and the nonce of its mark: see db/files-mark.ts. */
  readonly files: { place: FilesPlace; nonce?: string | undefined }
  /** The rows of the new hub are there. */
  finishFirstStart(): Promise<void> | void
  readonly messageIndex: MessageIndex
  /** The log that standbys follow. It stays off with a database server, which has standbys of its own. */
  readonly rowLog: RowLog
  /** The latest time of a message, a session or the audit log; nothing in a new or damaged database. */
  latestStoredTime(): Promise<number | undefined>
  createStore(options: WriterOptions): Store
  createSearchQueue(store: Store): SearchQueue
  createIndexing(parts: IndexingParts): Indexing
  /** Adds jobs that look after the database. Returns what ends them. */
  addMaintenance(hub: HubContext): () => Promise<void>
  /** The way to the other processes of the same hub. */
  readonly link?: ClusterLink | undefined
  /** Notes which files are written and released; missing with a file. */
  readonly filesLink?: FilesLink
  /** Which computer is the hub; with a file, the data directory has it. */
  readonly terms?: TermLink
  close(): Promise<void> | void
}
