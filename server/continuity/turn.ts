import type { Term } from '../../shared/term.ts'
import type { DataNode, Effect, HubMemory, StandbyMemory, Tools } from './rule-types.ts'
import type { StateRecord } from './state-file.ts'

/** One event of a computer: what it knows by now, and the effects in their order. */
export class Turn {
  node: DataNode
  readonly tools: Tools
  readonly effects: Effect[] = []

  constructor(node: DataNode, tools: Tools) {
    this.node = node
    this.tools = tools
  }

  get disk(): StateRecord {
    return this.node.disk
  }

  get hubNow(): HubMemory {
    if (!this.node.hub) throw new Error('this computer is not the hub')
    return this.node.hub
  }

  get standbyNow(): StandbyMemory {
    if (!this.node.standby) throw new Error('this computer is not a standby')
    return this.node.standby
  }

  /** Changes what the hub knows. */
  hub(changes: Partial<HubMemory>): void {
    this.node = { ...this.node, hub: { ...this.hubNow, ...changes } }
  }

  standby(changes: Partial<StandbyMemory>): void {
    this.node = { ...this.node, standby: { ...this.standbyNow, ...changes } }
  }

  /** Changes the state on disk. What follows is done after it is synced. */
  persist(changes: Partial<StateRecord>): void {
    const state = { ...this.disk, ...changes }
    this.node = { ...this.node, disk: state }
    this.do({ do: 'persist', state })
  }

  /** Like `persist`, for a state that lacks fields of the one before. */
  replaceDisk(state: StateRecord): void {
    this.node = { ...this.node, disk: state }
    this.do({ do: 'persist', state })
  }

  /** The new term and `alone` are on disk before anything that follows. A new term begins without a standby in step. */
  becomeHub(term: Term, memory: Pick<HubMemory, 'committed' | 'tie' | 'voter' | 'isAsync'>): void {
    const { sealed: _sealed, mustCopy: _mustCopy, ...state } = this.disk
    this.replaceDisk({ ...state, role: 'hub', term, alone: true, out: false })
    this.node = { disk: this.disk, hub: { ...memory, isLooking: false } }
  }

  becomeStandby(memory: Pick<StandbyMemory, 'journal' | 'applied' | 'voter'>): void {
    const standby = { ...memory, isConnected: false, isEligible: false, voterCount: 0 }
    this.node = { disk: this.disk, standby }
  }

  do(effect: Effect): void {
    this.effects.push(effect)
  }
}
