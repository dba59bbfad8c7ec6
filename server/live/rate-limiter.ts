import { HubError } from '../../shared/errors.ts'

/*
 * Far above what a user does, including an outbox after a long night. Low enough to slow a runaway script before it
 * affects other users.
 */
const sendRate = { perSecond: 20, burst: 200 }
const defaultRate = { perSecond: 60, burst: 600 }
/** Of groups and of webhooks: each is published to all users, or adds a bot. */
const creationRate = { perSecond: 0.1, burst: 120 }
/**
 * Edits and deletions of long texts, in units of `charactersPerUnit`. The search index removes each word of the text
 * before the change, which takes up to 90 ms for a text of the greatest length, and the messages of all users wait.
 */
const longTextRate = { perSecond: 1, burst: 80 }
const charactersPerUnit = { edit: 2_000, deletion: 4_000 }
/** Messages of all sockets of a user, of any kind: requests, pings, typing, receipts, unknown ones. */
const messageRate = { perSecond: 500, burst: 5_000 }
/** Each goes to up to 50 members. */
const typingRate = { perSecond: 2, burst: 10 }
/** Of which the answer may be large. A page asks when another part of it is on screen. */
const watchRate = { perSecond: 4, burst: 40 }
/** With the right password: each adds a session and two rows. A script that logs in for each of its requests reaches it. */
const loginRate = { perSecond: 0.2, burst: 200 }
/** For a program that sends notifications, not for one that streams. */
const webhookRate = { perSecond: 1, burst: 20 }

/** Of what has no answer that could say so. */
const silentRates = {
  typing: ['t', typingRate],
  watch: ['w', watchRate],
  resume: ['o', defaultRate],
} as const

/** Longer than any bucket takes to fill again. */
const idleBucketMs = 30 * 60_000

interface Rate {
  perSecond: number
  burst: number
}

export interface TokenBucket {
  tokens: number
  refilledAt: number
}

/** Token buckets per user, in memory: they only smooth the load and guard no secret. */
export class RateLimiter {
  readonly #clock: () => number // monotonic ms
  readonly #buckets: Map<string, TokenBucket>
  #sweepAt = Number.NEGATIVE_INFINITY

  /** @param buckets a test counts how often they are looked through */
  constructor(clock: () => number, buckets = new Map<string, TokenBucket>()) {
    this.#clock = clock
    this.#buckets = buckets
  }

  /**
   * @param cost more than 1 for a request that takes as long as many others
   * @throws HubError `rate_limited`
   */
  consume(userId: string, name: string, cost = 1): void {
    if (name === 'groups' || name === 'webhooks') this.#consumeTokens(`g:${userId}`, creationRate, cost)
    else if (name === 'logins') this.#consumeTokens(`l:${userId}`, loginRate, cost)
    else if (name === 'messages.send') this.#consumeTokens(`s:${userId}`, sendRate, cost)
    else this.#consumeTokens(`o:${userId}`, defaultRate, cost)
  }

  /**
   * Counts a change of a stored text. Texts shorter than a unit are free.
   * @throws HubError `rate_limited`
   */
  consumeTextChange(userId: string, kind: 'edit' | 'deletion', characters: number): void {
    this.#consumeTokens(`x:${userId}`, longTextRate, Math.floor(characters / charactersPerUnit[kind]))
  }

  /** @throws HubError `rate_limited` */
  consumeWebhook(webhookId: string): void {
    this.#consumeTokens(`h:${webhookId}`, webhookRate, 1)
  }

  /** Takes a message of a socket from the user's rate. Returns the ms to wait before it, or 0 if it was taken. */
  takeMessage(userId: string): number {
    const bucket = this.#refill(`m:${userId}`, messageRate)
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / messageRate.perSecond) * 1000)
    bucket.tokens -= 1
    return 0
  }

  /** Returns false if this must not happen now. */
  allows(userId: string, what: keyof typeof silentRates, cost = 1): boolean {
    const [prefix, rate] = silentRates[what]
    const bucket = this.#refill(`${prefix}:${userId}`, rate)
    if (bucket.tokens < cost) return false
    bucket.tokens -= cost
    return true
  }

  #consumeTokens(key: string, rate: Rate, cost: number): void {
    const bucket = this.#refill(key, rate)
    if (bucket.tokens < cost) {
      throw new HubError('rate_limited', 'Too many requests. Wait a moment, then try again.', {
        retryAfter: Math.max(1, Math.ceil((cost - bucket.tokens) / rate.perSecond)),
      })
    }
    bucket.tokens -= cost
  }

  #refill(key: string, { perSecond, burst }: Rate): TokenBucket {
    const now = this.#clock()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, refilledAt: now }
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.refilledAt) / 1000) * perSecond)
    bucket.refilledAt = now
    this.#buckets.set(key, bucket)
    if (now >= this.#sweepAt) this.#removeIdleBuckets(now)
    return bucket
  }

  /** Seldom: a look at all buckets for each message would cost a large hub more than the messages. */
  #removeIdleBuckets(now: number): void {
    this.#sweepAt = now + idleBucketMs
    for (const [key, bucket] of this.#buckets)
      if (now - bucket.refilledAt > idleBucketMs) this.#buckets.delete(key)
  }
}
