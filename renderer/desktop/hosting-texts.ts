import type { HostStatus } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'
import './desktop-text.ts'

const stateTextKeys = {
  running: 'hosting.running',
  starting: 'hosting.starting',
  stopping: 'hosting.stopping',
  stopped: 'hosting.stopped',
} as const

/** The state of the hub of this computer. */
export function stateText(status: HostStatus): string {
  const { state, willRestart: comesBack, isStandby } = status
  if (status.isHanging) return t('hosting.hanging')
  if (state === 'running' && isStandby)
    return t(isStandbyAway(status) ? 'hosting.standbyAway' : 'hosting.standby')
  if (state === 'crashed') return t(comesBack ? 'hosting.comesBack' : 'hosting.down')
  return t(stateTextKeys[state])
}

/** A standby that the hub has not approved, or that cannot reach it. */
export function isStandbyAway({ isStandby, following }: HostStatus): boolean {
  return isStandby === true && following?.isConnected === false
}

/** The colour of the state. */
export function dotState(status: HostStatus): HostStatus['state'] {
  if (status.isHanging) return 'crashed'
  return isStandbyAway(status) ? 'starting' : status.state
}

/** A hub that hangs does not say who is connected, and a standby has nobody. */
export function hasDetail({ state, isStandby, isHanging }: HostStatus): boolean {
  return state === 'running' && !isStandby && !isHanging
}

/** What there is to know of a hub that runs. */
export function detailText({ isSetUp, connectedUsers: people = 0 }: HostStatus): string {
  if (isSetUp === false) return t('hosting.notSetUp')
  return people === 0 ? t('hosting.nobody') : t('hosting.people', { count: people })
}
