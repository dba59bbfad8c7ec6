import { compareTerms, type Term } from '../../shared/term.ts'

/*
 * The third computer: it has the deciding vote and none of the team's data. Invariants:
 *
 * 1. In one term it gives the vote to the hub or to the standby, on its disk before the answer.
 * 2. Messages of the hub are numbered by `v`, those of the standby by `count` within a session: only later ones count.
 * 3. Its disk alone never votes (R4): after a start it gives the vote only once both, in a session of this run, have
 *    said where they are. A message that says so also says that nothing from an earlier session is awaited any more.
 * 4. It takes over a term only from a computer that follows it, never from a candidacy: that term may never begin.
 */

export interface VoterRecord {
  readonly v: 1
  /** The term that it votes in. */
  readonly term?: Term | undefined
  /** The hub of this term may go on alone. */
  readonly isAlone: boolean
  readonly markV: number
  /** The computer that may take over from this term. */
  readonly promised?: string | undefined
}

export interface Voter {
  readonly disk: VoterRecord
  /** Heard in this run and in this term. */
  readonly hasHeardHub: boolean
  readonly hasHeardStandby: boolean
  /** The sessions of this run, by computer. */
  readonly sessions: Readonly<Record<string, string>>
  /** The number of the last message of a standby in its session. */
  readonly counts: Readonly<Record<string, number>>
}

type SessionEvent =
  | { readonly on: 'session'; readonly node: string; readonly session: string }
  | { readonly on: 'sessionEnd'; readonly node: string; readonly session: string }

export type VoterEvent =
  | SessionEvent
  | {
      readonly on: 'mark'
      readonly node: string
      readonly session: string
      readonly term: Term
      readonly v: number
      readonly isAlone: boolean
      readonly isReport: boolean
    }
  | {
      readonly on: 'here'
      readonly node: string
      readonly session: string
      readonly term: Term
      readonly count: number
    }
  | {
      readonly on: 'candidate'
      readonly node: string
      readonly session: string
      readonly term: Term
      readonly nonce: string
      readonly count: number
    }

export type VoterEffect =
  | { readonly do: 'persist'; readonly record: VoterRecord }
  | {
      readonly do: 'answer'
      readonly to: string
      readonly answer: VoterAnswer
    }

export type VoterAnswer =
  | {
      readonly m: 'marked'
      readonly session: string
      readonly v: number
      readonly isGranted: boolean
      readonly higher?: Term | undefined
    }
  | {
      readonly m: 'vote'
      readonly session: string
      readonly nonce: string
      readonly isGranted: boolean
      readonly higher?: Term | undefined
    }
  | { readonly m: 'higher'; readonly higher: Term }

export interface VoterDecision {
  readonly voter: Voter
  readonly effects: readonly VoterEffect[]
}

export const newVoterRecord: VoterRecord = { v: 1, isAlone: false, markV: 0 }

export function startVoter(disk: VoterRecord): Voter {
  return { disk, hasHeardHub: false, hasHeardStandby: false, sessions: {}, counts: {} }
}

export function decideAsVoter(before: Voter, event: VoterEvent): VoterDecision {
  if (event.on === 'session' || event.on === 'sessionEnd') return changeSession(before, event)
  if (before.sessions[event.node] !== event.session) return { voter: before, effects: [] }
  const adopted = adopt(before, event)
  const { term } = adopted.disk
  if (term && compareTerms(event.term, term) < 0) return refuseOld(adopted, event, term)
  if (event.on === 'mark') return mark(adopted, event)
  if (event.on === 'here') return here(adopted, event)
  return candidate(adopted, event)
}
function changeSession(voter: Voter, { on, node, session }: SessionEvent): VoterDecision {
  if (on === 'session') {
    const sessions = { ...voter.sessions, [node]: session }
    return { voter: { ...voter, sessions, counts: { ...voter.counts, [node]: 0 } }, effects: [] }
  }
  if (voter.sessions[node] !== session) return { voter, effects: [] }
  const { [node]: _ended, ...sessions } = voter.sessions
  return { voter: { ...voter, sessions }, effects: [] }
}

/** A term that a computer follows replaces a lower one, with everything that was decided in it. */
function adopt(voter: Voter, { term }: { term: Term }): Voter {
  if (voter.disk.term && compareTerms(term, voter.disk.term) <= 0) return voter
  return {
    disk: { ...newVoterRecord, term },
    hasHeardHub: false,
    hasHeardStandby: false,
    sessions: voter.sessions,
    counts: {},
  }
}

type On<Kind extends VoterEvent['on']> = Extract<VoterEvent, { on: Kind }>

function refuseOld(voter: Voter, event: On<'mark' | 'here' | 'candidate'>, higher: Term): VoterDecision {
  const { session } = event
  const isGranted = false
  let answer: VoterAnswer = { m: 'higher', higher }
  if (event.on === 'mark') answer = { m: 'marked', session, v: event.v, isGranted, higher }
  if (event.on === 'candidate') answer = { m: 'vote', session, nonce: event.nonce, isGranted, higher }
  return { voter, effects: [{ do: 'answer', to: event.node, answer }] }
}

function mark(voter: Voter, { node, session, v, isAlone, isReport }: On<'mark'>): VoterDecision {
  const { disk } = voter
  if (v <= disk.markV) return { voter, effects: [] }
  const mayGrant = isReport || (disk.promised === undefined && voter.hasHeardStandby)
  const record: VoterRecord = { ...disk, markV: v, isAlone: mayGrant ? isAlone : disk.isAlone }
  const answer: VoterAnswer = { m: 'marked', session, v, isGranted: mayGrant }
  return {
    voter: { ...voter, disk: record, hasHeardHub: true },
    effects: [
      { do: 'persist', record },
      { do: 'answer', to: node, answer },
    ],
  }
}

function here(voter: Voter, { node, count }: On<'here'>): VoterDecision {
  if (count <= (voter.counts[node] ?? 0)) return { voter, effects: [] }
  const heard = { ...voter, counts: { ...voter.counts, [node]: count }, hasHeardStandby: true }
  const { promised, ...record } = voter.disk
  // the computer that was promised the term does not want it any more
  const disk = promised === node ? record : voter.disk
  return { voter: { ...heard, disk }, effects: [{ do: 'persist', record: disk }] }
}

function candidate(voter: Voter, { node, session, nonce, count }: On<'candidate'>): VoterDecision {
  if (count <= (voter.counts[node] ?? 0)) return { voter, effects: [] }
  const { disk } = voter
  const isFree = disk.promised === undefined || disk.promised === node
  const isGranted = isFree && !disk.isAlone && voter.hasHeardHub
  const record: VoterRecord = isGranted ? { ...disk, promised: node } : disk
  const answer: VoterAnswer = { m: 'vote', session, nonce, isGranted }
  const counts = { ...voter.counts, [node]: count }
  return {
    voter: { ...voter, disk: record, counts, hasHeardStandby: true },
    effects: [
      { do: 'persist', record },
      { do: 'answer', to: node, answer },
    ],
  }
}
