import type { FromHub } from '../../shared/contract/live.ts'
import { HubError } from '../../shared/errors.ts'
import type { Moved } from './standing.ts'

/** The other computer needs a moment to open its port. */
const moveReconnectMs = 1_000

/**
 * Returns the `bye` to a client of a hub that is one no longer.
 * A browser, which has its session by a cookie, gets a ticket too.
 */
export function byeOf(
  { code, term, places, ticketFor }: Moved,
  { cookieToken }: { readonly cookieToken?: string | undefined },
): Omit<Extract<FromHub, { t: 'bye' }>, 't' | 'code'> {
  const ticket = cookieToken === undefined ? undefined : ticketFor?.(cookieToken)
  return {
    ...(code === 'moving' ? { after: moveReconnectMs } : {}),
    ...(term === undefined ? {} : { term }),
    places: [...places],
    ...(ticket === undefined ? {} : { ticket }),
  }
}

/**
 * The answer of a computer that is not the hub, or no longer: `busy`, with the places to try instead.
 * @param token of the session, if a page of this computer asks
 */
export function movedError({ code, places, ticketFor }: Moved, token?: string): HubError {
  const ticket = token === undefined ? undefined : ticketFor?.(token)
  const hub = places.find(({ role }) => role === 'hub')
  const where = hub === undefined ? 'another computer' : `“${hub.name}”`
  return new HubError(
    'busy',
    code === 'moved'
      ? `This hub runs on ${where} now. Connect there.`
      : 'This hub is moving to another computer. Try again in a moment.',
    {
      moved: places,
      ...(code === 'moving' ? { retryAfter: 1 } : {}),
      ...(ticket === undefined ? {} : { ticket }),
    },
  )
}
