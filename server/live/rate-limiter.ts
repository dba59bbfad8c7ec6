import { HubError } from '../../shared/errors.ts'

/*
 * Far above what a user does, including an outbox after a long night. Low enough to slow a runaway script before it
 * affects other users.
 */
const sendRate = { perSecond: 20, burst: 200 }
const defaultRate = { perSecond: 60, burst: 600 }
/** For a program that sends notifications, not for one that streams. */
const webhookRate = { perSecond: 1, burst: 20 }

interface TokenBucket {
  tokens: number
  refilledAt: number
}

/** Token buckets per user, in memory: they only smooth the load and guard no secret. */
export class RateLimiter {
  readonly #clock: () => number // monotonic ms
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /**
   * @param cost more than 1 for a request that takes as long as many others
   * @throws HubError `rate_limited`
   */
  consume(userId: string, name: string, cost = 1): void {
    if (name === 'messages.send') this.#consumeTokens(`s:${userId}`, sendRate, cost)
    else this.#consumeTokens(`o:${userId}`, defaultRate, cost)
  }

  /** @throws HubError `rate_limited` */
  consumeWebhook(webhookId: string): void {
    this.#consumeTokens(`h:${webhookId}`, webhookRate, 1)
  }

  #consumeTokens(
    key: string,
    { perSecond, burst }: { perSecond: number; burst: number },
    cost: number,
  ): void {
    const now = this.#clock()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, refilledAt: now }
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.refilledAt) / 1000) * perSecond)
    bucket.refilledAt = now
    this.#buckets.set(key, bucket)
    if (bucket.tokens < cost) {
      throw new HubError('rate_limited', 'Too many requests. Wait a moment, then try again.', {
        retryAfter: Math.max(1, Math.ceil((cost - bucket.tokens) / perSecond)),
      })
    }
    bucket.tokens -= cost
    if (this.#buckets.size > 10_000) this.#removeIdleBuckets(now)
  }

  #removeIdleBuckets(now: number): void {
    for (const [key, bucket] of this.#buckets) if (now - bucket.refilledAt > 60_000) this.#buckets.delete(key)
  }
}
