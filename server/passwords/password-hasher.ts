import { createHash, randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import * as scryptModule from 'scrypt-kdf'
import { HubError } from '../../shared/errors.ts'
import { FairQueue } from '../fair-queue.ts'

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
 * access shares, and more than two at once would delay everything else. So all of them share one bounded queue, which
 * serves those who wait in rotation. Who waits is a user, or the network of a client without a session: a client that
 * logs in again and again delays others by one hash, and a full queue drops what the one with the most waits for.
 */
export class PasswordHasher {
  readonly #logN: number
  readonly #maxConcurrent: number
  readonly #maxQueued: number
  readonly #dummyKey: Buffer
  readonly #queue = new FairQueue<QueuedTask>()
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

  /**
   * @param waiter who waits for it: the id of a user, or the network of a client without a session
   * @throws HubError busy when too many wait
   */
  hash(text: string, waiter: string): Promise<Buffer> {
    return this.#runQueued(waiter, async () => {
      this.counts.hashed += 1
      return Buffer.from(
        await scrypt.kdf(normalizePassword(text), { logN: this.#logN, r: blockSize, p: parallelism }),
      )
    })
  }

  /**
   * Verifies a text. Without a key (no account has the name) it does the same work and returns false.
   * @param waiter as for `hash`
   * @throws HubError `busy` if too many wait
   */
  verify(key: Buffer | undefined, text: string, waiter: string): Promise<boolean> {
    return this.#runQueued(waiter, async () => {
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

  async #runQueued<T>(waiter: string, work: () => Promise<T>): Promise<T> {
    if (this.#runningCount < this.#maxConcurrent) this.#runningCount += 1
    // the finished task passes its slot on
    else await this.#waitForSlot(waiter)
    try {
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next) next.start()
      else this.#runningCount -= 1
    }
  }

  #waitForSlot(waiter: string): Promise<void> {
    if (this.#queue.size >= this.#maxQueued) {
      const longest = this.#queue.longestKey()
      if (longest === undefined || this.#queue.sizeOf(waiter) + 1 >= this.#queue.sizeOf(longest))
        return Promise.reject(tooManyLogins())
      this.#queue.pop(longest)?.refuse(tooManyLogins())
    }
    return new Promise((start, refuse) => this.#queue.push(waiter, { start, refuse }))
  }
}

interface QueuedTask {
  start: () => void
  refuse: (error: HubError) => void
}

function tooManyLogins(): HubError {
  return new HubError('busy', 'Too many people are logging in at once. Try again shortly.', { retryAfter: 5 })
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
