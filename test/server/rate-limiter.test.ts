import { expect, test } from 'vitest'
import { RateLimiter, type TokenBucket } from '../../server/live/rate-limiter.ts'

const minuteMs = 60_000
const users = Array.from({ length: 1_000 }, (_, n) => `user-${n}`)

/** Counts the buckets that a look at all of them meets. */
class CountingMap extends Map<string, TokenBucket> {
  visits = 0;

  override *entries(): MapIterator<[string, TokenBucket]> {
    for (const entry of super.entries()) {
      this.visits += 1
      yield entry
    }
  }

  override [Symbol.iterator](): MapIterator<[string, TokenBucket]> {
    return this.entries()
  }

  override *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key
  }

  override *values(): MapIterator<TokenBucket> {
    for (const [, bucket] of this.entries()) yield bucket
  }

  override forEach(run: (bucket: TokenBucket, key: string, map: Map<string, TokenBucket>) => void): void {
    for (const [key, bucket] of this.entries()) run(bucket, key, this)
  }
}

test('looks at no other bucket for a message', () => {
  const buckets = new CountingMap()
  let now = 0
  const limiter = new RateLimiter(() => now, buckets)
  for (const user of users) limiter.takeMessage(user)
  expect(buckets.size).toBe(users.length)
  const before = buckets.visits
  for (; now < 29 * minuteMs; now += minuteMs) {
    for (const user of users) {
      limiter.takeMessage(user)
      limiter.consume(user, 'messages.send')
      limiter.allows(user, 'typing')
    }
  }
  expect(buckets.visits).toBe(before)
})

test('removes the buckets of users who have left', () => {
  const buckets = new CountingMap()
  let now = 0
  const limiter = new RateLimiter(() => now, buckets)
  for (const user of users) limiter.takeMessage(user)
  for (now = minuteMs; now < 120 * minuteMs; now += minuteMs) limiter.takeMessage('user-0')
  expect(buckets.size).toBe(1)
  // three times in two hours: a look at all of them, not one for each of the 120 messages
  expect(buckets.visits).toBeLessThan(4 * users.length)
})
