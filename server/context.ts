import type { FastifyBaseLogger } from 'fastify'
import type { Store } from './db/store.ts'
import type { Live } from './live/live.ts'
import type { RateLimiter } from './live/rate-limiter.ts'
import type { ImageResizer } from './files/image-resizer.ts'
import type { Jobs } from './jobs.ts'
import type { Endpoint } from './net/endpoint.ts'
import type { FileStore } from './files/store.ts'
import type { Uploads } from './files/uploads.ts'
import type { MessageIndex } from './search/message-index.ts'
import type { IndexQueue } from './search/index-queue.ts'
import type { SearchWorkerHost } from './search/search-worker-host.ts'
import type { PasswordHasher } from './accounts/password-hasher.ts'

/** The services of a running hub. Built once in start.ts; nothing of it is global. */
export interface HubContext {
  readonly store: Store
  readonly live: Live
  readonly passwords: PasswordHasher
  readonly files: FileStore
  readonly imageResizer: ImageResizer
  readonly uploads: Uploads
  /** What messages say, for searching: told of every change in the operation that makes it. */
  readonly messageIndex: MessageIndex
  /** Told of every new message, which it takes into the index a moment later. */
  readonly indexQueue: IndexQueue
  readonly search: SearchWorkerHost
  /** Periodic work and work in the background. */
  readonly jobs: Jobs
  /** How fast one person may ask; absent with `--load-test`. */
  readonly rateLimiter: RateLimiter | undefined
  readonly log: FastifyBaseLogger
  /** base64url SHA-256 of the hub's public key. */
  readonly hubId: string
  /** Where it can be reached, and by whom. */
  readonly endpoint: Endpoint
  /** Random for each start of the process. */
  readonly bootId: string
  readonly version: string
  /** Everything of this hub is in here. */
  readonly dataDir: string
  /** Wall time at which this process took over. */
  readonly startedAt: number
  /** Wall time in ms, for display and expiry, never for order. */
  readonly clock: () => number
  /** What a person on the hub machine types to become the owner; empty once there is one. */
  setupCode: string
  /** `--load-test`: rate and connection limits are off. */
  readonly unlimited: boolean
  /** Tests: every answer is held against the contract, so that nothing leaves that is not promised. */
  readonly checkOutput: boolean
}
