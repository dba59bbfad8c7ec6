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

  /** @throws rate_limited */
  take(userId: string, name: string): void {
    if (name === 'messages.send') this.#take(`s:${userId}`, sends)
    else this.#take(`o:${userId}`, others)
  }

  /** @throws rate_limited */
  takeHook(hookId: string): void {
    this.#take(`h:${hookId}`, hooks)
  }

  #take(key: string, { perSecond, burst }: { perSecond: number; burst: number }): void {
    const now = this.#clock()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now }
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    this.#buckets.set(key, bucket)
    if (bucket.tokens < 1) {
      throw new HubError('rate_limited', 'That is very fast. Wait a moment and try again.', {
        retryAfter: Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond)),
      })
    }
    bucket.tokens -= 1
    if (this.#buckets.size > 10_000) this.#forgetFull(now)
  }

  #forgetFull(now: number): void {
    for (const [key, bucket] of this.#buckets) if (now - bucket.at > 60_000) this.#buckets.delete(key)
  }
}
