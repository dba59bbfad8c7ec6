import type { Safety } from '../../shared/contract/continuity.ts'
import { closeCodes, type Have, protocol } from '../../shared/contract/live.ts'
import type { Place } from '../../shared/places.ts'
import { isHigherTerm, parseTerm } from '../../shared/term.ts'
import type { Viewer } from '../caller.ts'
import type { HubContext } from '../context.ts'
import type { Connection } from '../live/connection.ts'
import type { ClientMessage } from '../live/inbox.ts'
import { readStateSince } from './since.ts'
import { parseHave, parseWants } from './wants.ts'

/** Cost of the state of all chats, in units of the rate limit. */
const resumeCost = 5

/** Handles `resume`. Returns false if it violates the protocol. */
export function resumeConnection(hub: HubContext, connection: Connection, message: ClientMessage): boolean {
  const { viewer } = connection
  if (message['protocol'] !== protocol.max || !hasCsrfToken(viewer, message['csrf'])) return false
  if (hub.rateLimiter?.allows(viewer.userId, 'resume', resumeCost) === false) {
    connection.close(closeCodes.tooMany, 'too_many')
    return true
  }
  const shown = parseTerm(message['term'])
  if (isHigherTerm(shown, hub.standing.term())) hub.standing.onHigherTerm(shown)
  // another computer is the hub: the standing has closed all sockets
  if (connection.isClosing) return true
  connection.isResuming = true
  connection.isBehind = false
  connection.wants = parseWants(message['wants'])
  // subscribe before reading: entries committed meanwhile are held, then sent above the heads of the state
  connection.holdEntries()
  if (viewer.scope !== 'read') {
    hub.live.presence.setConnectionState(viewer.userId, connection, connection.state)
    hub.live.zones.set(viewer.userId, message['zone'])
  }
  connection.readStarted()
  sendState(hub, connection, { epoch: message['epoch'], have: parseHave(message['have']) })
    .catch((error: unknown) => {
      hub.log.error({ err: error }, 'a connection could not be resumed')
      connection.terminate()
    })
    .finally(() => connection.readFinished())
  return true
}

/** A page of another site can open a socket with the cookie of the session, but cannot read this token. */
function hasCsrfToken({ kind, csrf }: Viewer, given: unknown): boolean {
  return kind !== 'cookie' || (csrf !== undefined && given === csrf)
}

async function sendState(
  hub: HubContext,
  connection: Connection,
  has: { epoch: unknown; have: Have | undefined },
): Promise<void> {
  const { viewer, wants } = connection
  const near = wants.has('users') ? hub.live.audience.usersNear(viewer.userId) : undefined
  const read = await hub.turns.run(viewer.userId, () =>
    hub.store.read(async (db) =>
      // a client that has waited too long has left
      connection.isClosing ? undefined : readStateSince(db, viewer, { ...has, near }),
    ),
  )
  if (!read) return
  const { state, heads } = read
  const fulfilled = wants.size === 0 ? {} : { wants: [...wants] }
  hub.live.sendWithPresence(connection, { ...state, ...standingOf(hub), ...fulfilled })
  const upTo = hub.standing.safeUpTo()
  if (upTo !== undefined) connection.send({ t: 'safe', upTo })
  connection.releaseEntries(
    (stream) => heads.get(stream) ?? state.heads[stream],
    hub.live.onHint !== undefined,
  )
}

/** A hub without standbys sends what it has always sent. */
function standingOf({ standing }: HubContext): { places?: Place[]; safety?: Safety } {
  const safety = standing.safety()
  const places = [...standing.places()]
  return safety === 'none' && places.length === 0 ? {} : { places, safety }
}
