import { compareTerms } from '../../shared/term.ts'
import { isThird, reportMark } from './hub-rules.ts'
import type { Position } from './position.ts'
import type { StandbyEvent, StandbyMemory } from './rule-types.ts'
import type { Turn } from './turn.ts'

/*
 * A standby. Invariants:
 *
 * 1. It takes over by vote only if it was in step in its last session, and has not restarted, left or begun a copy
 *    since (R4, R7). By a seal or its owner it takes over with what it has.
 * 2. A frame is applied once the hub has committed it. Until then the journal can give it back.
 * 3. Its new term is on disk, with everything applied, before it serves anyone (R6).
 */

type On<Kind extends StandbyEvent['on']> = Extract<StandbyEvent, { on: Kind }>

interface InSession {
  readonly session: string
  readonly position: Position
}

export function decideAsStandby(turn: Turn, standby: StandbyMemory, event: StandbyEvent): void {
  switch (event.on) {
    case 'welcome':
      return welcome(turn, standby, event)
    case 'frame':
      return frame(turn, standby, event)
    case 'journalled':
      if (!isCurrent(standby, event.session)) return
      turn.do({ do: 'send', message: { m: 'durable', session: event.session, position: event.position } })
      return
    case 'drop':
      return drop(turn, standby, event)
    case 'beat':
      if (isCurrent(standby, event.session) && event.fits) apply(turn, standby, event.committed)
      return
    case 'inStep':
      return inStep(turn, standby, event)
    case 'seal':
      return seal(turn, standby, event)
    case 'hubGone':
      if (standby.session !== event.session) return
      turn.standby({ isConnected: false })
      turn.do({ do: 'timer', name: 'hubSilent' })
      return
    case 'hubSilent':
      return hubSilent(turn, standby)
    case 'vote':
      if (standby.voter !== event.session || standby.candidate !== event.nonce) return
      turn.standby({ candidate: undefined })
      if (event.isGranted && standby.isEligible) takeOver(turn, 'vote')
      return
    case 'quit':
      return quit(turn, standby)
    case 'diverged':
      turn.standby({ isEligible: false, isConnected: false, candidate: undefined })
      turn.persist({ mustCopy: true })
      turn.do({ do: 'reconnect' })
      return
    case 'movedAside':
      return movedAside(turn)
    case 'copied':
      return copied(turn, event)
  }
}

function isCurrent(standby: StandbyMemory, session: string): boolean {
  return standby.isConnected && standby.session === session
}

function welcome(
  turn: Turn,
  standby: StandbyMemory,
  { session, term, tie, cut, ...event }: On<'welcome'>,
): void {
  const mustCopy = event.mustCopy || turn.disk.mustCopy === true
  // repeated: what has happened in this session since must not be forgotten
  if (isCurrent(standby, session)) return
  const order = compareTerms(term, turn.disk.term)
  if (order < 0) return turn.do({ do: 'send', message: { m: 'higher', term: turn.disk.term } })
  const { applied } = event
  const journal = cut ?? event.journal
  turn.standby({
    ...{ session, tie, applied, journal, candidate: undefined },
    nextTie: event.nextTie === undefined ? undefined : { position: journal, tie: event.nextTie },
    isConnected: true,
    isEligible: false,
  })
  const { mustCopy: mustCopyBefore, mustKeep: mustKeepBefore, ...state } = turn.disk
  // what goes on in the chain of the hub is nowhere but there; a hub that was set back lacks what it wrote in this term
  const hasMore = event.isParted === true || (order === 0 && applied.lsn > event.committed.lsn)
  const mustKeep = mustCopy && (mustKeepBefore === true || hasMore)
  const isSame = mustCopyBefore === (mustCopy || undefined) && mustKeepBefore === (mustKeep || undefined)
  if (order !== 0 || turn.disk.out || !isSame) {
    const marks = { ...(mustCopy ? { mustCopy } : {}), ...(mustKeep ? { mustKeep } : {}) }
    turn.replaceDisk({ ...state, term, out: false, ...marks })
  }
  if (standby.voter !== undefined) tellVoter(turn, standby.voter)
  if (mustCopy) return turn.do({ do: 'copy', keepsOld: mustKeep })
  if (cut) turn.do({ do: 'cut', to: cut })
  // what the hub need not send again is known to be on this disk
  turn.do({ do: 'send', message: { m: 'durable', session, position: journal } })
}

/** Tells the third computer the term, and that no candidacy waits for an answer. */
export function tellVoter(turn: Turn, session: string): void {
  const count = turn.standbyNow.voterCount + 1
  turn.standby({ voterCount: count })
  turn.do({ do: 'ask', message: { m: 'here', session, term: turn.disk.term, count } })
}

function frame(turn: Turn, standby: StandbyMemory, { session, position, follows, tie }: On<'frame'>): void {
  if (!isCurrent(standby, session) || turn.disk.mustCopy) return
  if (position.lsn <= standby.journal.lsn) {
    // repeated: the answer was lost
    if (position.chain === standby.journal.chain)
      turn.do({ do: 'send', message: { m: 'durable', session, position } })
    return
  }
  if (!follows) return turn.do({ do: 'reconnect' })
  // a hub ships one frame at a time, so it has committed the ones before
  apply(turn, standby, standby.journal)
  turn.standby({ journal: position, ...(tie === undefined ? {} : { nextTie: { position, tie } }) })
  turn.do({ do: 'append', session, position })
}

function apply(turn: Turn, { applied, nextTie }: StandbyMemory, upTo: StandbyMemory['applied']): void {
  if (upTo.lsn <= applied.lsn) return
  const isTieCommitted = nextTie !== undefined && nextTie.position.lsn <= upTo.lsn
  turn.standby({ applied: upTo, ...(isTieCommitted ? { tie: nextTie.tie, nextTie: undefined } : {}) })
  turn.do({ do: 'apply', upTo })
}

/** The hub rolled its last batch back. */
function drop(turn: Turn, standby: StandbyMemory, { session, position }: InSession): void {
  if (!isCurrent(standby, session)) return
  const { journal, applied, nextTie } = standby
  if (journal.lsn === position.lsn && journal.chain === position.chain && applied.lsn < position.lsn) {
    // one frame waits at most, so the one before it is applied
    turn.do({ do: 'cut', to: applied })
    turn.standby({
      journal: applied,
      ...(nextTie?.position.lsn === position.lsn ? { nextTie: undefined } : {}),
    })
  }
  turn.do({ do: 'send', message: { m: 'dropped', session, position } })
}

function inStep(turn: Turn, standby: StandbyMemory, { session, lsn }: On<'inStep'>): void {
  if (!isCurrent(standby, session) || turn.disk.mustCopy || turn.disk.out) return
  if (standby.journal.lsn >= lsn) turn.standby({ isEligible: true })
}

function seal(turn: Turn, standby: StandbyMemory, { term, to, position, fits }: On<'seal'>): void {
  const { disk } = turn
  if (compareTerms(term, disk.term) < 0)
    return turn.do({ do: 'send', message: { m: 'higher', term: disk.term } })
  if (compareTerms(term, disk.term) > 0 || to !== disk.node || disk.mustCopy || !fits) return
  // a frame beyond the seal was never acknowledged
  if (position.lsn < standby.journal.lsn) turn.do({ do: 'cut', to: position })
  turn.standby({ journal: position, nextTie: undefined })
  takeOver(turn, 'seal')
}

/** The right to decide is this computer's only if no frame that may be committed gives it away. */
function hubSilent(turn: Turn, standby: StandbyMemory): void {
  const { isEligible, isConnected, tie, nextTie, voter } = standby
  if (isConnected || !isEligible || tie === undefined) return
  const isLeaving = nextTie !== undefined && nextTie.tie !== tie
  if (tie === 'standby' && !isLeaving) return takeOver(turn, 'vote')
  if (!isThird(tie) || isLeaving) return
  turn.do({ do: 'timer', name: 'hubSilent' })
  if (voter === undefined) return
  const nonce = turn.tools.newId()
  const count = standby.voterCount + 1
  turn.standby({ candidate: nonce, voterCount: count })
  const { term } = turn.disk
  turn.do({ do: 'ask', message: { m: 'candidate', session: voter, term, nonce, count } })
}

function quit(turn: Turn, { session, isConnected }: StandbyMemory): void {
  turn.standby({ isEligible: false, candidate: undefined })
  turn.persist({ out: true })
  if (isConnected && session !== undefined) turn.do({ do: 'send', message: { m: 'leave', session } })
}

/** Another copy that fails has nothing to move aside. */
function movedAside(turn: Turn): void {
  const { mustKeep: _done, ...state } = turn.disk
  turn.replaceDisk(state)
}

function copied(turn: Turn, { position }: On<'copied'>): void {
  const { mustCopy: _done, mustKeep: _kept, ...state } = turn.disk
  turn.replaceDisk(state)
  turn.standby({ journal: position, applied: position, isConnected: false, isEligible: false })
  turn.do({ do: 'reconnect' })
}

/** R6. If the owner orders it, a new epoch begins, because something that clients have seen may be missing. */
export function takeOver(turn: Turn, why: 'seal' | 'vote' | 'owner'): void {
  const { journal, tie, voter } = turn.standbyNow
  turn.do({ do: 'applyAll' })
  const before = turn.disk.term
  const epoch = why === 'owner' ? turn.tools.newId() : before.epoch
  const term = turn.tools.newTerm(before, journal, epoch)
  turn.becomeHub(term, { committed: journal, tie: turn.standbyNow.nextTie?.tie ?? tie ?? 'hub', voter })
  turn.do({ do: 'serve', term, why })
  turn.do({ do: 'send', message: { m: 'took', term } })
  if (voter !== undefined) reportMark(turn, voter)
}
