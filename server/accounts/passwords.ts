import { createHash, randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import * as scryptModule from 'scrypt-kdf'
import { HubError } from '../../shared/errors.ts'

// its types describe named exports, what it has is a default one
const scrypt = (scryptModule as unknown as { default: typeof scryptModule }).default

const r = 8
const p = 1
/** What the waiting line is measured in: a hundred of these are some ten seconds, and nobody waits for longer. */
const usualLogN = 15
const usualQueue = 100

export interface PasswordsOptions {
  /** scrypt's cost as a power of two. */
  logN: number
  /** How many may be worked on at once. */
  atOnce?: number
  /** How many may wait. Cheap ones may be more, since it is the time that counts. */
  queue?: number
}

/**
 * Hashes and checks passwords, and what else a person knows by heart. scrypt runs on the threads that all file access
 * shares, and more than two at once would make everything else wait: so there is one line for all of it, with an end.
 */
export class Passwords {
  readonly #logN: number
  readonly #atOnce: number
  readonly #queue: number
  readonly #dummy: Buffer
  readonly #waiting: (() => void)[] = []
  #running = 0
  /** How many were worked on: an unknown name must cost as many as a known one. */
  readonly counts = { hashed: 0, verified: 0 }

  constructor(options: PasswordsOptions) {
    this.#logN = options.logN
    this.#atOnce = options.atOnce ?? Math.min(2, Math.max(1, availableParallelism() - 1))
    this.#queue = options.queue ?? Math.min(10_000, usualQueue * 2 ** Math.max(0, usualLogN - options.logN))
    this.#dummy = keyOfNobody(options.logN)
  }

  /** @throws HubError busy when too many wait */
  hash(text: string): Promise<Buffer> {
    return this.#inLine(async () => {
      this.counts.hashed += 1
      return Buffer.from(await scrypt.kdf(canonical(text), { logN: this.#logN, r, p }))
    })
  }

  /** Without a key (nobody has that name) it is the same work and never true. @throws HubError busy when too many wait */
  verify(key: Buffer | undefined, text: string): Promise<boolean> {
    return this.#inLine(async () => {
      this.counts.verified += 1
      const right = await scrypt.verify(key ?? this.#dummy, canonical(text))
      return right && key !== undefined
    })
  }

  /** Made with less work than we ask for today. */
  needsRehash(key: Buffer): boolean {
    const made = scrypt.viewParams(key)
    return made.logN < this.#logN || made.r < r || made.p < p
  }

  async #inLine<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running += 1
    else {
      if (this.#waiting.length >= this.#queue) {
        throw new HubError('busy', 'Too many people are logging in at once. Try again shortly.', {
          retryAfter: 5,
        })
      }
      // who has just finished hands on the place
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

/** The same password typed on another system may come in other code points. */
function canonical(text: string): string {
  return text.normalize('NFC')
}

/** A key in scrypt's file format that no text has. */
function keyOfNobody(logN: number): Buffer {
  const head = Buffer.alloc(16)
  head.write('scrypt')
  head.writeUInt8(logN, 7)
  head.writeUInt32BE(r, 8)
  head.writeUInt32BE(p, 12)
  const salted = Buffer.concat([head, randomBytes(32)])
  const checksum = createHash('sha256').update(salted).digest().subarray(0, 16)
  return Buffer.concat([salted, checksum, randomBytes(32)])
}
