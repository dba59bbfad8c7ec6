import { createPublicKey } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { isHigherTerm, type Term } from '../../shared/term.ts'
import { loadNodeKey } from '../continuity/node-key.ts'
import { readState, writeState } from '../continuity/state-file.ts'
import { verifyTerm } from '../continuity/term.ts'
import type { Identity } from '../identity.ts'
import { type HubStanding, type Moved, noStanding } from '../live/standing.ts'
import { StartError } from '../start-error.ts'

/*
 * The standing of a hub without standbys. It has a term if it was restored, or once had a standby. A client that knows a
 * higher one has met this hub on another computer: two hubs with one key would part the team, so this one stops.
 *
 * Invariant: the higher term is on disk before a socket closes, so that no restart serves again.
 */

export interface LoneStandingOptions {
  dataDir: string
  identity: Identity
  log: FastifyBaseLogger
  /** The hub has stepped down: closes the sockets. */
  onMoved: (moved: Moved) => void
}

/** @throws StartError if another computer is the hub */
export function loneStanding({ dataDir, identity, log, onMoved }: LoneStandingOptions): HubStanding {
  const state = readState(dataDir)
  if (state && state.role !== 'hub') throw movedAway(dataDir, state.term)
  const publicKey = createPublicKey(identity.key)
  let moved: Moved | undefined
  return {
    ...noStanding,
    term: () => state?.term,
    moved: () => moved,
    onHigherTerm: (record) => {
      const term = verifyTerm(publicKey, identity.hubId, record)
      if (moved || !term || !isHigherTerm(term, state?.term)) return
      const node = loadNodeKey(dataDir).id
      writeState(dataDir, {
        v: 1,
        node,
        role: 'standby',
        term,
        alone: false,
        markV: 0,
        out: true,
        mustCopy: true,
      })
      log.error(
        { since: new Date(term.at) },
        'another computer is this hub now: nothing is served here any more',
      )
      moved = { code: 'moved', term, places: [] }
      onMoved(moved)
    },
  }
}

function movedAway(dataDir: string, { at }: Term): StartError {
  return new StartError(
    `This hub runs on another computer since ${new Date(at).toISOString()}, so it does not start here: two hubs with one key would part the team. If that computer is gone for good, make this one the hub again with "npm run hub -- promote --force --data ${dataDir}".`,
  )
}
