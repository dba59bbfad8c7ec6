import { HubError } from '../../shared/errors.ts'

/*
 * Far above what a person does, an outbox after a long night included; low enough that a runaway script is slowed down
 * before it hurts the others.
 */
const sends = { perSecond: 20, burst: 200 }
const others = { perSecond: 60, burst: 600 }
/** A program that tells something, not one that streams. */
const hooks = { perSecond: 1, burst: 20 }

interface Bucket {
  tokens: number
  at: number
}

/** Token buckets by person, in memory: they only smooth, they guard no secret. */
export class Rate {
  readonly #clock: () => number // monotonic ms
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /**
   * @param cost more than 1 for a request that keeps everybody waiting for as long as many others
   * @throws rate_limited
   */
  take(userId: string, name: string, cost = 1): void {
    if (name === 'messages.send') this.#take(`s:${userId}`, sends, cost)
    else this.#take(`o:${userId}`, others, cost)
  }

  /** @throws rate_limited */
  takeHook(hookId: string): void {
    this.#take(`h:${hookId}`, hooks, 1)
  }

  #take(key: string, { perSecond, burst }: { perSecond: number; burst: number }, cost: number): void {
    const now = this.#clock()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now }
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    this.#buckets.set(key, bucket)
    if (bucket.tokens < cost) {
      throw new HubError('rate_limited', 'That is very fast. Wait a moment and try again.', {
        retryAfter: Math.max(1, Math.ceil((cost - bucket.tokens) / perSecond)),
      })
    }
    bucket.tokens -= cost
    if (this.#buckets.size > 10_000) this.#forgetFull(now)
  }

  #forgetFull(now: number): void {
    for (const [key, bucket] of this.#buckets) if (now - bucket.at > 60_000) this.#buckets.delete(key)
  }
}
