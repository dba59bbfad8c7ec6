import type { FastifyBaseLogger } from 'fastify'
import type { Db } from './db/schema.ts'
import type { Operation, Writer } from './db/writer.ts'
import type { Live } from './live/live.ts'
import type { Rate } from './live/rate.ts'
import type { Pictures } from './files/pictures.ts'
import type { Door } from './net/door.ts'
import type { FileStore } from './files/store.ts'
import type { Uploads } from './files/uploads.ts'
import type { MessageIndex } from './search/index-messages.ts'
import type { Intake } from './search/intake.ts'
import type { SearchThread } from './search/thread.ts'
import type { Passwords } from './accounts/passwords.ts'

/** What the rules of the hub are given. Built once in start.ts; nothing of it is global. */
export interface Hub {
  /** Reads what is committed. */
  readonly reader: Db
  readonly writer: Writer
  readonly live: Live
  readonly passwords: Passwords
  readonly files: FileStore
  readonly pictures: Pictures
  readonly uploads: Uploads
  /** What messages say, for searching: told of every change in the operation that makes it. */
  readonly index: MessageIndex
  /** Told of every new message, which it takes into the index a moment later. */
  readonly intake: Intake
  readonly search: SearchThread
  /** How fast one person may ask; absent with `--load-test`. */
  readonly rate: Rate | undefined
  readonly log: FastifyBaseLogger
  /** base64url SHA-256 of the hub's public key. */
  readonly hubId: string
  /** Where it can be reached, and by whom. */
  readonly door: Door
  /** Random for each start of the process. */
  readonly boot: string
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

export type { Operation }
