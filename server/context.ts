import type { FastifyBaseLogger } from 'fastify'
import type { Store } from './db/store.ts'
import type { RowLog } from './continuity/row-log.ts'
import type { ClusterState } from './live/cluster-state.ts'
import type { Live } from './live/live.ts'
import type { HubStanding } from './live/standing.ts'
import type { RateLimiter } from './live/rate-limiter.ts'
import type { ImageResizer } from './file-storage/image-resizer.ts'
import type { HubClock } from './hub-clock.ts'
import type { Jobs } from './jobs.ts'
import type { Endpoint } from './net/endpoint.ts'
import type { FileRemoval } from './file-storage/file-removal.ts'
import type { FileStore } from './file-storage/store.ts'
import type { Uploads } from './file-storage/uploads.ts'
import type { MessageIndex } from './search-index/message-index.ts'
import type { Indexing } from './search-index/indexing.ts'
import type { SearchHost } from './search-index/search-host.ts'
import type { PasswordHasher } from './passwords/password-hasher.ts'
import type { TextBudget } from './text-budget.ts'
import type { Measurements } from './measurements.ts'
import type { Turns } from './turns.ts'
import type { UnsentResponses } from './unsent-responses.ts'

/** The long-lived parts of a hub that handlers use. Built once in start.ts; no part is global. */
export interface HubContext {
  readonly store: Store
  /** The log that a standby follows; off while there is none. */
  readonly rowLog: RowLog
  readonly live: Live
  /** The place of this hub among its standbys. */
  readonly standing: HubStanding
  readonly passwords: PasswordHasher
  readonly files: FileStore
  readonly imageResizer: ImageResizer
  readonly uploads: Uploads
  readonly fileRemoval: FileRemoval
  /** The search index. An operation that edits or deletes a message updates it in its own transaction. */
  readonly messageIndex: MessageIndex
  /** Adds every new message to the index. */
  readonly indexing: Indexing
  readonly search: SearchHost
  /** Periodic and background work. */
  readonly jobs: Jobs
  /** Limits the request rate of each user; absent with `--load-test`. */
  readonly rateLimiter: RateLimiter | undefined
  /** Limits what each user may store within a day; absent with `--load-test`. */
  readonly textBudget: TextBudget | undefined
  /** Shares the event loop among users. */
  readonly turns: Turns
  /** Responses over HTTP that were not read yet, by user. */
  readonly unsent: UnsentResponses
  /** What the hub does, in numbers. */
  readonly measurements: Measurements
  readonly log: FastifyBaseLogger
  /** base64url SHA-256 of the hub's public key. */
  readonly hubId: string
  /** The addresses of the hub, and who can reach them. */
  readonly endpoint: Endpoint
  /** Random for each start of the process. */
  readonly bootId: string
  /** True in the process that runs the periodic jobs of the hub: the only one, unless there is a cluster. */
  readonly isLeader: () => boolean
  /** The way to the other processes of the hub, if there can be any. */
  readonly cluster: ClusterState | undefined
  readonly version: string
  /** The directory that holds all data of this hub. */
  readonly dataDir: string
  /** The address of the database server that has its rows, if they are not in the data directory. */
  readonly database: string | undefined
  /** Wall time in ms at which this process started serving. */
  readonly startedAt: number
  /** Wall time in ms, for display and expiry, never for order: `time.now`. */
  readonly clock: () => number
  /** Measures windows, and says if the clock may be believed. */
  readonly time: HubClock
  /** It ends, and its sockets go elsewhere meanwhile. */
  readonly draining: { isOn: boolean; hasStoppedListening: boolean }
  /** Damage of the database that was met since the start. */
  readonly damage: { isFound: boolean }
  /**
   * The set-up code that the user at the hub's computer enters to become the owner; empty once the hub has an
   * owner.
   */
  setupCode: string
  /** Live sockets of this process. */
  readonly maxConnections: number
  /** `--load-test`: rate and connection limits are off. */
  readonly unlimited: boolean
  /** From this number of users on the hub calls itself large: `limits.largeHubUsers`, but in tests. */
  readonly largeHubUsers: number
  /** Tests: checks every result against the contract, so that no undocumented field leaves the hub. */
  readonly checkOutput: boolean
}
