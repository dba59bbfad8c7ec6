import { createHash, randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import * as scryptModule from 'scrypt-kdf'
import { HubError } from '../../shared/errors.ts'

// its types describe named exports, but it has a default export
const scrypt = (scryptModule as unknown as { default: typeof scryptModule }).default

const blockSize = 8
const parallelism = 1
/** The unit of the queue's limit: a hundred hashes take about ten seconds, and no request waits longer. */
const defaultLogN = 15
const defaultQueueLength = 100

export interface PasswordHasherOptions {
  /** scrypt's cost as a power of two. */
  logN: number
  /** How many hashes may run at once. */
  maxConcurrent?: number
  /** How many may wait. The limit counts time, so more cheap hashes may wait. */
  maxQueued?: number
}

/**
 * Hashes and verifies passwords and other secrets that a user remembers. scrypt runs on the threads that all file
 * access shares, and more than two at once would delay everything else. So all of them share one bounded queue.
 */
export class PasswordHasher {
  readonly #logN: number
  readonly #maxConcurrent: number
  readonly #maxQueued: number
  readonly #dummyKey: Buffer
  readonly #queuedTasks: (() => void)[] = []
  #runningCount = 0
  /** Counts of completed work: an unknown name must cost as many as a known name. */
  readonly counts = { hashed: 0, verified: 0 }

  constructor(options: PasswordHasherOptions) {
    this.#logN = options.logN
    this.#maxConcurrent = options.maxConcurrent ?? Math.min(2, Math.max(1, availableParallelism() - 1))
    this.#maxQueued =
      options.maxQueued ?? Math.min(10_000, defaultQueueLength * 2 ** Math.max(0, defaultLogN - options.logN))
    this.#dummyKey = makeDummyKey(options.logN)
  }

  /** @throws HubError busy when too many wait */
  hash(text: string): Promise<Buffer> {
    return this.#runQueued(async () => {
      this.counts.hashed += 1
      return Buffer.from(
        await scrypt.kdf(normalizePassword(text), { logN: this.#logN, r: blockSize, p: parallelism }),
      )
    })
  }

  /**
   * Verifies a text. Without a key (no account has the name) it does the same work and returns false.
   * @throws HubError `busy` if too many wait
   */
  verify(key: Buffer | undefined, text: string): Promise<boolean> {
    return this.#runQueued(async () => {
      this.counts.verified += 1
      const right = await scrypt.verify(key ?? this.#dummyKey, normalizePassword(text))
      return right && key !== undefined
    })
  }

  /** Returns true if the key was made with lower parameters than today's. */
  needsRehash(key: Buffer): boolean {
    const made = scrypt.viewParams(key)
    return made.logN < this.#logN || made.r < blockSize || made.p < parallelism
  }

  async #runQueued<T>(work: () => Promise<T>): Promise<T> {
    if (this.#runningCount < this.#maxConcurrent) this.#runningCount += 1
    else {
      if (this.#queuedTasks.length >= this.#maxQueued) {
        throw new HubError('busy', 'Too many people are logging in at once. Try again shortly.', {
          retryAfter: 5,
        })
      }
      // the finished task passes its slot on
      await new Promise<void>((resolve) => this.#queuedTasks.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = this.#queuedTasks.shift()
      if (next) next()
      else this.#runningCount -= 1
    }
  }
}

/** The same password typed on another system may have other code points. */
function normalizePassword(text: string): string {
  return text.normalize('NFC')
}

/** A key in scrypt's file format that no text has. */
function makeDummyKey(logN: number): Buffer {
  const head = Buffer.alloc(16)
  head.write('scrypt')
  head.writeUInt8(logN, 7)
  head.writeUInt32BE(blockSize, 8)
  head.writeUInt32BE(parallelism, 12)
  const salted = Buffer.concat([head, randomBytes(32)])
  const checksum = createHash('sha256').update(salted).digest().subarray(0, 16)
  return Buffer.concat([salted, checksum, randomBytes(32)])
}
