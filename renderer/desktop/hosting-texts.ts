import type { HostStatus } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'

const stateTextKeys = {
  running: 'hosting.running',
  starting: 'hosting.starting',
  stopping: 'hosting.stopping',
  stopped: 'hosting.stopped',
} as const

/** The state of the hub of this computer. */
export function stateText({ state, willRestart: comesBack, isStandby }: HostStatus): string {
  if (state === 'running' && isStandby) return t('hosting.standby')
  if (state === 'crashed') return t(comesBack ? 'hosting.comesBack' : 'hosting.down')
  return t(stateTextKeys[state])
}

/** What there is to know of a hub that runs. */
export function detailText({ isSetUp, connectedUsers: people = 0 }: HostStatus): string {
  if (isSetUp === false) return t('hosting.notSetUp')
  return people === 0 ? t('hosting.nobody') : t('hosting.people', { count: people })
}
