import type { HostStatus } from '../../shared/desktop.ts'
import type { FollowReport, HubAddress } from '../../shared/hub-process-messages.ts'
import type { SupervisorState } from './supervisor.ts'

export interface HostFacts {
  common: Pick<HostStatus, 'hubId' | 'name' | 'isAnnounced'>
  addresses: readonly HubAddress[]
  connectedUsers: number
  isSetUp: boolean
  /** The fingerprint of this computer, since it has joined a hub. */
  words: string[] | undefined
  movedFrom: number | undefined
  following: FollowReport | undefined
  /** The name of the standby that could be the hub at once. */
  handOverTo: string | undefined
  canLeave: boolean
  /** It runs, and does not respond. */
  isHanging: boolean
}

/** What the page shows of the hub of this computer. */
export function describeHost(state: SupervisorState, facts: HostFacts): HostStatus {
  const { common, addresses, connectedUsers, isSetUp, words, movedFrom, following, handOverTo, canLeave } =
    facts
  switch (state.state) {
    case 'running': {
      const isStandby = state.listening.role === 'standby'
      return {
        ...common,
        state: 'running',
        port: state.listening.port,
        addresses: addresses.map(({ address, via }) => ({ host: address, network: via })),
        ...{ connectedUsers, isSetUp, isStandby, movedFrom, handOverTo, canLeave },
        ...(facts.isHanging ? { isHanging: true } : {}),
        words: isStandby ? words : undefined,
        following: isStandby ? following : undefined,
      }
    }
    case 'waiting':
      return { ...common, state: 'crashed', willRestart: true, problem: state.problem.sentence, canLeave }
    case 'down':
      return { ...common, state: 'crashed', willRestart: false, problem: state.problem.sentence, canLeave }
    default:
      return { ...common, state: state.state, canLeave }
  }
}
