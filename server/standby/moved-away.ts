import { HubError } from '../../shared/errors.ts'
import type { Place } from '../../shared/places.ts'
import { ticketsFor } from '../continuity/move-ticket.ts'
import type { Identity } from '../identity.ts'
import type { Moved } from '../live/standing.ts'
import { StartError } from '../start-error.ts'
import type { Term } from '../../shared/term.ts'

/** The error of a hub that does not start, because another computer is the hub. */
export function movedAway(dataDir: string, { at }: Term): StartError {
  return new StartError(
    `This hub runs on another computer since ${new Date(at).toISOString()}, so it does not start here: two hubs with one key would part the team. If that computer is gone for good, make this one the hub again with "npm run hub -- promote --force --data ${dataDir}".`,
  )
}

/** The error of a hub that has to stop, and cannot save it. */
export function unsavedMove(dataDir: string, { at }: Term, cause: unknown): StartError {
  return new StartError(
    `This hub runs on another computer since ${new Date(at).toISOString()}, and this computer could not save that in ${dataDir}: ${(cause as Error).message}. It has stopped, so that no message is stored where the team does not see it. Make the folder writable or free disk space, then start it again: it follows the other computer then.`,
    { cause },
  )
}

/** What clients of a computer learn whose hub is another one by this term. Those it has met know the places. */
export function movedTo(
  term: Term,
  { identity, places }: { identity: Identity; places: readonly Place[] },
): Moved {
  return {
    ...{ code: 'moved', term, ticketFor: ticketsFor(identity, term) },
    places: places.map((place) => ({ ...place, role: place.node === term.node ? 'hub' : 'standby' })),
  }
}

/** The answer to a write that this hub cannot take at this moment. */
export function refusalOf(why: 'moved' | 'handover'): HubError {
  const sentence =
    why === 'moved'
      ? 'This hub is moving to another computer.'
      : 'The hub is being handed over. Try again in a moment.'
  return new HubError('busy', sentence, { retryAfter: 1 })
}
