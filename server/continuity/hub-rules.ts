import { noPosition, type Position } from './position.ts'
import type { DataNode, HubEvent, HubMemory, Peer } from './rule-types.ts'
import type { Turn } from './turn.ts'

/*
 * A hub, and a computer that has sealed its term. Invariants:
 *
 * 1. A batch is granted if the standby in step has journalled it, or if `alone` is true on this disk.
 * 2. `alone` becomes true with the deciding vote only, or when the standby has said that it leaves, and is on disk
 *    before the first grant. It becomes false, on disk, before the standby learns that it is in step (R1).
 * 3. A hub whose owner does not wait for the standby is one that goes alone by the vote, and stays so. It needs no rule
 *    of its own for what the standby may do.
 * 4. A computer that has sealed its term grants nothing in it, also after a restart.
 * 5. A hub that waits for another computer goes on without it by its owner only, in a new term and a new epoch: the
 *    other may be the hub by now.
 */

type On<Kind extends HubEvent['on']> = Extract<HubEvent, { on: Kind }>

interface InSession {
  readonly session: string
  readonly position: Position
}

export function decideAsHub(turn: Turn, hub: HubMemory, event: HubEvent): void {
  switch (event.on) {
    case 'ship':
      return ship(turn, hub, event)
    case 'committed':
      return committed(turn, hub, event.position)
    case 'rolledBack':
      return rolledBack(turn, hub, event.position)
    case 'hello':
      return hello(turn, hub, event)
    case 'durable':
      return durable(turn, hub, event)
    case 'dropped':
      if (hub.peer?.session === event.session) finishDrop(turn)
      return
    case 'leave':
      return leave(turn, hub, event.session)
    case 'peerGone':
      return peerGone(turn, hub, event.session)
    case 'silence':
      return silence(turn, hub)
    case 'marked':
      return marked(turn, hub, event)
    case 'askAgain':
      if (hub.asking !== undefined) askForVote(turn)
      return
    case 'handover':
      return handOver(turn, hub)
    case 'sync':
      return changeSync(turn, hub, event.isOn)
    case 'sealAgain':
      return sendSeal(turn)
    case 'look':
      turn.hub({ isLooking: true })
      turn.do({ do: 'timer', name: 'lookOver' })
      return
    case 'lookOver':
      turn.hub({ isLooking: false })
      grantIfPermitted(turn)
      return turn.disk.alone ? undefined : startSilence(turn)
  }
}

function ship(turn: Turn, hub: HubMemory, { position, tie }: On<'ship'>): void {
  if (turn.disk.role !== 'hub') return turn.do({ do: 'refuse', position, why: 'moved' })
  if (hub.handover !== undefined) return turn.do({ do: 'refuse', position, why: 'handover' })
  // the right to decide changes only while both computers are there (R3)
  if (tie !== undefined && hub.peer?.inStep !== true)
    return turn.do({ do: 'refuse', position, why: 'handover' })
  turn.hub({ pending: { position, tie, isGranted: false, isDropping: false } })
  const { peer } = hub
  if (peer) turn.do({ do: 'sendFrame', session: peer.session, position })
  grantIfPermitted(turn)
  if (turn.hubNow.pending?.isGranted === false) turn.do({ do: 'timer', name: 'silence' })
}

function grantIfPermitted(turn: Turn): void {
  const { pending, peer, isLooking } = turn.hubNow
  if (!pending || pending.isGranted || pending.isDropping || isLooking || turn.disk.role !== 'hub') return
  const isOnTwoDisks = peer !== undefined && covers(peer.durable, pending.position)
  const isPermitted = (isOnTwoDisks && peer.inStep) || turn.disk.alone
  // a change of the right to decide needs both, also if the hub is alone by now
  if (!isPermitted || (pending.tie !== undefined && !(isOnTwoDisks && peer.inStep))) return
  turn.hub({ pending: { ...pending, isGranted: true } })
  turn.do({ do: 'grant', position: pending.position, isHeld: !isOnTwoDisks })
}

/** True if a journal that ends there contains the frame of this position. */
function covers(end: Position, position: Position): boolean {
  return end.lsn > position.lsn || (end.lsn === position.lsn && end.chain === position.chain)
}

function committed(turn: Turn, hub: HubMemory, position: Position): void {
  const tie = hub.pending?.tie ?? hub.tie
  turn.hub({ committed: position, pending: undefined, tie })
  const { peer } = hub
  if (peer) turn.do({ do: 'send', message: { m: 'beat', session: peer.session, committed: position } })
  if (turn.hubNow.handover !== undefined) return seal(turn)
  if (tie !== hub.tie) {
    turn.hub({ asking: undefined })
    // it may have heard last that this hub was alone, when it had no vote
    if (isThird(tie) && hub.voter !== undefined) reportMark(turn, hub.voter)
  }
  getInStep(turn)
}

function rolledBack(turn: Turn, hub: HubMemory, position: Position): void {
  const { pending, peer } = hub
  if (!pending) return turn.do({ do: 'dropDone', position })
  turn.hub({ pending: { ...pending, isDropping: true } })
  if (!peer) return finishDrop(turn)
  turn.do({ do: 'send', message: { m: 'drop', session: peer.session, position } })
}

function finishDrop(turn: Turn): void {
  const { pending, handover } = turn.hubNow
  if (!pending?.isDropping) return
  turn.hub({ pending: undefined })
  turn.do({ do: 'dropDone', position: pending.position })
  if (handover !== undefined) seal(turn)
}

function hello(turn: Turn, hub: HubMemory, event: On<'hello'>): void {
  const { session, node, fit, applied, journal } = event
  if (fit === 'ahead' && yieldTo(turn, hub, event)) return
  // it needs nothing but the seal: a copy would take from it what it is to continue with
  if (fit === 'ahead' && turn.disk.role === 'sealed') return sendSeal(turn)
  const mustCopy = event.mustCopy || fit === 'none' || fit === 'ahead' || fit === 'parted'
  // what is to be replaced by a copy is on no second disk
  const end = mustCopy ? noPosition : fit === 'end' ? journal : applied
  const durable = event.isComplete ? end : noPosition
  const peer: Peer = { node, session, durable, inStep: false, mayBeInStep: !mustCopy }
  turn.hub({ peer })
  // the frame that was to be dropped is not on the chain, so the welcome has cut it
  if (hub.pending?.isDropping && fit !== 'end') finishDrop(turn)
  const cut = fit === 'applied' ? applied : undefined
  const { term } = turn.disk
  const { committed: position, tie, pending } = turn.hubNow
  const nextTie = pending && fit === 'end' && covers(journal, pending.position) ? pending.tie : undefined
  turn.do({
    do: 'send',
    message: {
      ...{ m: 'welcome', session, term, tie, nextTie, cut, mustCopy, committed: position },
      ...(fit === 'parted' ? { isParted: true } : {}),
    },
  })
  if (hub.pending?.isDropping && fit === 'end')
    turn.do({ do: 'send', message: { m: 'drop', session, position: hub.pending.position } })
  if (!mustCopy) turn.do({ do: 'feed', session, after: end })
  if (turn.disk.role === 'sealed') return sendSeal(turn)
  getInStep(turn)
  grantIfPermitted(turn)
}

/**
 * A hub whose disk was set back meets a standby that has more. It gives up its term, for the standby to continue, if it
 * has acknowledged nothing since it started.
 */
function yieldTo(turn: Turn, hub: HubMemory, { node, journal, mustCopy }: On<'hello'>): boolean {
  if (!hub.isLooking || turn.disk.role !== 'hub' || mustCopy) return false
  turn.persist({ role: 'sealed', sealed: { ...journal, to: node } })
  if (hub.pending) turn.do({ do: 'refuse', position: hub.pending.position, why: 'moved' })
  turn.hub({ pending: undefined, peer: undefined })
  sendSeal(turn)
  return true
}

function durable(turn: Turn, hub: HubMemory, { session, position }: InSession): void {
  const { peer } = hub
  if (peer?.session !== session) return
  if (position.lsn >= peer.durable.lsn) turn.hub({ peer: { ...peer, durable: position } })
  const lsn = Math.min(position.lsn, hub.committed.lsn)
  if (turn.disk.alone) turn.do({ do: 'safe', lsn })
  grantIfPermitted(turn)
  getInStep(turn)
}

/** The standby has everything that was committed, or that may be by now. */
function getInStep(turn: Turn): void {
  const { peer, pending, committed: position, tie, voter, isAsync } = turn.hubNow
  if (isAsync && turn.disk.alone) return
  if (!peer || peer.inStep || !peer.mayBeInStep || turn.disk.role !== 'hub' || pending?.isDropping) return
  const end = pending?.isGranted ? pending.position : position
  if (!covers(peer.durable, end)) return
  if (turn.disk.alone) turn.persist({ alone: false })
  turn.hub({ peer: { ...peer, inStep: true }, asking: undefined })
  if (voter !== undefined && isThird(tie)) reportMark(turn, voter)
  turn.do({ do: 'send', message: { m: 'inStep', session: peer.session, lsn: end.lsn } })
  if (end.lsn > 0) turn.do({ do: 'safe', lsn: end.lsn })
  grantIfPermitted(turn)
}

function changeSync(turn: Turn, { tie }: HubMemory, isOn: boolean): void {
  turn.hub({ isAsync: !isOn })
  if (isOn) return getInStep(turn)
  if (turn.disk.role !== 'hub' || turn.disk.alone || turn.hubNow.isLooking) return
  turn.hub({ handover: undefined })
  if (tie === 'hub') becomeAlone(turn)
  else if (isThird(tie)) askForVote(turn)
  // a standby with the vote could go on without what the hub acknowledges alone
}

function leave(turn: Turn, { peer }: HubMemory, session: string): void {
  if (peer?.session !== session) return
  turn.hub({ peer: { ...peer, inStep: false, mayBeInStep: false }, handover: undefined })
  // the standby cannot take over by vote, so no vote is needed
  if (turn.disk.role === 'hub') becomeAlone(turn)
}

function becomeAlone(turn: Turn): void {
  const { peer } = turn.hubNow
  if (!turn.disk.alone) turn.persist({ alone: true })
  refuseTie(turn)
  turn.hub({ asking: undefined, ...(peer ? { peer: { ...peer, inStep: false } } : {}) })
  grantIfPermitted(turn)
}

function peerGone(turn: Turn, hub: HubMemory, session: string): void {
  if (hub.peer?.session !== session) return
  turn.hub({ peer: undefined, handover: undefined })
  finishDrop(turn)
  if (turn.disk.role === 'hub' && !turn.disk.alone) startSilence(turn)
}

function startSilence(turn: Turn): void {
  turn.do({ do: 'timer', name: 'silence' })
}

function silence(turn: Turn, { peer, pending, tie, isLooking }: HubMemory): void {
  if (turn.disk.role !== 'hub' || turn.disk.alone || isLooking) return
  const isBatchWaiting = pending !== undefined && !pending.isGranted && !pending.isDropping
  if (peer?.inStep && !isBatchWaiting) return
  turn.hub({ handover: undefined })
  refuseTie(turn)
  if (tie === 'hub') becomeAlone(turn)
  else if (isThird(tie)) askForVote(turn)
  // otherwise the standby decides: the hub waits for it, or for its owner
}

/** Nobody can write: the standby is away, and the hub may not decide alone. */
export function isWaiting({ disk, hub }: DataNode): boolean {
  return disk.role === 'hub' && !disk.alone && hub?.peer?.inStep !== true
}

/** The owner continues here: the hub waits, or was handed to a computer that did not take it. */
export function goOnByPerson(turn: Turn, { committed, tie, voter, isAsync, pending }: HubMemory): void {
  // it is on its way to this disk, and the term begins behind it
  if (pending?.isGranted) return
  if (pending?.isDropping) turn.do({ do: 'dropDone', position: pending.position })
  // the standby may have it as the last frame of the old term
  else if (pending) turn.do({ do: 'refuse', position: pending.position, why: 'handover' })
  const term = turn.tools.newTerm(turn.disk.term, committed, turn.tools.newId())
  turn.becomeHub(term, { committed, tie, voter, isAsync })
  // a standby that is here has heard of the old term only
  turn.do({ do: 'reconnect' })
  turn.do({ do: 'serve', term, why: 'owner' })
  if (voter !== undefined) reportMark(turn, voter)
}

/** A change of the right to decide is not written without the other computer (R3). */
function refuseTie(turn: Turn): void {
  const { pending } = turn.hubNow
  if (!pending || pending.tie === undefined || pending.isGranted || pending.isDropping) return
  turn.hub({ pending: { ...pending, isDropping: true } })
  turn.do({ do: 'refuse', position: pending.position, why: 'handover' })
}

export function isThird(tie: string): boolean {
  return tie !== 'hub' && tie !== 'standby'
}

function askForVote(turn: Turn): void {
  const { voter } = turn.hubNow
  turn.do({ do: 'timer', name: 'askAgain' })
  const v = turn.disk.markV + 1
  turn.hub({ asking: v })
  if (voter === undefined) return
  // never used twice, so that a late answer cannot be mistaken for another
  turn.persist({ markV: v })
  const { term } = turn.disk
  const isReport = false
  turn.do({ do: 'ask', message: { m: 'mark', session: voter, term, v, isAlone: true, isReport } })
}

/** Tells the third computer if the hub is alone. */
export function reportMark(turn: Turn, session: string): void {
  const v = turn.disk.markV + 1
  turn.persist({ markV: v })
  const { term, alone } = turn.disk
  turn.do({ do: 'ask', message: { m: 'mark', session, term, v, isAlone: alone, isReport: true } })
}

function marked(turn: Turn, hub: HubMemory, { session, v, isGranted }: On<'marked'>): void {
  if (hub.voter !== session || hub.asking !== v || !isGranted) return
  turn.hub({ asking: undefined })
  if (turn.disk.role === 'hub') becomeAlone(turn)
}

function handOver(turn: Turn, { peer, pending, isLooking }: HubMemory): void {
  if (turn.disk.role !== 'hub' || !peer?.inStep || isLooking) return turn.do({ do: 'handoverRefused' })
  turn.hub({ handover: peer.node })
  if (!pending) seal(turn)
}

function seal(turn: Turn): void {
  const { handover, committed: position, peer } = turn.hubNow
  turn.hub({ handover: undefined })
  if (handover === undefined || turn.disk.role !== 'hub' || !peer?.inStep) return
  turn.persist({ role: 'sealed', sealed: { ...position, to: handover } })
  sendSeal(turn)
}

function sendSeal(turn: Turn): void {
  const { sealed, term, role } = turn.disk
  if (role !== 'sealed' || !sealed) return
  const { to, lsn, chain } = sealed
  turn.do({ do: 'send', message: { m: 'seal', term, to, position: { lsn, chain } } })
  turn.do({ do: 'timer', name: 'sealAgain' })
}
