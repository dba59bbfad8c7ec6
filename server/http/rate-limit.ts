import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import { clientKey } from '../addresses.ts'

/** A hundred users behind one address who open the page at the same time stay below this. */
const defaultRequestsPerMinute = 6_000
/** Maximum number of counted addresses. The oldest are dropped first, so that forged addresses cost no memory. */
const maxTrackedAddresses = 10_000

/**
 * The coarse limit: requests of one address, by any user. This computer counts too, since a page of another site in
 * a browser here connects from it. Limits that guard secrets are counted per account, in the database.
 */
export async function registerAddressLimit(
  app: FastifyInstance,
  perMinute = defaultRequestsPerMinute,
): Promise<void> {
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    cache: maxTrackedAddresses,
    keyGenerator: (request) => clientKey(request.clientAddress),
    // no client needs these headers, and they would reveal how the limit is counted
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
