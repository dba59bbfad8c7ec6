import { compareTerms, type Term } from '../../shared/term.ts'
import { decideAsHub, goOnByPerson, isThird, isWaiting, reportMark } from './hub-rules.ts'
import type { Position } from './position.ts'
import type {
  CommonEvent,
  DataNode,
  Effect,
  HubEvent,
  NodeEvent,
  StandbyEvent,
  Tie,
  Tools,
} from './rule-types.ts'
import { decideAsStandby, takeOver, tellVoter } from './standby-rules.ts'
import type { StateRecord } from './state-file.ts'
import { Turn } from './turn.ts'

/*
 * The rules of a hub and its standby as a pure function: a state and an event give the next state, and effects in their
 * order. An effect may not begin before those ahead of it are done. test/simulation/ checks what they promise.
 */

export interface Decision {
  readonly node: DataNode
  readonly effects: readonly Effect[]
}

export function decide(node: DataNode, event: NodeEvent, tools: Tools): Decision {
  const turn = new Turn(node, tools)
  switch (event.on) {
    case 'higher':
      higher(turn, event.term)
      break
    case 'voterHere':
    case 'voterGone':
      voterChanged(turn, event)
      break
    case 'takeOver':
      takeOverByPerson(turn)
      break
    default:
      decideInRole(turn, event)
  }
  return turn
}

/** Events for another role are late: the role has changed since they were sent. */
function decideInRole(turn: Turn, event: HubEvent | StandbyEvent): void {
  const { hub, standby } = turn.node
  if (hub) decideAsHub(turn, hub, event as HubEvent)
  else if (standby) decideAsStandby(turn, standby, event as StandbyEvent)
}

/** The state of a computer that starts. Nothing but its disk is believed. */
export function startNode(
  disk: StateRecord,
  {
    applied,
    journal,
    tie,
    isAsync = false,
  }: { applied: Position; journal: Position; tie: Tie; isAsync?: boolean },
): DataNode {
  if (disk.role === 'standby') {
    return {
      disk,
      standby: { isConnected: false, isEligible: false, applied, journal, voterCount: 0 },
    }
  }
  return { disk, hub: { isLooking: disk.role === 'hub', committed: applied, tie, isAsync } }
}

function higher(turn: Turn, term: Term): void {
  const { disk, node } = turn
  if (compareTerms(term, disk.term) <= 0) return
  const { sealed: _sealed, mustCopy: _mustCopy, mustKeep: _mustKeep, ...state } = disk
  if (node.standby) {
    turn.replaceDisk({ ...disk, term })
    turn.standby({ isConnected: false, isEligible: false, candidate: undefined })
    return turn.do({ do: 'reconnect' })
  }
  const { committed, pending, voter } = turn.hubNow
  if (pending && !pending.isGranted && !pending.isDropping)
    turn.do({ do: 'refuse', position: pending.position, why: 'moved' })
  if (pending?.isDropping) turn.do({ do: 'dropDone', position: pending.position })
  // it has served: the new hub may lack some of it, unless this disk was set back and has only a part
  const { sealed } = disk
  const marks = sealed && sealed.lsn > committed.lsn ? {} : { mustKeep: true as const }
  turn.replaceDisk({ ...state, role: 'standby', term, alone: false, out: false, ...marks })
  turn.do({ do: 'stopServing' })
  // what was granted may still be committed: the next welcome brings where the database ends
  turn.becomeStandby({ journal: committed, applied: committed, voter })
  turn.do({ do: 'reconnect' })
}

function voterChanged(
  turn: Turn,
  { on, session }: Extract<CommonEvent, { on: 'voterHere' | 'voterGone' }>,
): void {
  const { hub, standby } = turn.node
  const voter = on === 'voterHere' ? session : undefined
  if (hub && (voter !== undefined || hub.voter === session)) {
    // what was asked in the last session has no answer any more
    turn.hub({ voter, asking: undefined })
    if (voter === undefined || turn.disk.role !== 'hub') return
    reportMark(turn, voter)
    if (isWaiting(turn.node) && isThird(hub.tie)) turn.do({ do: 'timer', name: 'silence' })
  }
  if (standby && (voter !== undefined || standby.voter === session)) {
    turn.standby({ voter, candidate: undefined, voterCount: 0 })
    if (voter !== undefined) tellVoter(turn, voter)
  }
}

function takeOverByPerson(turn: Turn): void {
  const { disk, node } = turn
  if (node.standby && !disk.mustCopy) return takeOver(turn, 'owner')
  if (node.hub && (disk.role === 'sealed' || isWaiting(node))) goOnByPerson(turn, node.hub)
}
