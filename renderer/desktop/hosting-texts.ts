import type { HostStatus } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'

const stateTextKeys = {
  running: 'hosting.running',
  starting: 'hosting.starting',
  stopping: 'hosting.stopping',
  stopped: 'hosting.stopped',
} as const

/** The state of the hub of this computer. */
export function stateText(status: HostStatus): string {
  const { state, willRestart: comesBack, isStandby } = status
  if (state === 'running' && isStandby)
    return t(isStandbyAway(status) ? 'hosting.standbyAway' : 'hosting.standby')
  if (state === 'crashed') return t(comesBack ? 'hosting.comesBack' : 'hosting.down')
  return t(stateTextKeys[state])
}

/** A standby that the hub has not approved, or that cannot reach it. */
export function isStandbyAway({ isStandby, following }: HostStatus): boolean {
  return isStandby === true && following?.isConnected === false
}

/** What there is to know of a hub that runs. */
export function detailText({ isSetUp, connectedUsers: people = 0 }: HostStatus): string {
  if (isSetUp === false) return t('hosting.notSetUp')
  return people === 0 ? t('hosting.nobody') : t('hosting.people', { count: people })
}
