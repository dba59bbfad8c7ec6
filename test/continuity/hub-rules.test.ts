// Single steps of the rules that a history in test/simulation/ heals before anything shows.
import { expect, test } from 'vitest'
import type { DataNode, Effect, NodeEvent, Tools } from '../../server/continuity/rule-types.ts'
import { decide, startNode } from '../../server/continuity/rules.ts'
import {
  decideAsVoter,
  newVoterRecord,
  startVoter,
  type Voter,
  type VoterEvent,
} from '../../server/continuity/voter-rules.ts'
import type { Term } from '../../shared/term.ts'

const at = (lsn: number) => ({ lsn, chain: `c${lsn}` })
const term: Term = { n: 5, node: 'hub', epoch: 'e', lsn: 0, chain: 'c0', prev: null, at: 0, sig: '' }
const tools: Tools = { newTerm: () => term, newId: () => 'id' }

/** Follows a hub through events, and shows the third computer what it is asked. */
class Hub {
  voter: Voter = startVoter(newVoterRecord)
  #node: DataNode = startNode(
    { v: 1, node: 'hub', role: 'hub', term, alone: true, markV: 0, out: false },
    { applied: at(1), journal: at(1), tie: 'hub' },
  )

  handle(...events: NodeEvent[]): void {
    for (const event of events) {
      const { node, effects } = decide(this.#node, event, tools)
      this.#node = node
      for (const effect of effects) this.#pass(effect)
    }
  }

  #pass(effect: Effect): void {
    if (effect.do !== 'ask' || effect.message.m !== 'mark') return
    const { m: _m, ...mark } = effect.message
    this.tell({ ...mark, on: 'mark', node: 'hub' })
  }

  /** Returns what the third computer answers. */
  tell(event: VoterEvent) {
    const { voter, effects } = decideAsVoter(this.voter, event)
    this.voter = voter
    return effects.flatMap((effect) => (effect.do === 'answer' ? [effect.answer] : []))
  }
}

test('a third computer that gets the vote lets the standby go on, though the hub was alone when it last said so', () => {
  const hub = new Hub()
  hub.tell({ on: 'session', node: 'hub', session: 'v' })
  hub.tell({ on: 'session', node: 'standby', session: 'w' })
  hub.tell({ on: 'here', node: 'standby', session: 'w', term, count: 1 })
  hub.handle({ on: 'lookOver' }, { on: 'voterHere', session: 'v' })
  expect(hub.voter.disk.isAlone).toBe(true)
  const peer = { node: 'standby', session: 's', term, fit: 'end', isComplete: true, mustCopy: false } as const
  hub.handle(
    { on: 'hello', ...peer, applied: at(1), journal: at(1) },
    { on: 'durable', session: 's', position: at(1) },
    // the vote goes from the hub to the third computer
    { on: 'ship', position: at(2), tie: 'third' },
    { on: 'durable', session: 's', position: at(2) },
    { on: 'committed', position: at(2) },
  )
  const answers = hub.tell({ on: 'candidate', node: 'standby', session: 'w', term, nonce: 'n', count: 2 })
  expect(answers).toEqual([{ m: 'vote', session: 'w', nonce: 'n', isGranted: true }])
})
