import type { DataNode, Effect, NodeEvent, Tools } from '../../server/continuity/rule-types.ts'
import { decide, type Decision } from '../../server/continuity/rules.ts'
import {
  decideAsVoter,
  type Voter,
  type VoterDecision,
  type VoterEvent,
} from '../../server/continuity/voter-rules.ts'

/** The rules with one mistake, which the simulation has to find. */
export interface Mutant {
  readonly name: string
  readonly decide?: (node: DataNode, event: NodeEvent, tools: Tools) => Decision
  readonly decideThird?: (voter: Voter, event: VoterEvent) => VoterDecision
  /** A copy overwrites what is there, instead of moving it aside. */
  readonly isOverwriting?: true
}

type Persist = Extract<Effect, { do: 'persist' }>

/** The change is in memory only: it is not written before what it permits. */
function withoutPersist(
  isMeant: (effect: Persist, before: DataNode, event: NodeEvent) => boolean,
): NonNullable<Mutant['decide']> {
  return (node, event, tools) => {
    const decision = decide(node, event, tools)
    const effects = decision.effects.filter(
      (effect) => effect.do !== 'persist' || !isMeant(effect, node, event),
    )
    return { node: decision.node, effects }
  }
}

const withHub = (node: DataNode, changes: Partial<NonNullable<DataNode['hub']>>): DataNode =>
  node.hub ? { ...node, hub: { ...node.hub, ...changes } } : node

const withStandby = (node: DataNode, changes: Partial<NonNullable<DataNode['standby']>>): DataNode =>
  node.standby ? { ...node, standby: { ...node.standby, ...changes } } : node

/** The owner ends the waiting of a hub that may not decide alone. */
const isGivingUp = (node: DataNode, event: NodeEvent): boolean =>
  event.on === 'takeOver' && node.disk.role === 'hub' && !node.disk.alone

export const mutants: readonly Mutant[] = [
  {
    name: 'the hub commits before the standby has answered',
    decide: (node, event, tools) => {
      const decision = decide(node, event, tools)
      const pending = decision.node.hub?.pending
      if (event.on !== 'ship' || !pending || pending.isGranted || decision.node.hub?.isLooking)
        return decision
      return {
        node: withHub(decision.node, { pending: { ...pending, isGranted: true } }),
        effects: [...decision.effects, { do: 'grant', position: pending.position, isHeld: false }],
      }
    },
  },
  {
    name: 'the hub goes on alone without the vote',
    decide: (node, event, tools) => {
      if (event.on !== 'silence' || !node.hub) return decide(node, event, tools)
      const decision = decide(withHub(node, { tie: 'hub' }), event, tools)
      return { node: withHub(decision.node, { tie: node.hub.tie }), effects: decision.effects }
    },
  },
  {
    name: 'the hub stops waiting for the standby without the vote',
    decide: (node, event, tools) => {
      if (event.on !== 'sync' || !node.hub) return decide(node, event, tools)
      const decision = decide(withHub(node, { tie: 'hub' }), event, tools)
      return { node: withHub(decision.node, { tie: node.hub.tie }), effects: decision.effects }
    },
  },
  {
    name: 'a forced take-over keeps the epoch',
    decide: (node, event, tools) =>
      decide(node, event, {
        ...tools,
        newTerm: (previous, position, epoch) =>
          tools.newTerm(previous, position, event.on === 'takeOver' ? previous.epoch : epoch),
      }),
  },
  {
    name: 'a hub that gives up waiting keeps the epoch',
    decide: (node, event, tools) =>
      decide(node, event, {
        ...tools,
        newTerm: (previous, position, epoch) =>
          tools.newTerm(previous, position, isGivingUp(node, event) ? previous.epoch : epoch),
      }),
  },
  {
    name: 'a hub that gives up waiting has its new term in memory only',
    decide: withoutPersist((_, before, event) => isGivingUp(before, event)),
  },
  {
    name: 'a hub that gives up waiting stays in its term',
    decide: (node, event, tools) => {
      if (!isGivingUp(node, event)) return decide(node, event, tools)
      const alone = decide(withHub(node, { tie: 'hub', asking: undefined }), { on: 'silence' }, tools)
      return { node: withHub(alone.node, { tie: node.hub?.tie ?? 'hub' }), effects: alone.effects }
    },
  },
  {
    name: 'the seal is not on the disk when it is sent',
    decide: withoutPersist(({ state }) => state.role === 'sealed'),
  },
  {
    name: 'the new term is not on the disk when the standby begins to serve',
    decide: withoutPersist(({ state }, before) => state.role === 'hub' && before.disk.role === 'standby'),
  },
  {
    name: 'alone is not on the disk before the first acknowledgement (R1)',
    decide: withoutPersist(
      ({ state }, before) => state.alone && !before.disk.alone && before.disk.role === 'hub',
    ),
  },
  {
    name: 'alone is still on the disk when the standby learns that it is in step (R1)',
    decide: withoutPersist(({ state }, before) => !state.alone && before.disk.alone && state.role === 'hub'),
  },
  {
    name: 'a standby takes over by vote after a restart (R4)',
    decide: (node, event, tools) => {
      const isFresh = event.on === 'hubSilent' && node.standby?.session === undefined
      return decide(isFresh ? withStandby(node, { isEligible: true, tie: 'standby' }) : node, event, tools)
    },
  },
  {
    name: 'a standby is eligible before it is in step',
    decide: (node, event, tools) => {
      const decision = decide(node, event, tools)
      const isNew = event.on === 'welcome' && decision.node.standby?.session === event.session
      return isNew ? { ...decision, node: withStandby(decision.node, { isEligible: true }) } : decision
    },
  },
  {
    name: 'the hub believes a farewell from an earlier session',
    decide: (node, event, tools) => {
      const session = node.hub?.peer?.session
      const isFarewell = event.on === 'leave' && session !== undefined
      return decide(node, isFarewell ? { ...event, session } : event, tools)
    },
  },
  {
    name: 'a standby applies a frame before the hub has committed it',
    decide: (node, event, tools) => {
      const decision = decide(node, event, tools)
      if (!decision.effects.some((effect) => effect.do === 'append') || event.on !== 'frame') return decision
      const applied = event.position
      return {
        node: withStandby(decision.node, { applied }),
        effects: [...decision.effects, { do: 'apply', upTo: applied }],
      }
    },
  },
  {
    name: 'a standby is in step while a copy is outstanding (R7)',
    decide: (node, event, tools) => {
      const decision = decide(node, event, tools)
      const { hub, disk } = decision.node
      if (event.on === 'hello' && hub?.peer)
        return { ...decision, node: withHub(decision.node, { peer: { ...hub.peer, mayBeInStep: true } }) }
      if (event.on === 'welcome' && event.mustCopy && disk.mustCopy && decision.node.standby?.isConnected)
        return { ...decision, node: withStandby(decision.node, { isEligible: true }) }
      return decision
    },
  },
  {
    name: 'a seal does not cut what lies beyond it (R5)',
    decide: (node, event, tools) => {
      const decision = decide(node, event, tools)
      if (event.on !== 'seal') return decision
      return { ...decision, effects: decision.effects.filter((effect) => effect.do !== 'cut') }
    },
  },
  { name: 'a copy overwrites what a hub has written (R8)', isOverwriting: true },
  {
    name: 'a standby follows a change of the right to decide late (R3)',
    decide: (node, event, tools) => {
      const decision = decide(node, event, tools)
      return { ...decision, node: withStandby(decision.node, { nextTie: undefined }) }
    },
  },
  {
    name: 'the hub keeps the right to decide that it has given away (R3)',
    decide: (node, event, tools) =>
      decide(node, event.on === 'ship' ? { on: 'ship', position: event.position } : event, tools),
  },
  {
    name: 'a late vote counts',
    decide: (node, event, tools) => {
      const isVote = event.on === 'vote' && node.standby !== undefined
      const changes = isVote ? { voter: event.session, candidate: event.nonce, isEligible: true } : {}
      return decide(withStandby(node, changes), event, tools)
    },
  },
  {
    name: 'the third computer believes its disk after a restart (R4)',
    decideThird: (voter, event) =>
      decideAsVoter({ ...voter, hasHeardHub: true, hasHeardStandby: true }, event),
  },
  {
    name: 'the third computer lets the standby take over from a hub that is alone',
    decideThird: (voter, event) =>
      decideAsVoter(
        event.on === 'candidate' ? { ...voter, disk: { ...voter.disk, isAlone: false } } : voter,
        event,
      ),
  },
  {
    name: 'the third computer gives the vote to both',
    decideThird: (voter, event) => {
      const { promised: _promised, ...disk } = voter.disk
      return decideAsVoter({ ...voter, disk }, event)
    },
  },
]
