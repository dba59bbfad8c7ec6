import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import { networkPrefix } from '../accounts/attempt-limiter.ts'

/** A hundred people behind one address, each opening the page at the same time, stay below it. */
const defaultRequestsPerMinute = 6_000
/** What is counted at once; the oldest are forgotten first, so that made-up addresses cost no memory. */
const maxTrackedAddresses = 10_000

/**
 * The coarse layer: what one address may ask at all, whoever it says it is. This computer counts too, since a page of
 * somebody else's in a browser here comes from it. What guards secrets is counted per account, in the database.
 */
export async function registerAddressLimit(
  app: FastifyInstance,
  perMinute = defaultRequestsPerMinute,
): Promise<void> {
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    cache: maxTrackedAddresses,
    keyGenerator: (request) => networkPrefix(request.ip),
    // nobody plans by these, and they would tell how the limit is counted
    addHeaders: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
      'retry-after': false,
    },
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
    errorResponseBuilder: (_request, { ttl }) =>
      new HubError('rate_limited', 'Too many requests from your address. Wait, then try again.', {
        retryAfter: Math.max(1, Math.ceil(ttl / 1000)),
      }),
  })
}
